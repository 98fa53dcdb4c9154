import {
  isAlertEvent,
  type AlertEvent,
  type FactApplied,
  type FleetSlice,
  type HealthWindowClosed,
  type PartitionAdvanced,
  type PlatformReported,
  type RequestCounts,
  type RequestWindowClosed,
  type ServiceAssessed,
} from '@tidemark/model'
import { documentOf } from './documents.ts'
import {
  factRow,
  facts,
  latencyHourRows,
  latencyHours,
  sloHourRows,
  sloHours,
  statusChangeRows,
  statusChanges,
} from './history.ts'
import type { SqlInsert, SqlStatements, SqlValue } from './sql.ts'
import { table } from './table.ts'

/** What goes into the store in one transaction. */
export type SnapshotEvent =
  | RequestWindowClosed
  | HealthWindowClosed
  | PartitionAdvanced
  | FactApplied
  | ServiceAssessed
  | AlertEvent
  | FleetSlice
  | PlatformReported

type EventOf<K extends SnapshotEvent['type']> = Extract<SnapshotEvent, { readonly type: K }>

/**
 * Writes events as rows, table by table. Every statement is guarded: a repeat changes nothing, an older version never replaces a newer one
 * (I9); so the order of events does not matter.
 */
export const writeRows = async (
  sql: SqlStatements,
  events: readonly SnapshotEvent[],
): Promise<void> => {
  const byType = Map.groupBy(events, ({ type }) => type)
  const of = <K extends SnapshotEvent['type']>(type: K): readonly EventOf<K>[] =>
    (byType.get(type) ?? []) as EventOf<K>[]
  const windows = of('RequestWindowClosed')
  const alerts: readonly AlertEvent[] = events.filter(isAlertEvent)
  const fleet = of('FleetSlice')
  const batches: readonly (readonly [SqlInsert, readonly (readonly SqlValue[])[]])[] = [
    [requestWindows, windows.map(requestWindowRow)],
    [requestOperations, windows.flatMap(operationRows)],
    [healthWindows, of('HealthWindowClosed').map(healthWindowRow)],
    [advances, newestAdvances(of('PartitionAdvanced')).map(advanceRow)],
    [assessments, newestAssessments(of('ServiceAssessed')).map(assessmentRow)],
    [alertStates, newestAlerts(alerts).map(alertRow)],
    [alertEvents, alerts.map(alertEventRow)],
    [facts, of('FactApplied').map(factRow)],
    [slices, fleet.map(sliceRow)],
    [sloHours, sloHourRows(fleet)],
    [statusChanges, statusChangeRows(fleet)],
    [latencyHours, latencyHourRows(fleet)],
    [reports, of('PlatformReported').map(reportRow)],
  ]
  for (const [into, rows] of batches) if (rows.length > 0) await sql.insert(into, rows)
}

/** The newest of each key: of those that are equally new the first, as if they were written one after the other. */
const newest =
  <E>(keyOf: (event: E) => string, isNewer: (event: E, known: E) => boolean) =>
  (events: readonly E[]): readonly E[] => {
    const byKey = new Map<string, E>()
    for (const event of events) {
      const known = byKey.get(keyOf(event))
      if (known === undefined || isNewer(event, known)) byKey.set(keyOf(event), event)
    }
    return [...byKey.values()]
  }

const newestAdvances = newest<PartitionAdvanced>(
  ({ topic, partition }) => `${topic} ${partition}`,
  (event, known) => event.position > known.position,
)
const newestAssessments = newest<ServiceAssessed>(
  ({ service }) => service,
  (event, known) => event.windowEndUs > known.windowEndUs,
)
const newestAlerts = newest<AlertEvent>(
  ({ alertId }) => alertId,
  ({ cause }, { cause: known }) =>
    cause.windowEndUs > known.windowEndUs ||
    (cause.windowEndUs === known.windowEndUs && cause.index > known.index),
)

const requestWindows = table(
  'request_window',
  `partition, service, overflow, window_start_us, window_end_us, total, failed, statuses, over_range, latency_us_max, histogram,
   identity_checked, incomplete, input, cause_offset, cause_index, id`,
)
const requestOperations = table(
  'request_operation',
  `partition, service, overflow, window_start_us, operation, operation_overflow, total, failed, statuses, over_range, latency_us_max,
   histogram`,
)
const healthWindows = table(
  'health_window',
  `partition, service, overflow, window_start_us, window_end_us, passed, failed, checks, identity_checked, incomplete, input,
   cause_offset, cause_index, id`,
)
const advances = table(
  'partition_advance',
  'topic, partition, position, clock_ms, document',
  `(topic, partition) do update set
   position = excluded.position, clock_ms = excluded.clock_ms, document = excluded.document
   where excluded.position > partition_advance.position`,
)
const assessments = table(
  'assessment',
  'service, partition, window_end_us, status, since_us, document',
  `(service) do update set
   partition = excluded.partition, window_end_us = excluded.window_end_us, status = excluded.status,
   since_us = excluded.since_us, document = excluded.document
   where excluded.window_end_us > assessment.window_end_us`,
)
const alertStates = table(
  'alert',
  `alert_id, fingerprint, rule, service, severity, state, raised_at_us, resolved_at_us, version_window_end_us, version_index`,
  `(alert_id) do update set
   severity = excluded.severity, state = excluded.state, resolved_at_us = excluded.resolved_at_us,
   version_window_end_us = excluded.version_window_end_us, version_index = excluded.version_index
   where (excluded.version_window_end_us, excluded.version_index) > (alert.version_window_end_us, alert.version_index)`,
)
const alertEvents = table('alert_event', 'alert_id, window_end_us, cause_index, type, document')
const slices = table('fleet_slice', 'partition, window_end_us, part, parts, document')
const reports = table(
  'platform_report',
  'as_of_us, overall_health, service_count, alert_count, document',
)

const requestWindowRow = (event: RequestWindowClosed): SqlValue[] => [
  event.cause.partition,
  event.service,
  Number(event.overflow),
  event.windowStartUs,
  event.windowEndUs,
  ...countsRow(event),
  Number(event.identityChecked),
  Number(event.incomplete),
  documentOf(event.input),
  event.cause.offset,
  event.cause.index,
  event.id,
]

const operationRows = (event: RequestWindowClosed): SqlValue[][] =>
  event.operations.map((operation) => [
    event.cause.partition,
    event.service,
    Number(event.overflow),
    event.windowStartUs,
    operation.operation,
    Number(operation.overflow),
    ...countsRow(operation),
  ])

const countsRow = (counts: RequestCounts): SqlValue[] => [
  counts.total,
  counts.failed,
  documentOf(counts.statuses),
  counts.overRange,
  counts.latencyUsMax,
  counts.histogram,
]

const healthWindowRow = (event: HealthWindowClosed): SqlValue[] => [
  event.cause.partition,
  event.service,
  Number(event.overflow),
  event.windowStartUs,
  event.windowEndUs,
  event.passed,
  event.failed,
  documentOf(event.checks),
  Number(event.identityChecked),
  Number(event.incomplete),
  documentOf(event.input),
  event.cause.offset,
  event.cause.index,
  event.id,
]

const advanceRow = (event: PartitionAdvanced): SqlValue[] => [
  event.topic,
  event.partition,
  event.position,
  event.clockMs,
  documentOf(event),
]

const assessmentRow = (event: ServiceAssessed): SqlValue[] => [
  event.service,
  event.cause.partition,
  event.windowEndUs,
  event.status,
  event.sinceUs,
  documentOf(event),
]

const alertRow = (event: AlertEvent): SqlValue[] => [
  event.alertId,
  event.fingerprint,
  event.rule,
  event.service,
  event.severity,
  event.type === 'AlertResolved' ? 'resolved' : 'firing',
  event.raisedAtUs,
  event.type === 'AlertResolved' ? event.resolvedAtUs : null,
  event.cause.windowEndUs,
  event.cause.index,
]

const alertEventRow = (event: AlertEvent): SqlValue[] => [
  event.alertId,
  event.cause.windowEndUs,
  event.cause.index,
  event.type,
  documentOf(event),
]

const sliceRow = (event: FleetSlice): SqlValue[] => [
  event.partition,
  event.windowEndUs,
  event.part,
  event.parts,
  documentOf(event),
]

const reportRow = (event: PlatformReported): SqlValue[] => [
  event.asOfUs,
  event.overallHealth,
  event.serviceCount,
  event.alertCount,
  documentOf(event),
]
