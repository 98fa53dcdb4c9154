import { healthStatuses, isoOf, type FleetAlert, type FleetRow } from '@tidemark/model'
import { latencyText, percentText } from '../format.ts'
import type { PlatformReport } from '../platform.ts'

/** A platform report for a terminal: one line on the whole, a table of services, the alerts. Ends with a line break. */
export const reportText = (report: PlatformReport): string => {
  const lines = [
    `Platform ${report.overallHealth} as of ${isoOf(report.asOfUs)}`,
    `${countText(report.serviceCount, 'service')}: ${summaryText(report)}`,
    '',
    ...tableText([header, ...report.services.map(rowText)]),
    ...omittedText(report.servicesOmitted, 'service'),
    '',
    report.alertCount === 0
      ? 'No alerts firing'
      : `${countText(report.alertCount, 'alert')} firing`,
    ...tableText(report.alerts.map(alertText)),
    ...omittedText(report.alertsOmitted, 'alert'),
    ...report.ignored.map(
      ({ service, events }) => `Not judged: ${service}, ${countText(events, 'event')}`,
    ),
  ]
  return `${lines.join('\n')}\n`
}

const header = [
  'SERVICE',
  'STATUS',
  'SINCE',
  'ERRORS',
  'P50',
  'P99',
  'REQUESTS',
  'AVAILABLE',
  'TEAM',
]

const rowText = (row: FleetRow): readonly string[] => {
  const { errorRate, latency, availability } = row.signals
  return [
    row.registered ? row.service : `${row.service} (unregistered)`,
    row.stale ? `${row.status} (stale)` : row.status,
    isoOf(row.sinceUs),
    errorRate === null ? '-' : percentText(errorRate.failed, errorRate.total),
    latency === null ? '-' : latencyText(latency.p50.valueUs),
    latency === null ? '-' : latencyText(latency.p99.valueUs),
    errorRate === null ? '-' : `${errorRate.total}`,
    availability === null ? '-' : percentText(availability.passed, availability.total),
    row.team ?? '-',
  ]
}

const alertText = (alert: FleetAlert): readonly string[] => [
  alert.severity,
  isoOf(alert.raisedAtUs),
  alert.rule,
  alert.summary,
]

const summaryText = ({ summary }: PlatformReport): string => {
  const counts = healthStatuses
    .filter((status) => summary[status] > 0)
    .map((status) => `${summary[status]} ${status}`)
  return counts.length === 0 ? 'none' : counts.join(', ')
}

const countText = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`

const omittedText = (count: number, noun: string): readonly string[] =>
  count === 0 ? [] : [`... and ${countText(count, `more ${noun}`)}`]

/** Columns as wide as their widest cell; the last one is left as it is. */
const tableText = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => Array.from(row[column] ?? '').length)),
  )
  return rows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - Array.from(cell).length))
      .join('  ')
      .trimEnd(),
  )
}
