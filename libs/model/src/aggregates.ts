import type { InputRange } from './digest.ts'
import type { Fact } from './facts.ts'
import type { Id } from './identity.ts'
import type { Ledger, RejectReason } from './ledger.ts'
import type { InputTopic } from './topics.ts'

// What the aggregator writes.

/** What the aggregator's records are caused by: the `index`-th output of an input record. */
export type InputCause = {
  readonly topic: InputTopic
  readonly partition: number
  readonly offset: number
  readonly index: number
}

export type StatusCount = { readonly status: number; readonly events: number }

/** Counters and latencies of one operation, or of the merge of all. */
export type RequestCounts = {
  readonly total: number
  readonly failed: number
  /** Sorted by status; the sum is `total` (I3). */
  readonly statuses: readonly StatusCount[]
  /** Latencies above the histogram's range: recorded in its last slot and counted here. */
  readonly overRange: number
  /** Exact; null at total 0. */
  readonly latencyUsMax: number | null
  /** Uncompressed HdrHistogram V2; its slots add up to `total` (I3). */
  readonly histogram: Uint8Array
}

export type OperationCounts = RequestCounts & {
  /** Empty: the producer gave none. */
  readonly operation: string
  /** True for the one row that holds the operations above the cap; its name is empty. */
  readonly overflow: boolean
}

/** A service's requests in one window, emitted once when it closes. */
export type RequestWindowClosed = RequestCounts & {
  readonly type: 'RequestWindowClosed'
  readonly cause: InputCause
  readonly id: Id
  readonly service: string
  /** True for the one row that holds the services above the cap; its name is `overflow`. */
  readonly overflow: boolean
  readonly windowStartUs: number
  readonly windowEndUs: number
  /** Sorted by name; their totals add up to `total`. */
  readonly operations: readonly OperationCounts[]
  /** False when the window held more identities than the cap: repeats may then have counted. */
  readonly identityChecked: boolean
  /** True when the log had removed records, before they were read, that may have held events of this window. */
  readonly incomplete: boolean
  readonly input: InputRange
}

export type CheckCounts = {
  /** Empty: the producer gave none. */
  readonly check: string
  readonly overflow: boolean
  readonly passed: number
  readonly failed: number
}

/** A service's health checks in one window, emitted once when it closes. */
export type HealthWindowClosed = {
  readonly type: 'HealthWindowClosed'
  readonly cause: InputCause
  readonly id: Id
  readonly service: string
  readonly overflow: boolean
  readonly windowStartUs: number
  readonly windowEndUs: number
  readonly passed: number
  readonly failed: number
  readonly checks: readonly CheckCounts[]
  readonly identityChecked: boolean
  readonly incomplete: boolean
  readonly input: InputRange
}

export type Stretch = { readonly fromMs: number; readonly toMs: number }
export type LateCount = { readonly service: string; readonly events: number }

/**
 * The clock of an input partition passed the close of a window (or is known for the first time). Written after the windows that the
 * same record closed, before its own events are placed.
 */
export type PartitionAdvanced = {
  readonly type: 'PartitionAdvanced'
  readonly cause: InputCause
  readonly id: Id
  readonly topic: InputTopic
  readonly partition: number
  readonly clockMs: number
  /** Offset of the causing record: the ledger counts everything below it. */
  readonly position: number
  readonly ledger: Ledger
  /** A stretch without any record, longer than one window and three tick intervals; `fromMs` 0: nothing came before. */
  readonly unwatched: Stretch | null
  /** Late events since the last `PartitionAdvanced`, by service, sorted. */
  readonly late: readonly LateCount[]
}

/** A fact, in the order of its partition. It acts on windows that start at or after `clockMs`. */
export type FactApplied = {
  readonly type: 'FactApplied'
  readonly cause: InputCause
  readonly id: Id
  /** Stream clock of the partition of `facts` at this record. */
  readonly clockMs: number
  readonly fact: Fact
}

/** An input record, or some of its events, that could not be counted. */
export type RecordRejected = {
  readonly type: 'RecordRejected'
  readonly cause: InputCause
  readonly id: Id
  readonly reason: RejectReason
  readonly detail: string
  /** Which events of the record, by index; empty: the whole record, which counts as one event. */
  readonly indexes: readonly number[]
  readonly timestampMs: number
  /** Key and value as they were, cut at the layout's limit; `bytes` is their true length. */
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly valueBytes: number
}
