import type { DerivedEvent } from './events.ts'
import type { DerivedTopic, Offset, TopicName } from './topics.ts'

/**
 * Record batches as a log hands them out: whole batches of Kafka's format v2, uncompressed, one after the other, walked in place.
 * The bytes belong to the reader until it polls again. Control batches and batches of aborted transactions have attribute bit 0x20
 * set, and a walker skips them.
 */
export type RecordBatches = {
  readonly topic: TopicName
  readonly partition: number
  readonly bytes: Uint8Array
  /** The position asked for: records below it, which the first batch may hold, are skipped. */
  readonly fromOffset: Offset
  /** The position after the last batch, control batches included. */
  readonly nextOffset: Offset
  /** End of the partition (of what is committed) when it was read: `nextOffset >= endOffset` means caught up. */
  readonly endOffset: Offset
}

/** Named parts of a processor's saved state; a part that is the same array as before need not be written again. */
export type Checkpoint = ReadonlyMap<string, Uint8Array>

/** A derived event on its way out; the partition follows from the task (single-partition topics: 0). */
export type Output = { readonly topic: DerivedTopic; readonly event: DerivedEvent }

/** One input partition of a task, as its fold sees it. */
export type SourcePosition = {
  readonly topic: TopicName
  readonly partition: number
  /** The next record to read. */
  readonly position: Offset
  /** The oldest record that a recovery still reads; retention keeps it. */
  readonly from: Offset
  /** Held back, because it is too far ahead of the others in stream time. */
  readonly held: boolean
}

/**
 * A processor at work on one task: a fold over the partitions it was given. It has no clock and does no I/O. The engine feeds it
 * batches, lets it work in slices, commits what it emitted together with its checkpoint, and never commits between two slices of
 * one record.
 */
export type TaskFold = {
  /** The sources and where to read them; asked again after every slice. */
  readonly sources: () => readonly SourcePosition[]
  /** Takes batches of one source. Only called when the last ones are worked off. */
  readonly feed: (batches: RecordBatches) => void
  /**
   * Works off what was fed, at most about `units` records or emitted rows. Returns true when more is left to do, false when it wants to
   * be fed.
   */
  readonly work: (units: number, emit: (output: Output) => void) => boolean
  /**
   * Where `work` cannot go on before something is there that no source brings: settles when it is worth working again, with null when it is
   * there, or else with what is still missing, in words. Null while nothing is missing. Waits between records only, or where a commit may
   * stand as well.
   */
  readonly missing?: () => Promise<string | null> | null
  /** False in the middle of a record, when its outputs are emitted in part: no commit then. */
  readonly atRecordBoundary: () => boolean
  /** State and positions as they stand now, at a record boundary. */
  readonly checkpoint: () => Checkpoint
  /** Where outputs do not go to the log: makes them durable, with the position, before the log's commit. */
  readonly persist?: () => Promise<void>
}

/** A kind of task: the aggregator, the evaluator, the reporter, the sink. */
export type Processor = {
  readonly name: ProcessorName
  /** Topics read, for assignment. Task p reads partition p of each, of single-partition topics task 0 alone. */
  readonly topics: readonly TopicName[]
  readonly tasks: number
  /** Topics whose partition the task's owner ticks when it is quiet. */
  readonly ticks: readonly TopicName[]
  readonly open: (task: number, checkpoint: Checkpoint | null) => Promise<TaskFold> | TaskFold
}

export type ProcessorName = 'aggregator' | 'evaluator' | 'reporter' | 'sink' | (string & {})
