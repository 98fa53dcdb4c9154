import {
  compareUtf8,
  type AlertEvent,
  type FactApplied,
  type FleetSlice,
  type HealthWindowClosed,
  type Offset,
  type PartitionAdvanced,
  type PlatformReported,
  type RequestWindowClosed,
  type ServiceAssessed,
  type TopicName,
} from '@tidemark/model'
import { fromDocument } from './documents.ts'
import {
  factsOf,
  latencyHoursOf,
  sloHoursOf,
  statusChangesOf,
  type FactQuery,
  type HistoryQuery,
  type StoredLatencyHour,
  type StoredSloHour,
  type StoredStatusChange,
} from './history-queries.ts'
import { pruneStatements } from './prune.ts'
import { writeRows, type SnapshotEvent } from './rows.ts'
import { migrate, requireVersion } from './schema.ts'
import type { Sql, SqlInsert, SqlStatements, SqlValue } from './sql.ts'
import { healthWindowsOf, requestWindowsOf, type WindowQuery } from './windows.ts'

export type StoredPosition = {
  readonly topic: TopicName
  readonly partition: number
  /** The next record to read. */
  readonly position: Offset
}

/** Snapshots of what the topics say, for consoles and the command line; converges to the topics (I9). */
export type SnapshotStore = {
  readonly positions: () => Promise<readonly StoredPosition[]>
  /**
   * Rows and positions in one transaction. Repeats and older versions change nothing; positions never move back. `written` is called when
   * they are written and the transaction is still open, for tests that end the process there.
   */
  readonly apply: (
    events: readonly SnapshotEvent[],
    positions: readonly StoredPosition[],
    written?: () => void,
  ) => Promise<void>
  /** Removes windows, slices and reports that ended before, and alerts resolved before; hours and facts are kept for longer. */
  readonly prune: (beforeUs: number) => Promise<void>

  readonly requestWindows: (query: WindowQuery) => Promise<readonly RequestWindowClosed[]>
  readonly healthWindows: (query: WindowQuery) => Promise<readonly HealthWindowClosed[]>
  /** Latest assessment of each service, by name. */
  readonly assessments: () => Promise<readonly ServiceAssessed[]>
  /** All events of the alerts that match, in order of raising, then of their history. */
  readonly alertEvents: (query: AlertQuery) => Promise<readonly AlertEvent[]>
  /** Window end of the newest slice of each partition at or before a time. */
  readonly newestSlices: (atUs: number) => Promise<readonly NewestSlice[]>
  /** The parts of each partition's newest slice at or before a window end. */
  readonly slices: (windowEndUs: number) => Promise<readonly FleetSlice[]>
  /** Newest first. */
  readonly reports: (query: { readonly limit: number }) => Promise<readonly PlatformReported[]>
  /** Hours of objectives that begin within a stretch, by service, objective and time. */
  readonly sloHours: (query: HistoryQuery) => Promise<readonly StoredSloHour[]>
  /** Which status each service had within a stretch, from the one at its beginning on; by service and time. */
  readonly statusChanges: (query: HistoryQuery) => Promise<readonly StoredStatusChange[]>
  /** The highest p99 of each hour that begins within a stretch, by service and time. */
  readonly latencyHours: (query: HistoryQuery) => Promise<readonly StoredLatencyHour[]>
  /** In the order of their clocks, then of their partitions. Those that stand in every partition come once for each. */
  readonly facts: (query: FactQuery) => Promise<readonly FactApplied[]>
  /** The newest advance of each input partition. */
  readonly advances: () => Promise<readonly PartitionAdvanced[]>
  readonly close: () => Promise<void>
}

export type AlertQuery = {
  readonly state: 'firing' | 'any'
  /** Newest first when cut; 0: all. */
  readonly limit: number
  /** Only alerts that still fired after this moment; without it: all. */
  readonly upAfterUs?: number
  /** Only alerts whose id begins so. */
  readonly idPrefix?: string
}

export type NewestSlice = { readonly partition: number; readonly windowEndUs: number }

/**
 * The store in a database, its tables made or brought up to date; with `readOnly` they must be there already. StoreError where a newer
 * program made them.
 */
export const openStore = async (
  sql: Sql,
  options: { readonly readOnly?: boolean } = {},
): Promise<SnapshotStore> => {
  if (options.readOnly === true) await requireVersion(sql)
  else await migrate(sql)
  return {
    positions: async () =>
      (
        await sql.all('select topic, partition, position from position order by topic, partition')
      ).map((row) => ({
        topic: String(row.topic) as TopicName,
        partition: Number(row.partition),
        position: Number(row.position) as Offset,
      })),
    apply: (events, positions, written) =>
      sql.transaction(async (tx) => {
        // First, in one order: the rows of its positions are the lock of a task, so that two writers of it never wait for each other.
        await tx.insert(positionRows, rowsOf(positions))
        await writeRows(tx, events)
        written?.()
      }),
    prune: (beforeUs) =>
      sql.exclusive(async (tx) => {
        for (const statement of pruneStatements) await tx.run(statement, [beforeUs])
      }),
    requestWindows: (query) => requestWindowsOf(sql, query),
    healthWindows: (query) => healthWindowsOf(sql, query),
    assessments: async () =>
      (await documents<ServiceAssessed>(sql, 'select document from assessment')).toSorted((a, b) =>
        compareUtf8(a.service, b.service),
      ),
    alertEvents: ({ state, limit, upAfterUs = -1, idPrefix = '' }) =>
      documents(sql, alertEventsQuery, [
        ...[state, upAfterUs, idPrefix, `${idPrefix}${afterHexadecimal}`],
        limit > 0 ? limit : Number.MAX_SAFE_INTEGER,
      ]),
    newestSlices: async (atUs) =>
      (await sql.all(newestSlicesQuery, [atUs])).map((row) => ({
        partition: Number(row.partition),
        windowEndUs: Number(row.window_end_us),
      })),
    slices: (windowEndUs) => documents(sql, slicesQuery, [windowEndUs]),
    reports: ({ limit }) =>
      documents(sql, 'select document from platform_report order by as_of_us desc limit $1', [
        limit,
      ]),
    sloHours: (query) => sloHoursOf(sql, query),
    statusChanges: (query) => statusChangesOf(sql, query),
    latencyHours: (query) => latencyHoursOf(sql, query),
    facts: (query) => factsOf(sql, query),
    advances: () =>
      documents(sql, 'select document from partition_advance order by topic, partition'),
    close: () => sql.close(),
  }
}

const documents = async <T>(
  sql: SqlStatements,
  query: string,
  values: readonly SqlValue[] = [],
): Promise<readonly T[]> =>
  (await sql.all(query, values)).map((row) => fromDocument<T>(row.document))

const positionRows: SqlInsert = {
  table: 'position',
  columns: ['topic', 'partition', 'position'],
  onConflict: `(topic, partition) do update set position = excluded.position
    where excluded.position > position.position`,
}

const inOrder = (a: StoredPosition, b: StoredPosition): number =>
  compareUtf8(a.topic, b.topic) || a.partition - b.partition

const rowsOf = (positions: readonly StoredPosition[]): readonly (readonly SqlValue[])[] =>
  positions.toSorted(inOrder).map(({ topic, partition, position }) => [topic, partition, position])

/** Ids are hexadecimal in small letters: what begins with a prefix lies between it and this behind it, in any collation. */
const afterHexadecimal = 'g'

// A slice counts when all its parts are there.
const completeSlices = `select partition, window_end_us from fleet_slice where window_end_us <= $1
  group by partition, window_end_us having count(*) = max(parts)`
const newestSlicesQuery = `select partition, max(window_end_us) as window_end_us from (${completeSlices}) as complete
  group by partition order by partition`
const slicesQuery = `select s.document from fleet_slice s join (${newestSlicesQuery}) as newest
  on s.partition = newest.partition and s.window_end_us = newest.window_end_us order by s.partition, s.part`
const alertEventsQuery = `select e.document from alert_event e join
  (select alert_id, raised_at_us from alert where ($1 = 'any' or state = $1)
   and (resolved_at_us is null or resolved_at_us > $2) and alert_id >= $3 and alert_id < $4
   order by raised_at_us desc, alert_id limit $5) as a on e.alert_id = a.alert_id
  order by a.raised_at_us, a.alert_id, e.window_end_us, e.cause_index`
