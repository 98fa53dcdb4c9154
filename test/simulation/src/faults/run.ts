import type { Checkpoint, EpochMs, Layout, Offset, ProcessorName, TopicName } from '@tidemark/model'
import type { Want } from '@tidemark/log'
import type { SnapshotStore, StoredPosition } from '@tidemark/store'
import type { FaultClass, Sighting } from './fault-classes.ts'

/** Simulated time. `order` rises with everything that happens, so that moments of the same millisecond are told apart. */
export type Moment = { readonly atMs: number; readonly order: number }

/** Who wrote a record. A process is one life of one program: it is numbered anew after a crash. */
export type Writer =
  | { readonly kind: 'producer'; readonly process: string }
  | TaskWriter<'ticker'>
  | TaskWriter<'task'>
  | { readonly kind: 'provisioning' }

type TaskWriter<K> = {
  readonly kind: K
  readonly process: string
  readonly processor: ProcessorName
  readonly task: number
  /** As the session said it. */
  readonly epoch: number
}

/** A record as it stands in the log, control records aside. */
export type SimulatedRecord = {
  readonly topic: TopicName
  readonly partition: number
  readonly offset: Offset
  readonly timestampMs: EpochMs
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly writer: Writer
  /** Number of the transaction that wrote it; a commit of a task is one. Null: outside of any. */
  readonly transaction: number | null
  readonly appended: Moment
  /** When readers of the committed view could first see it; null: its transaction was aborted. */
  readonly visible: Moment | null
}

/** One try of a producer to publish entries. All tries of a publication send the same entries, ids included. */
export type Attempt = {
  readonly publication: number
  readonly process: string
  readonly topic: TopicName
  readonly partition: number
  readonly entries: readonly JournalEntry[]
  readonly began: Moment
  /** Null: the producer crashed meanwhile. */
  readonly ended: Moment | null
  readonly outcome: Outcome
}

export type JournalEntry = {
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  /** What it was made as: `good`, or the name of the bad input. */
  readonly sort: string
}

export type Outcome =
  | { readonly kind: 'acked'; readonly baseOffset: Offset; readonly timestampMs: EpochMs }
  /** The log said no: nothing of it may be in the log. */
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'unknown' }

/** A checkpoint from its commit, with the positions that were committed with it. */
export type CommittedState = {
  readonly writer: TaskWriter<'task'>
  readonly transaction: number
  readonly checkpoint: Checkpoint
  readonly positions: readonly (Want & { readonly from: Offset })[]
  readonly appended: Moment
  readonly visible: Moment
}

/** A session from its beginning: whose checkpoint it was given. */
export type Acquisition = {
  readonly writer: TaskWriter<'task'>
  readonly checkpoint: Checkpoint | null
  readonly positions: readonly (Want & { readonly from: Offset })[]
  readonly at: Moment
}

/** Positions as they stood in the store after a transaction was committed there. */
export type StoreCommit = {
  readonly process: string
  readonly positions: readonly StoredPosition[]
  /** Of rows that newer ones replace: what they are a row of, and how new they are. */
  readonly versions: readonly { readonly row: string; readonly version: number }[]
  readonly at: Moment
}

/** A program that ended by an error, and was started again. */
export type Exit = {
  readonly process: string
  readonly error: unknown
  readonly at: Moment
}

export type Liveness =
  | { readonly kind: 'converged'; readonly tookMs: number }
  | { readonly kind: 'stuck'; readonly what: string }

/** What a seed led to, for whoever judges it. */
export type FaultRun = {
  readonly seed: number
  readonly layout: Layout
  readonly journal: readonly Attempt[]
  /** Every record of a partition in the order of offsets, those of aborted transactions and those that retention removed included. */
  readonly records: (topic: TopicName, partition: number) => readonly SimulatedRecord[]
  /** The committed ones among them. */
  readonly committed: (topic: TopicName, partition: number) => readonly SimulatedRecord[]
  /** Of all tasks, in the order in which they became visible. */
  readonly checkpoints: readonly CommittedState[]
  readonly acquisitions: readonly Acquisition[]
  /** Open until `close`. */
  readonly store: SnapshotStore
  readonly storeCommits: readonly StoreCommit[]
  readonly exits: readonly Exit[]
  /** Faults that hit something, by class. */
  readonly faults: Readonly<Record<FaultClass, number>>
  readonly sightings: Readonly<Record<Sighting, number>>
  readonly loadEnded: Moment
  /** Null in a quiet run. */
  readonly lastFault: Moment | null
  readonly liveness: Liveness
  /** Of every byte of every partition, aborted transactions included, and of what the store holds. */
  readonly digest: string
  readonly close: () => Promise<void>
}
