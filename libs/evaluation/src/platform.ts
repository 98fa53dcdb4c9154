import {
  compareUtf8,
  healthStatuses,
  inputTopics,
  type FleetRow,
  type FleetSlice,
  type HealthStatus,
  type InputPosition,
  type PlatformReported,
  type PlatformTotals,
  type StatusSummary,
} from '@tidemark/model'
import { severestNewest } from './alerting/fleet-alerts.ts'
import { alertBytesMax, bytesMaxOf, firstThatFit, grouped } from './event-bytes.ts'
import { mergeIgnored } from './ignored-traffic.ts'
import { addTotals, totalsOf } from './platform-totals.ts'

/** What a report says, without its place in a topic. */
export type PlatformReport = Omit<PlatformReported, 'type' | 'cause' | 'id'>

/** What one partition adds to a report: all parts of its slice of a window. */
export type PartitionView = Pick<
  FleetSlice,
  | 'partition'
  | 'windowEndUs'
  | 'previousWindowEndUs'
  | 'alertCount'
  | 'alerts'
  | 'ignored'
  | 'positions'
> & {
  readonly summary: StatusSummary
  readonly totals: PlatformTotals
  /** Worst first, then by name; perhaps only the first of them. */
  readonly rows: readonly FleetRow[]
}

/** Rows of a report event; a store may ask for more. */
export const reportRowsMax = 1000

/** The view that the parts of one slice make, in their order. Keeps `rowsMax` rows: a report cannot show more of one partition. */
export const partitionView = (
  parts: readonly [FleetSlice, ...FleetSlice[]],
  rowsMax = reportRowsMax,
): PartitionView => {
  const [{ partition, windowEndUs, previousWindowEndUs, alertCount, alerts, ignored, positions }] =
    parts
  const rows = parts.flatMap((part) => part.rows)
  return {
    partition,
    windowEndUs,
    previousWindowEndUs,
    alertCount,
    alerts,
    ignored,
    positions,
    summary: summaryOfRows(rows),
    totals: totalsOf(rows),
    rows: worstFirst(rows, rowsMax),
  }
}

/** The platform as of `asOfUs`, from one view of each partition that has one by then. */
export const reportPlatform = (
  asOfUs: number,
  views: readonly PartitionView[],
  rowsMax = reportRowsMax,
): PlatformReport => {
  const summary = addSummaries(views.map((view) => view.summary))
  const serviceCount = countOf(summary)
  const alertCount = views.reduce((sum, view) => sum + view.alertCount, 0)
  const alerts = severestNewest(views.flatMap((view) => view.alerts))
  const services = worstFirst(
    views.flatMap((view) => view.rows),
    rowsMax,
  )
  return {
    asOfUs,
    overallHealth: overallHealth(summary),
    serviceCount,
    summary,
    alertCount,
    alerts,
    alertsOmitted: alertCount - alerts.length,
    services,
    servicesOmitted: serviceCount - services.length,
    totals: addTotals(views.map((view) => view.totals)),
    ignored: mergeIgnored(views.flatMap((view) => view.ignored)),
    positions: views.flatMap((view) => view.positions).toSorted(comparePositions),
  }
}

/** The report with as many of its alerts and services as one event holds. */
export const fitToEvent = (report: PlatformReport): PlatformReport => {
  const alerts = firstThatFit(report.alerts, alertBytesMax)
  const beside = { ...report, alerts, services: [] }
  const [services = []] = grouped(report.services, reportRowsMax, bytesMaxOf(beside))
  return {
    ...report,
    alerts,
    alertsOmitted: report.alertCount - alerts.length,
    services,
    servicesOmitted: report.serviceCount - services.length,
  }
}

/** Worst of the services, those under maintenance left out; unknown only when nothing better or worse is known. */
export const overallHealth = (summary: StatusSummary): HealthStatus =>
  platformStatuses.find((status) => summary[status] > 0) ?? 'unknown'

export const addSummaries = (summaries: readonly StatusSummary[]): StatusSummary =>
  summaryBy((status) => summaries.reduce((sum, summary) => sum + summary[status], 0))

const platformStatuses = ['down', 'critical', 'degraded', 'healthy'] as const

const summaryOfRows = (rows: readonly FleetRow[]): StatusSummary =>
  summaryBy((status) => rows.filter((row) => row.status === status).length)

const summaryBy = (count: (status: HealthStatus) => number): StatusSummary => ({
  healthy: count('healthy'),
  degraded: count('degraded'),
  critical: count('critical'),
  down: count('down'),
  unknown: count('unknown'),
  maintenance: count('maintenance'),
})

const countOf = (summary: StatusSummary): number =>
  healthStatuses.reduce((sum, status) => sum + summary[status], 0)

const worstFirst = (rows: readonly FleetRow[], rowsMax: number): readonly FleetRow[] =>
  rows
    .toSorted(
      (a, b) =>
        healthStatuses.indexOf(a.status) - healthStatuses.indexOf(b.status) ||
        compareUtf8(a.service, b.service),
    )
    .slice(0, rowsMax)

const comparePositions = (a: InputPosition, b: InputPosition): number =>
  inputTopics.indexOf(a.topic) - inputTopics.indexOf(b.topic) || a.partition - b.partition
