import type {
  AlertEvent,
  Checkpoint,
  FactApplied,
  FleetSlice,
  HealthWindowClosed,
  Layout,
  PartitionAdvanced,
  PlatformReported,
  ProcessorName,
  RequestWindowClosed,
  ServiceAssessed,
  TopicName,
} from '@tidemark/model'
import type { StoredLatencyHour, StoredSloHour, StoredStatusChange } from '@tidemark/store'

/**
 * What a run left behind, whatever it ran on: a simulated log, a file, a real broker read by another client. It must have come to rest:
 * every input is read, and what follows from it is committed. What nobody could observe is null, and the checks that rest on it
 * have nothing to say.
 */
export type Evidence = {
  readonly layout: Layout
  readonly delivery: 'exactly-once' | 'at-least-once'
  /** What producers asked for and were told. Ticks are nobody's attempt. */
  readonly attempts: readonly Attempt[] | null
  /** The committed view of the input topics, ticks included, each partition in the order of its offsets. */
  readonly inputs: readonly LoggedRecord[]
  /** What `catalog` holds, the layout's record left out or not. */
  readonly catalog: readonly LoggedRecord[]
  /** The committed view of the derived topics, likewise. */
  readonly derived: readonly DerivedRecord[]
  /** Every commit of every task that became visible, in that order. */
  readonly commits: readonly ObservedCommit[] | null
  readonly store: StoreEvidence | null
}

export type LoggedRecord = {
  readonly topic: TopicName
  readonly partition: number
  readonly offset: number
  readonly timestampMs: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
}

export type DerivedRecord = LoggedRecord & {
  /** Index of the commit that it became visible with; null where nobody could observe that. */
  readonly commit: number | null
  /** Who sent it, which should be who committed it; null where nobody could observe that. */
  readonly sentBy: Ownership | null
}

/** One life of a process as the owner of a task. */
export type Ownership = {
  readonly owner: string
  /** Rises with every acquisition of the task. */
  readonly epoch: number
}

/** One append of entries to one partition. */
export type Attempt = {
  readonly topic: TopicName
  readonly partition: number
  readonly entries: readonly {
    readonly key: Uint8Array | null
    readonly value: Uint8Array | null
  }[]
  readonly outcome:
    | { readonly kind: 'acknowledged'; readonly baseOffset: number }
    /** The log, or who stands before it, said that it does not take it. */
    | { readonly kind: 'refused' }
    /** No answer, or none that tells. */
    | { readonly kind: 'unknown' }
}

export type ObservedCommit = Ownership & {
  readonly processor: ProcessorName
  readonly task: number
  readonly positions: readonly ObservedPosition[]
  readonly checkpoint: Checkpoint
}

export type ObservedPosition = {
  readonly topic: TopicName
  readonly partition: number
  readonly position: number
}

export type StoreEvidence = {
  readonly contents: StoreContents
  /** What the store said after each transaction, oldest first; null where nobody watched. */
  readonly moments: readonly StoreMoment[] | null
}

/** Everything that is in the store, in any order. */
export type StoreContents = {
  readonly positions: readonly ObservedPosition[]
  readonly requestWindows: readonly RequestWindowClosed[]
  readonly healthWindows: readonly HealthWindowClosed[]
  /** The newest of each input partition. */
  readonly advances: readonly PartitionAdvanced[]
  /** The newest of each service. */
  readonly assessments: readonly ServiceAssessed[]
  readonly alerts: readonly AlertEvent[]
  readonly slices: readonly FleetSlice[]
  readonly reports: readonly PlatformReported[]
  readonly facts: readonly FactApplied[]
  readonly sloHours: readonly StoredSloHour[]
  readonly statusChanges: readonly StoredStatusChange[]
  readonly latencyHours: readonly StoredLatencyHour[]
}

export type StoreMoment = {
  readonly positions: readonly ObservedPosition[]
  /** Of rows that are replaced by newer ones: what they are a row of, and how new they are. */
  readonly versions: readonly { readonly row: string; readonly version: number }[]
}
