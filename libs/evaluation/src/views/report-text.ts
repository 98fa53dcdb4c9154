import { isoOf } from '@tidemark/model'
import { counted } from '../format.ts'
import type { PlatformReport } from '../platform.ts'
import { sectionLines, unpainted, type Painter, type Section } from './section.ts'
import { alertsSection } from './sections/alerts.ts'
import { costsSection } from './sections/costs.ts'
import { objectivesSection } from './sections/objectives.ts'
import { governanceSection, reliabilitySection, standingSection } from './sections/scorecards.ts'
import { servicesSection, unregisteredNote } from './sections/services.ts'

/** Rows of a section; of services as many as the report holds. */
const rowsMax = 20

/**
 * A platform report for a terminal: one line on the whole, then what there is to say of services, alerts, objectives, costs and
 * scorecards. Tables leave out columns to fit into `width`; the last column of each may be longer. Ends with a line break.
 */
export const reportText = (
  report: PlatformReport,
  width = 120,
  paint: Painter = unpainted,
): string => {
  const lines = [
    headline(report),
    ...reportSections(report).flatMap((section) => [
      ...(section.name === 'services' ? [] : ['']),
      ...sectionLines(section, width, paint),
      ...noteOf(section, report),
    ]),
    ...(report.ignored.length > 0 ? ['', ...ignoredLines(report)] : []),
  ]
  return `${lines.join('\n')}\n`
}

export const headline = (report: PlatformReport): string =>
  `Platform ${report.overallHealth} as of ${isoOf(report.asOfUs)}`

/** Services and alerts always; of the rest what there is something to say about. */
export const reportSections = (report: PlatformReport): readonly Section[] => {
  const { totals, services } = report
  return [
    servicesSection(report, Number.MAX_SAFE_INTEGER),
    alertsSection(report, rowsMax),
    ...(totals.slosJudged > 0 ? [objectivesSection(report, rowsMax)] : []),
    ...(totals.costs.length > 0 ? [costsSection(report, rowsMax)] : []),
    ...(totals.reliabilityCount > 0 ? [reliabilitySection(report, rowsMax)] : []),
    ...(services.some(({ governance }) => governance !== null)
      ? [governanceSection(report, rowsMax)]
      : []),
    ...(services.some(({ standing }) => standing.status !== 'healthy')
      ? [standingSection(report, rowsMax)]
      : []),
  ]
}

const noteOf = ({ name }: Section, { services }: PlatformReport): readonly string[] => {
  const note = name === 'services' ? unregisteredNote(services) : null
  return note === null ? [] : [note]
}

/** Traffic of services that the configuration says to ignore. */
export const ignoredLines = ({ ignored }: PlatformReport): readonly string[] =>
  ignored.map(({ service, events }) => `Not judged: ${service}, ${counted(events, 'event')}`)
