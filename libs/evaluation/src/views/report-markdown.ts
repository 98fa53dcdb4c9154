import { isoOf } from '@tidemark/model'
import { latencyText, minuteText, percentText } from '../format.ts'
import type { PlatformReport } from '../platform.ts'
import { statusSpans, type Digest, type HourlyLatency } from './digest.ts'
import { diffHeadline, diffSections } from './diff-text.ts'
import { headline, ignoredLines, reportSections } from './report-text.ts'
import { omittedLines, type Section } from './section.ts'
import { periodAlertsSection } from './sections/period.ts'
import { unregisteredNote } from './sections/services.ts'
import { hourUs } from './slo-figures.ts'
import { sparkline } from './sparkline.ts'
import { absentText } from './text-table.ts'

const alertsMax = 50

/** A report with what led to it as Markdown, with tables as GitHub has them. Ends with a line break. */
export const reportMarkdown = (digest: Digest): string => {
  const { report, alerts, fromUs, diff } = digest
  const blocks = [
    `# ${escapedText(headline(report))}`,
    `Looking back to ${minuteText(fromUs)} UTC.`,
    ...reportSections(report).map((section) => sectionMarkdown(section, report)),
    ...ignoredLines(report).map(escapedText),
    ...latencyMarkdown(digest),
    ...(alerts.length === 0
      ? []
      : [
          `## Alerts since ${minuteText(fromUs)}`,
          tableMarkdown(periodAlertsSection(alerts, alertsMax)),
        ]),
    '## What changed',
    ...(diff === null
      ? [`Nothing was judged at ${isoOf(fromUs)}: there is nothing to compare with.`]
      : [
          escapedText(diffHeadline(diff)),
          ...diffSections(diff).flatMap((section) => [
            `### ${escapedText(section.title)}`,
            tableMarkdown(section),
          ]),
        ]),
  ]
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`
}

const sectionMarkdown = (section: Section, { services }: PlatformReport): string => {
  const note = section.name === 'services' ? unregisteredNote(services) : null
  return [
    `## ${escapedText(section.title)}`,
    tableMarkdown(section),
    ...[...omittedLines(section), ...(note === null ? [] : [note])].map(escapedText),
  ]
    .filter((block) => block !== '')
    .join('\n\n')
}

/** Columns that say nothing are left out. */
const tableMarkdown = ({ columns, rows }: Section): string => {
  const shown = columns
    .map((column, at) => ({ ...column, at }))
    .filter(({ at }) =>
      rows.some((row) => (row[at]?.text ?? '') !== '' && row[at]?.text !== absentText),
    )
  if (rows.length === 0) return ''
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [
    line(shown.map(({ title }) => titleText(title))),
    line(shown.map(({ align }) => (align === 'right' ? '---:' : '---'))),
    ...rows.map((row) => line(shown.map(({ at }) => escapedText(row[at]?.text ?? '')))),
  ].join('\n')
}

/** `BUDGET LEFT`: Budget left. */
const titleText = (title: string): string => title.slice(0, 1) + title.slice(1).toLowerCase()

/** How the status and the p99 went, for the services whose history is there. */
const latencyMarkdown = ({ services, fromUs, report: { asOfUs } }: Digest): readonly string[] => {
  if (services.length === 0) return []
  const rows = services.map(({ service, statuses, latencies }) => {
    const spans = statusSpans(statuses, fromUs, asOfUs)
    const troubledUs = spans
      .filter(({ status }) => status === 'down' || status === 'critical' || status === 'degraded')
      .reduce((sum, span) => sum + span.toUs - span.fromUs, 0)
    const knownUs = spans.reduce((sum, span) => sum + span.toUs - span.fromUs, 0)
    return { service, troubledUs, knownUs, line: latencyLine(latencies, fromUs, asOfUs) }
  })
  return [
    '## How it went',
    [
      '| Service | In trouble | P99 |',
      '| --- | ---: | --- |',
      ...rows.map(
        ({ service, troubledUs, knownUs, line }) =>
          `| ${escapedText(service)} | ${knownUs === 0 ? absentText : percentText(troubledUs, knownUs)} | ${line} |`,
      ),
    ].join('\n'),
  ]
}

const piecesMax = 56

/** The highest p99 of each piece of the time, in at most so many pieces. */
const latencyLine = (latencies: readonly HourlyLatency[], fromUs: number, toUs: number): string => {
  const pieces = Math.max(1, Math.min(piecesMax, Math.ceil((toUs - fromUs) / hourUs)))
  const worst = Array<number | null>(pieces).fill(null)
  for (const { hourStartUs, p99UsMax } of latencies) {
    const at = Math.floor(((hourStartUs - fromUs) * pieces) / (toUs - fromUs))
    const clamped = Math.max(0, Math.min(pieces - 1, at))
    worst[clamped] = Math.max(worst[clamped] ?? 0, p99UsMax)
  }
  const top = latencies.reduce((most, { p99UsMax }) => Math.max(most, p99UsMax), 0)
  return top === 0
    ? absentText
    : `${sparkline(worst, { full: 0, unicode: true })} up to ${latencyText(top)}`
}

/** What Markdown or HTML would take for its own is escaped. */
const escapedText = (text: string): string =>
  text
    .replaceAll(/[\\`*_[\]#|~]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
