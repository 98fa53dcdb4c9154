import type {
  AlertEvent,
  FleetSlice,
  HealthWindowClosed,
  OperationCounts,
  PartitionAdvanced,
  PlatformReported,
  RequestCounts,
  RequestWindowClosed,
  ServiceAssessed,
} from '@tidemark/model'
import { documentOf } from './documents.ts'
import type { SqlStatements, SqlValue } from './sql.ts'

/** What goes into the store in one transaction. */
export type SnapshotEvent =
  | RequestWindowClosed
  | HealthWindowClosed
  | PartitionAdvanced
  | ServiceAssessed
  | AlertEvent
  | FleetSlice
  | PlatformReported

/**
 * Writes events as rows, one statement after the other with all of its rows. Every statement is guarded: a repeat changes nothing, an older
 * version never replaces a newer one (I9); so the order of events does not matter.
 */
export const writeRows = async (
  sql: SqlStatements,
  events: readonly SnapshotEvent[],
): Promise<void> => {
  const batches = new Map<string, SqlValue[][]>()
  const add = (statement: string, row: SqlValue[]): void => {
    const rows = batches.get(statement)
    if (rows === undefined) batches.set(statement, [row])
    else rows.push(row)
  }
  for (const event of events) addRows(event, add)
  for (const [statement, rows] of batches) await sql.run(statement, ...rows)
}

type Add = (statement: string, row: SqlValue[]) => void

const addRows = (event: SnapshotEvent, add: Add): void => {
  switch (event.type) {
    case 'RequestWindowClosed':
      add(insertRequestWindow, requestWindowRow(event))
      for (const operation of event.operations) add(insertOperation, operationRow(event, operation))
      return
    case 'HealthWindowClosed':
      add(insertHealthWindow, healthWindowRow(event))
      return
    case 'PartitionAdvanced':
      add(upsertAdvance, [
        event.topic,
        event.partition,
        event.position,
        event.clockMs,
        documentOf(event),
      ])
      return
    case 'ServiceAssessed':
      add(upsertAssessment, [
        event.service,
        event.cause.partition,
        event.windowEndUs,
        event.status,
        event.sinceUs,
        documentOf(event),
      ])
      return
    case 'FleetSlice':
      add(insertSlice, [
        event.partition,
        event.windowEndUs,
        event.part,
        event.parts,
        documentOf(event),
      ])
      return
    case 'PlatformReported':
      add(insertReport, [
        event.asOfUs,
        event.overallHealth,
        event.serviceCount,
        event.alertCount,
        documentOf(event),
      ])
      return
    default:
      add(upsertAlert, alertRow(event))
      add(insertAlertEvent, [
        event.alertId,
        event.cause.windowEndUs,
        event.cause.index,
        event.type,
        documentOf(event),
      ])
  }
}

const values = (count: number): string =>
  Array.from({ length: count }, (_, i) => `$${i + 1}`).join(', ')

const insertRequestWindow = `insert into request_window (partition, service, overflow, window_start_us, window_end_us,
  total, failed, statuses, over_range, latency_us_max, histogram, identity_checked, input, cause_offset, cause_index, id)
  values (${values(16)}) on conflict do nothing`
const insertOperation = `insert into request_operation (partition, service, overflow, window_start_us, operation,
  operation_overflow, total, failed, statuses, over_range, latency_us_max, histogram)
  values (${values(12)}) on conflict do nothing`
const insertHealthWindow = `insert into health_window (partition, service, overflow, window_start_us, window_end_us,
  passed, failed, checks, identity_checked, input, cause_offset, cause_index, id)
  values (${values(13)}) on conflict do nothing`
const upsertAdvance = `insert into partition_advance (topic, partition, position, clock_ms, document)
  values (${values(5)}) on conflict (topic, partition) do update set
  position = excluded.position, clock_ms = excluded.clock_ms, document = excluded.document
  where excluded.position > partition_advance.position`
const upsertAssessment = `insert into assessment (service, partition, window_end_us, status, since_us, document)
  values (${values(6)}) on conflict (service) do update set
  partition = excluded.partition, window_end_us = excluded.window_end_us, status = excluded.status,
  since_us = excluded.since_us, document = excluded.document
  where excluded.window_end_us > assessment.window_end_us`
const insertSlice = `insert into fleet_slice (partition, window_end_us, part, parts, document)
  values (${values(5)}) on conflict do nothing`
const insertReport = `insert into platform_report (as_of_us, overall_health, service_count, alert_count, document)
  values (${values(5)}) on conflict do nothing`
const upsertAlert = `insert into alert (alert_id, fingerprint, rule, service, severity, state, raised_at_us,
  resolved_at_us, version_window_end_us, version_index)
  values (${values(10)}) on conflict (alert_id) do update set
  severity = excluded.severity, state = excluded.state, resolved_at_us = excluded.resolved_at_us,
  version_window_end_us = excluded.version_window_end_us, version_index = excluded.version_index
  where (excluded.version_window_end_us, excluded.version_index) > (alert.version_window_end_us, alert.version_index)`
const insertAlertEvent = `insert into alert_event (alert_id, window_end_us, cause_index, type, document)
  values (${values(5)}) on conflict do nothing`

const requestWindowRow = (event: RequestWindowClosed): SqlValue[] => [
  event.cause.partition,
  event.service,
  Number(event.overflow),
  event.windowStartUs,
  event.windowEndUs,
  ...countsRow(event),
  Number(event.identityChecked),
  documentOf(event.input),
  event.cause.offset,
  event.cause.index,
  event.id,
]

const operationRow = (event: RequestWindowClosed, operation: OperationCounts): SqlValue[] => [
  event.cause.partition,
  event.service,
  Number(event.overflow),
  event.windowStartUs,
  operation.operation,
  Number(operation.overflow),
  ...countsRow(operation),
]

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
  documentOf(event.input),
  event.cause.offset,
  event.cause.index,
  event.id,
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
