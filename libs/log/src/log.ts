import type {
  Checkpoint,
  EpochMs,
  Layout,
  Offset,
  ProcessorName,
  RecordBatches,
  TopicName,
} from '@tidemark/model'

/**
 * A partitioned, durable log of record batches, with ownership of tasks and an atomic commit. Two adapters: a SQLite file for one
 * machine (`@tidemark/log-embedded`), Kafka (`@tidemark/log-kafka`). What both do is written down in `./conformance`.
 *
 * Topic names here are the catalogue's, without the prefix. All errors are `LogError`s.
 */
export type Log = {
  readonly kind: 'embedded' | 'kafka'
  /**
   * Creates the topics of the layout and writes `record` (the encoded layout) as the first record of `catalog`. Does nothing
   * when the same record stands there; LayoutMismatchError when another one does.
   */
  readonly provision: (layout: Layout, record: CatalogRecord) => Promise<'created' | 'unchanged'>
  /** The first record of `catalog`, or null where nothing is provisioned. */
  readonly layoutRecord: () => Promise<Uint8Array | null>
  readonly describe: () => Promise<readonly TopicDescription[]>
  /** NotProvisionedError or LayoutMismatchError when topics of the layout are missing, or are not as they were provisioned. */
  readonly check: (layout: Layout) => Promise<void>

  /** Appends to input topics, and to `catalog` behind the layout: outside any transaction, by anybody. */
  readonly publisher: (options?: PublisherOptions) => Promise<LogPublisher>

  /** The committed view of one partition, from a position; empty `bytes` when nothing came within `maxWaitMs`. */
  readonly read: (request: ReadRequest) => Promise<RecordBatches>
  /** Start (oldest kept), end (of what is committed) and timestamp of the last record of every partition of a topic. */
  readonly bounds: (topic: TopicName) => Promise<readonly PartitionBounds[]>

  /**
   * Takes part in a processor: runs `run` for every task that falls to this member, several at a time, until `signal` aborts. A task's
   * own signal aborts when the task must be given up (shutdown, rebalance); `run` then commits what it has and returns, and only
   * then does another member get the task. When `run` returns by itself, this member does not run the task again. When it throws a retriable error, the task is acquired again; any other error ends
   * `host` with it, after the other tasks have been released.
   */
  readonly host: (spec: HostSpec, run: RunTask, signal: AbortSignal) => Promise<void>
  /** Checkpoints as last committed, of every task of a processor; for lag, ledger and retention. Null: never committed. */
  readonly checkpoints: (processor: ProcessorName, tasks: number) => Promise<readonly TaskState[]>
  /** Who owns tasks of a processor, as the log last heard; a task that is not named is free. For lag tools. */
  readonly owners: (processor: ProcessorName) => Promise<readonly TaskOwner[]>
  readonly close: () => Promise<void>
}

export type CatalogRecord = { readonly key: Uint8Array; readonly value: Uint8Array }

export type TopicDescription = {
  readonly topic: TopicName
  /** With the prefix. */
  readonly name: string
  readonly partitions: number
  readonly timestamps: 'broker' | 'producer'
  readonly cleanup: 'delete' | 'compact'
  readonly retentionMs: number
  readonly bounds: readonly PartitionBounds[]
}

export type PartitionBounds = {
  readonly partition: number
  readonly startOffset: Offset
  readonly endOffset: Offset
  /** Timestamp of the newest record; null when the partition is empty. */
  readonly lastTimestampMs: EpochMs | null
}

export type ReadRequest = {
  readonly topic: TopicName
  readonly partition: number
  readonly fromOffset: Offset
  readonly bytesMax?: number
  readonly maxWaitMs?: number
  readonly signal?: AbortSignal
}

/** A record on its way in. `timestampMs` is given exactly where the layout says `producer`; never in `catalog`, which the log stamps. */
export type Entry = {
  readonly key: Uint8Array | null
  readonly value: Uint8Array
  readonly timestampMs?: EpochMs
}

export type PublisherOptions = {
  /** Deadline of one append, retries included. Default 30 s. */
  readonly timeoutMs?: number
}

export type LogPublisher = {
  /**
   * Appends entries to one partition in one piece, at most `sendBytesMax` of values; resolves when they are durable. At most one append
   * per partition is under way, further ones wait. After an error it is unknown whether the entries are in the log.
   */
  readonly append: (
    topic: TopicName,
    partition: number,
    entries: readonly Entry[],
  ) => Promise<Appended>
  readonly close: () => Promise<void>
}

export type Appended = { readonly baseOffset: Offset; readonly timestampMs: EpochMs }

export type HostSpec = {
  readonly processor: ProcessorName
  readonly topics: readonly TopicName[]
  readonly tasks: number
  /** Told which tasks fall to this member, whenever that is settled anew; null: not settled now. Not called before the first time. */
  readonly assigned?: (tasks: readonly number[] | null) => void
}

export type RunTask = (session: TaskSession, signal: AbortSignal) => Promise<void>

/** Ownership of one task. Every call fails with FencedError once somebody else owns it. */
export type TaskSession = {
  readonly processor: ProcessorName
  readonly task: number
  /** Rises with every acquisition of this task. */
  readonly epoch: number
  /** As committed by the last owner, read after it was fenced. */
  readonly checkpoint: Checkpoint | null
  /** Committed with it: what is below was worked off, and its outputs are in the log. A source that is not named stands at 0. */
  readonly positions: readonly Want[]
  /**
   * Reads several partitions from positions: returns those that have something, or nothing after `maxWaitMs`, or at once when the task's
   * signal aborts. A position outside the log is a PositionError: there is no default offset. The bytes are good until the next poll: a
   * log may read the next ones into the same memory.
   */
  readonly poll: (
    wants: readonly Want[],
    options: { readonly maxWaitMs: number; readonly bytesMax?: number },
  ) => Promise<readonly RecordBatches[]>
  /** A plain produce outside the task's commits: for ticks. */
  readonly append: (topic: TopicName, partition: number, entry: Entry) => Promise<void>
  /** Outputs, checkpoint and positions, atomically where the log can. Never two at a time. */
  readonly commit: (commit: TaskCommit) => Promise<void>
}

export type Want = {
  readonly topic: TopicName
  readonly partition: number
  readonly position: Offset
}

export type Outgoing = {
  readonly topic: TopicName
  readonly partition: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array
}

export type TaskCommit = {
  readonly outputs: readonly Outgoing[]
  readonly checkpoint: Checkpoint
  /** `position`: for lag tools. `from`: retention keeps it and what follows. */
  readonly positions: readonly (Want & { readonly from: Offset })[]
}

export type TaskState = {
  readonly task: number
  readonly checkpoint: Checkpoint | null
  readonly positions: readonly Want[]
  /** By the clock of whoever committed; null: never committed. */
  readonly committedAtMs: EpochMs | null
  /** Somebody has acquired the task since the last commit, and has not committed yet. */
  readonly isTakenOver: boolean
}

export type TaskOwner = {
  readonly task: number
  /** Tells members apart; an id that the log gave. */
  readonly member: string
  /** Name or address of its machine; null where the log does not know. */
  readonly host: string | null
  /** Process id on that machine; null where the log does not know. */
  readonly pid: number | null
}
