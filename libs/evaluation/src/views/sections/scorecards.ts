import type { FleetRow, ReliabilityScore } from '@tidemark/model'
import { counted } from '../../format.ts'
import type { PlatformReport } from '../../platform.ts'
import { averageReliability } from '../averages.ts'
import { partsText } from '../../scorecard/reasons.ts'
import { sectionOf, type Section } from '../section.ts'
import { scoreTone, statusTone } from './services.ts'

/** Reliability scores below 100, the lowest first, each with what it is made of. */
export const reliabilitySection = (report: PlatformReport, rowsMax: number): Section => {
  const average = averageReliability(report.totals)
  const { reliabilityCount } = report.totals
  return sectionOf({
    name: 'reliability',
    title:
      average === null
        ? 'Reliability: no evidence yet'
        : `Reliability ${average}${reliabilityCount === 1 ? '' : ` on average of ${counted(reliabilityCount, 'service')}`}`,
    columns: [
      { title: 'SERVICE', text: ({ service }) => service },
      {
        title: 'SCORE',
        align: 'right',
        text: ({ reliability: { score } }) => `${score ?? ''}`,
        tone: ({ reliability: { score } }) => scoreTone(score),
      },
      { title: 'POINTS', text: ({ reliability }) => pointsText(reliability) },
    ],
    rows: report.services
      .filter(({ reliability: { score } }) => score !== null && score < 100)
      .toSorted((a, b) => (a.reliability.score ?? 0) - (b.reliability.score ?? 0)),
    rowsMax,
    noun: 'service',
  })
}

/** `uptime 28/40, MTTR 10/25, incidents 12/20, changes 12/15`; what has no evidence is left out of the score, and says so. */
const pointsText = ({ parts }: ReliabilityScore): string =>
  `${partsText(parts)}${parts.some(({ points }) => points === null) ? ' (rescaled)' : ''}`

/** Registered services that fail a governance check. */
export const governanceSection = (report: PlatformReport, rowsMax: number): Section => {
  const { governanceFailures } = report.totals
  const registered = report.services.some(({ governance }) => governance !== null)
  return sectionOf({
    name: 'governance',
    title: !registered
      ? 'Governance: no registered services'
      : governanceFailures === 0
        ? 'Governance: all compliant'
        : `Governance: ${counted(governanceFailures, 'service')} not compliant`,
    columns: [
      { title: 'SERVICE', text: ({ service }) => service },
      {
        title: 'GOVERNANCE',
        text: ({ governance }) => (governance?.status ?? '').replace('_', '-'),
        tone: ({ governance }) => (governance?.status === 'partial' ? 'poor' : 'bad'),
      },
      { title: 'MISSING', text: missingText },
    ],
    rows: report.services.filter(
      ({ governance }) => governance !== null && governance.status !== 'compliant',
    ),
    rowsMax,
    noun: 'service',
  })
}

/** What the checks that failed say is missing, without the service that the row names already. */
const missingText = ({ service, governance }: FleetRow): string =>
  (governance?.findings ?? [])
    .filter(({ result }) => result === 'failed')
    .map(({ check, message }) => (message ?? check).replace(`${service} missing `, ''))
    .join(', ')

/** Services that do not stand well in all dimensions together, the worst first. */
export const standingSection = (report: PlatformReport, rowsMax: number): Section => {
  const rows = report.services
    .filter(({ standing }) => standing.status !== 'healthy')
    .toSorted((a, b) => b.standing.points - a.standing.points)
  const count = (status: string): number =>
    rows.filter(({ standing }) => standing.status === status).length
  const words = (['critical', 'degraded'] as const)
    .filter((status) => count(status) > 0)
    .map((status) => `${count(status)} ${status}`)
  return sectionOf({
    name: 'standing',
    title: `Standing: ${words.length === 0 ? 'all healthy' : words.join(', ')}`,
    columns: [
      { title: 'SERVICE', text: ({ service }) => service },
      {
        title: 'STANDING',
        text: ({ standing }) => standing.status,
        tone: ({ standing }) => statusTone(standing.status),
      },
      { title: 'POINTS', align: 'right', text: ({ standing }) => `${standing.points}` },
      { title: 'BECAUSE OF', text: reasonsText },
    ],
    rows,
    rowsMax,
    noun: 'service',
  })
}

/** Without the details of reliability and governance, which have sections of their own. */
const reasonsText = ({ standing }: FleetRow): string =>
  standing.reasons
    .map((reason) =>
      /^(?:reliability|governance) /.test(reason) ? reason.replace(/: .*$/, '') : reason,
    )
    .join('; ')
