import {
  compareUtf8,
  type HealthWindowClosed,
  type InputRange,
  type OperationCounts,
  type RequestCounts,
  type RequestWindowClosed,
} from '@tidemark/model'
import { fromDocument } from './documents.ts'
import type { SqlRow, SqlStatements } from './sql.ts'

export type WindowQuery = {
  /** Null: of all services. */
  readonly service: string | null
  /** Windows that end after `fromUs` and at or before `toUs`. */
  readonly fromUs: number
  readonly toUs: number
}

const filter = `where ($1 = '' or service = $1) and window_end_us > $2 and window_end_us <= $3`
const valuesOf = ({ service, fromUs, toUs }: WindowQuery): [string, number, number] => [
  service ?? '',
  fromUs,
  toUs,
]

const countColumns = 'total, failed, statuses, over_range, latency_us_max, histogram'
const windowColumns =
  'partition, service, overflow, window_start_us, window_end_us, identity_checked, incomplete, input, cause_offset, cause_index, id'
// One statement sees one state of the database; windows and their operations of two would not always belong together.
const requestWindowsQuery = `with w as (select * from request_window ${filter})
  select ${windowColumns}, ${countColumns}, null as operation, null as operation_overflow from w
  union all
  select o.partition, o.service, o.overflow, o.window_start_us, null, null, null, null, null, null, null,
    ${countColumns
      .split(', ')
      .map((name) => `o.${name}`)
      .join(', ')}, o.operation, o.operation_overflow
  from w join request_operation o on w.service = o.service and w.window_start_us = o.window_start_us
    and w.partition = o.partition and w.overflow = o.overflow`

/** The events again, rebuilt from their rows. */
export const requestWindowsOf = async (
  sql: SqlStatements,
  query: WindowQuery,
): Promise<readonly RequestWindowClosed[]> => {
  const rows = await sql.all(requestWindowsQuery, valuesOf(query))
  const { windows = [], operations = [] } = Object.groupBy(rows, ({ operation }) =>
    operation === null ? 'windows' : 'operations',
  )
  const byWindow = Map.groupBy(operations, keyOf)
  return inOrder(
    windows.map((row) => ({
      type: 'RequestWindowClosed',
      ...windowOf(row, 'requests'),
      ...countsOf(row),
      operations: (byWindow.get(keyOf(row)) ?? []).map(operationOf).sort(byOperation),
    })),
  )
}

const operationOf = (row: SqlRow): OperationCounts => ({
  operation: String(row.operation),
  overflow: Number(row.operation_overflow) === 1,
  ...countsOf(row),
})

export const healthWindowsOf = async (
  sql: SqlStatements,
  query: WindowQuery,
): Promise<readonly HealthWindowClosed[]> => {
  const rows = await sql.all(`select * from health_window ${filter}`, valuesOf(query))
  return inOrder(
    rows.map((row) => ({
      type: 'HealthWindowClosed',
      ...windowOf(row, 'health-checks'),
      passed: Number(row.passed),
      failed: Number(row.failed),
      checks: fromDocument<HealthWindowClosed['checks']>(row.checks),
    })),
  )
}

// Sorted here, for databases differ in how they order text.
const inOrder = <W extends RequestWindowClosed | HealthWindowClosed>(windows: readonly W[]): W[] =>
  windows.toSorted(
    (a, b) =>
      a.windowStartUs - b.windowStartUs ||
      compareUtf8(a.service, b.service) ||
      a.cause.partition - b.cause.partition ||
      Number(a.overflow) - Number(b.overflow),
  )

const byOperation = (a: OperationCounts, b: OperationCounts): number =>
  compareUtf8(a.operation, b.operation) || Number(a.overflow) - Number(b.overflow)

const keyOf = ({ partition, overflow, window_start_us: start, service }: SqlRow): string =>
  [partition, overflow, start, service].map(String).join(' ')

const windowOf = (row: SqlRow, topic: 'requests' | 'health-checks') => ({
  cause: {
    topic,
    partition: Number(row.partition),
    offset: Number(row.cause_offset),
    index: Number(row.cause_index),
  },
  id: String(row.id) as RequestWindowClosed['id'],
  service: String(row.service),
  overflow: Number(row.overflow) === 1,
  windowStartUs: Number(row.window_start_us),
  windowEndUs: Number(row.window_end_us),
  identityChecked: Number(row.identity_checked) === 1,
  incomplete: Number(row.incomplete) === 1,
  input: fromDocument<InputRange>(row.input),
})

const countsOf = (row: SqlRow): RequestCounts => ({
  total: Number(row.total),
  failed: Number(row.failed),
  statuses: fromDocument<RequestCounts['statuses']>(row.statuses),
  overRange: Number(row.over_range),
  latencyUsMax: row.latency_us_max === null ? null : Number(row.latency_us_max),
  histogram: row.histogram as Uint8Array,
})
