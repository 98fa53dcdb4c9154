import { encodeOutput } from '@tidemark/codec'
import {
  invariant,
  partitionsOf,
  type Checkpoint,
  type Layout,
  type Offset,
  type Output,
  type Processor,
  type RecordBatches,
  type SourcePosition,
  type TaskFold,
  type TopicName,
} from '@tidemark/model'
import { writeRecordBatch, type BatchEntry } from '@tidemark/wire'

/** Processors run over records in memory, without a log, a clock or a wait: for simulation in virtual time and for replay tests. */
export type InMemoryRun = {
  readonly layout: Layout
  /** Each reads the inputs and what those before it wrote. */
  readonly processors: readonly Processor[]
  /** In the order of their offsets per partition, with the timestamps that the log would have stored. */
  readonly inputs: Iterable<InMemoryEntry>
  readonly schedule?: Schedule
}

export type InMemoryEntry = {
  readonly topic: TopicName
  readonly partition: number
  readonly entry: BatchEntry
}

/**
 * What outputs must not depend on (I6). `crash` forgets everything since the last commit and starts again from it, `restart` commits
 * first; there is a commit at the end.
 */
export type Schedule = {
  /** Records of the next batch, at least 1. */
  readonly batchRecords: () => number
  /** Which of so many sources that have something is read next. */
  readonly source: (count: number) => number
  /** What follows after a batch. */
  readonly after: () => 'go-on' | 'commit' | 'restart' | 'crash'
}

const defaultSchedule: Schedule = {
  batchRecords: () => 1000,
  source: () => 0,
  after: () => 'go-on',
}

/** Everything that is in the topics, by topic and partition. All of it is held: this is for amounts that fit into memory. */
export type InMemoryTopics = {
  readonly records: (topic: TopicName, partition: number) => readonly BatchEntry[]
  /** What a log hands out: the records from a position on, at most so many. */
  readonly read: (topic: TopicName, partition: number, from: number, count: number) => RecordBatches
}

/** Runs every task of every processor from the beginning to the end of its sources. */
export const runInMemory = async (run: InMemoryRun): Promise<InMemoryTopics> => {
  const topics = inMemoryTopics()
  for (const { topic, partition, entry } of run.inputs) topics.append(topic, partition, entry)
  for (const processor of run.processors)
    for (let task = 0; task < processor.tasks; task++)
      await runTask(processor, task, topics, run.layout, run.schedule ?? defaultSchedule)
  return topics
}

type WritableTopics = InMemoryTopics & {
  readonly append: (topic: TopicName, partition: number, entry: BatchEntry) => void
}

const inMemoryTopics = (): WritableTopics => {
  const partitions = new Map<string, BatchEntry[]>()
  const recordsOf = (topic: TopicName, partition: number): BatchEntry[] => {
    const name = `${topic}/${partition}`
    let records = partitions.get(name)
    if (records === undefined) partitions.set(name, (records = []))
    return records
  }
  return {
    records: recordsOf,
    append: (topic, partition, entry) => {
      recordsOf(topic, partition).push(entry)
    },
    read: (topic, partition, from, count) => {
      const records = recordsOf(topic, partition)
      const entries = records.slice(from, from + count)
      return {
        topic,
        partition,
        bytes: entries.length === 0 ? new Uint8Array(0) : writeRecordBatch(entries, from),
        fromOffset: from as Offset,
        nextOffset: (from + entries.length) as Offset,
        endOffset: records.length as Offset,
      }
    },
  }
}

type Emit = (output: Output) => void

const unitsPerSlice = 512

const runTask = async (
  processor: Processor,
  task: number,
  topics: WritableTopics,
  { partitions }: Layout,
  schedule: Schedule,
): Promise<void> => {
  let committed: Checkpoint | null = null
  let fold = await processor.open(task, committed)
  let pending: InMemoryEntry[] = []
  const emit = ({ topic, event }: Output): void => {
    const partition = partitionsOf(topic, partitions) === 1 ? 0 : task
    pending.push({ topic, partition, entry: { ...encodeOutput(event), timestampMs: 0 } })
  }
  const commit = async (): Promise<void> => {
    invariant(fold.atRecordBoundary(), `${processor.name} ${task}: fed, and not at a record`)
    await fold.persist?.()
    for (const { topic, partition, entry } of pending) topics.append(topic, partition, entry)
    pending = []
    committed = fold.checkpoint()
  }
  for (let batches = await nextBatches(fold, topics, schedule, emit); batches !== null;) {
    await workOff(fold, batches, emit)
    // A log may read the next batches into the same memory, or give it back, so what a fold keeps it must have copied.
    batches.bytes.fill(0xff)
    ;(batches.bytes.buffer as ArrayBuffer).transfer(0)
    const after = schedule.after()
    if (after === 'commit' || after === 'restart') await commit()
    if (after === 'restart' || after === 'crash') {
      pending = []
      fold = await processor.open(task, committed)
    }
    batches = await nextBatches(fold, topics, schedule, emit)
  }
  await commit()
}

/** A fold misses something that is not there. In memory nobody brings it. */
export class MissingError extends Error {
  readonly code = 'missing'
  readonly retriable = false
}

const workOff = async (fold: TaskFold, batches: RecordBatches, emit: Emit): Promise<void> => {
  fold.feed(batches)
  while (fold.work(unitsPerSlice, emit)) {
    const reason = (await fold.missing?.()) ?? null
    if (reason !== null) throw new MissingError(reason)
  }
}

/** Something that the fold wants and that is there, or null at the end of everything. */
const nextBatches = async (
  fold: TaskFold,
  topics: InMemoryTopics,
  schedule: Schedule,
  emit: Emit,
): Promise<RecordBatches | null> => {
  const behind = (): readonly SourcePosition[] =>
    fold
      .sources()
      .filter(
        ({ topic, partition, position, held }) =>
          !held && position < topics.records(topic, partition).length,
      )
  if (behind().length === 0) await tellEnds(fold, topics, emit)
  const sources = behind()
  if (sources.length === 0) {
    for (const { topic, partition, position } of fold.sources())
      invariant(
        position === topics.records(topic, partition).length,
        `${topic}/${partition}: held at ${position} for ever`,
      )
    return null
  }
  const { topic, partition, position } = sources[schedule.source(sources.length)]!
  return topics.read(topic, partition, position, schedule.batchRecords())
}

/** A fold learns from an empty batch that a source is read to its end, which may release one that is held back. */
const tellEnds = async (fold: TaskFold, topics: InMemoryTopics, emit: Emit): Promise<void> => {
  for (const { topic, partition, position, held } of fold.sources())
    if (!held) await workOff(fold, topics.read(topic, partition, position, 0), emit)
}
