import { healthStatuses, type FleetRow, type HealthStatus } from '@tidemark/model'
import {
  complianceText,
  counted,
  countText,
  latencyText,
  percentText,
  spanText,
} from '../../format.ts'
import type { PlatformReport } from '../../platform.ts'
import { isMet } from '../../slo/budget.ts'
import { sectionOf, type ColumnOf, type Section, type Tone } from '../section.ts'
import { absentText } from '../text-table.ts'

/** How every service is doing, the worst first. */
export const servicesSection = (report: PlatformReport, rowsMax: number): Section => {
  const { services, servicesOmitted, asOfUs } = report
  return sectionOf({
    name: 'services',
    title: `${counted(report.serviceCount, 'service')}: ${summaryText(report)}`,
    columns: columnsAt(asOfUs),
    rows: services,
    rowsMax,
    omitted: servicesOmitted,
    noun: 'service',
  })
}

/** What stands under the table where a name carries the mark. */
export const unregisteredNote = (rows: readonly FleetRow[]): string | null =>
  rows.some(({ registered }) => !registered) ? '* not registered' : null

export const statusTone = (status: HealthStatus): Tone =>
  status === 'down' || status === 'critical'
    ? 'bad'
    : status === 'degraded'
      ? 'poor'
      : status === 'healthy'
        ? 'good'
        : 'muted'

const columnsAt = (asOfUs: number): readonly ColumnOf<FleetRow>[] => [
  { title: 'SERVICE', text: ({ service, registered }) => (registered ? service : `${service} *`) },
  {
    title: 'STATUS',
    text: ({ status, stale }) => (stale ? `${status} (stale)` : status),
    tone: ({ status }) => statusTone(status),
  },
  { title: 'FOR', text: ({ sinceUs }) => spanText(asOfUs - sinceUs), drop: 2, align: 'right' },
  {
    title: 'ERRORS',
    align: 'right',
    text: ({ signals: { errorRate } }) =>
      errorRate === null ? absentText : percentText(errorRate.failed, errorRate.total),
  },
  {
    title: 'P50',
    align: 'right',
    drop: 5,
    text: ({ signals: { latency } }) =>
      latency === null ? absentText : latencyText(latency.p50.valueUs),
  },
  {
    title: 'P99',
    align: 'right',
    text: ({ signals: { latency } }) =>
      latency === null ? absentText : latencyText(latency.p99.valueUs),
  },
  {
    title: 'REQUESTS',
    align: 'right',
    drop: 4,
    text: ({ signals: { errorRate } }) =>
      errorRate === null ? absentText : countText(errorRate.total),
  },
  {
    title: 'CHECKS',
    align: 'right',
    text: ({ signals: { availability } }) =>
      availability === null ? absentText : percentText(availability.passed, availability.total),
  },
  {
    title: 'SLOS',
    align: 'right',
    text: slosText,
    tone: ({ slos }) => (slos.some(isMissed) ? 'bad' : null),
  },
  {
    title: 'SCORE',
    align: 'right',
    drop: 3,
    text: ({ reliability: { score } }) => (score === null ? absentText : `${score}`),
    tone: ({ reliability: { score } }) => scoreTone(score),
  },
  {
    title: 'STANDING',
    drop: 1,
    text: ({ standing }) => standing.status,
    tone: ({ standing }) => statusTone(standing.status),
  },
  { title: 'TEAM', drop: 6, text: ({ team }) => team ?? absentText },
]

/** Below 70 a score costs points of standing, below 50 more. Source: domain.md section 8. */
export const scoreTone = (score: number | null): Tone | null =>
  score === null || score >= 70 ? null : score < 50 ? 'bad' : 'poor'

const isMissed = ({ counts, targetPpm }: FleetRow['slos'][number]): boolean =>
  isMet(counts, targetPpm) === false

/** How many objectives are met, of those with events. */
const slosText = ({ slos }: FleetRow): string => {
  const judged = slos.filter(({ counts }) => counts.valid > 0)
  return judged.length === 0
    ? absentText
    : `${judged.filter((state) => !isMissed(state)).length}/${judged.length}`
}

const summaryText = ({ summary }: PlatformReport): string => {
  const counts = healthStatuses
    .filter((status) => summary[status] > 0)
    .map((status) => `${countText(summary[status])} ${status}`)
  return counts.length === 0 ? 'none' : counts.join(', ')
}

/** An objective's compliance; absent without events. */
export const sloComplianceText = ({ counts }: FleetRow['slos'][number]): string =>
  counts.valid === 0 ? absentText : complianceText(counts.valid - counts.bad, counts.valid)
