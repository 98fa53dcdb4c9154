import type { TaskState, Want } from '@tidemark/log'
import type { Checkpoint, EpochMs, Offset, ProcessorName, TopicName } from '@tidemark/model'
import type { BatchEntry } from '@tidemark/wire'
import type { Chronicle } from '../chronicle.ts'
import type { Writer } from '../run.ts'
import { batchesOf, type Partition, type StoredBatch } from './partition.ts'

export type CommittablePosition = Want & { readonly from: Offset }

/** A task's state as its last commit left it. */
export type StoredState = {
  readonly checkpoint: Checkpoint
  readonly positions: readonly CommittablePosition[]
  readonly epoch: number
  readonly committedAtMs: EpochMs
}

/** States of tasks as records of `checkpoints`: a record for each part, and one that says which parts and positions belong together. */
export type TaskStates = {
  /** Numbers an acquisition: rises for each task. */
  readonly claim: (processor: ProcessorName, task: number) => number
  /** The newest of these numbers; 0: nobody has acquired the task. */
  readonly claimed: (processor: ProcessorName, task: number) => number
  readonly stored: (processor: ProcessorName, task: number) => StoredState | null
  /** As it would be if everything that stands in the log were committed: what nobody should restore from. */
  readonly unchecked: (processor: ProcessorName, task: number) => StoredState | null
  readonly state: (processor: ProcessorName, task: number) => TaskState
  /** Everything that any task still needs of a partition, from the least offset on; 0 where one has not committed. */
  readonly neededFrom: (
    readers: readonly { readonly processor: ProcessorName; readonly task: number }[],
    topic: TopicName,
    partition: number,
  ) => number
  /** A transaction with records in this partition is committed now. */
  readonly committed: (partition: Partition, transaction: number) => void
}

export const taskStates = (
  chronicle: Chronicle,
  partitionAt: (task: number) => Partition,
): TaskStates => {
  const claims = new Map<string, number>()
  /** Newest committed values by key, as compaction would leave them. */
  const compacted = new Map<string, Uint8Array>()
  const states = new Map<string, StoredState>()
  const stored: TaskStates['stored'] = (processor, task) =>
    states.get(`${processor}/${task}`) ?? null
  const claimed: TaskStates['claimed'] = (processor, task) =>
    claims.get(`${processor}/${task}`) ?? 0
  return {
    claimed,
    claim: (processor, task) => {
      const epoch = claimed(processor, task) + 1
      claims.set(`${processor}/${task}`, epoch)
      return epoch
    },
    stored,
    unchecked: (processor, task) => {
      const all = new Map<string, Uint8Array>()
      for (const batch of partitionAt(task).batches) take(all, batch)
      return stateIn(all, processor, task)
    },
    state: (processor, task) => {
      const state = stored(processor, task)
      return {
        task,
        checkpoint: state?.checkpoint ?? null,
        positions: (state?.positions ?? []).map(withoutFrom),
        committedAtMs: state?.committedAtMs ?? null,
        isTakenOver: claimed(processor, task) > (state?.epoch ?? 0),
      }
    },
    neededFrom: (readers, topic, partition) => {
      let least = Number.POSITIVE_INFINITY
      for (const { processor, task } of readers) {
        const at = stored(processor, task)?.positions.find(
          (each) => each.topic === topic && each.partition === partition,
        )
        least = Math.min(least, at?.from ?? 0)
      }
      return least
    },
    committed: (partition, transaction) => {
      for (const batch of batchesOf(partition, transaction)) {
        if (batch.writer?.kind !== 'task') continue
        const { processor, task } = batch.writer
        take(compacted, batch)
        const state = stateIn(compacted, processor, task)
        if (state === null) continue
        states.set(`${processor}/${task}`, state)
        chronicle.committed(batch, batch.writer, state)
      }
    },
  }
}

export const withoutFrom = ({ topic, partition, position }: CommittablePosition): Want => ({
  topic,
  partition,
  position,
})

type Manifest = Omit<StoredState, 'checkpoint'> & { readonly parts: readonly string[] }

/** The records of a commit; parts that are the same arrays as before are not written again. */
export const stateEntries = (
  { processor, task }: Extract<Writer, { kind: 'task' }>,
  before: Checkpoint | null,
  { checkpoint, ...rest }: StoredState,
): readonly BatchEntry[] => {
  const timestampMs = rest.committedAtMs
  const manifest: Manifest = { ...rest, parts: [...checkpoint.keys()] }
  return [
    ...[...checkpoint]
      .filter(([part, value]) => before?.get(part) !== value)
      .map(([part, value]) => ({ key: utf8(`${processor}/${task}/${part}`), value, timestampMs })),
    { key: utf8(`${processor}/${task}`), value: utf8(JSON.stringify(manifest)), timestampMs },
  ]
}

const take = (values: Map<string, Uint8Array>, { entries }: StoredBatch): void => {
  for (const { key, value } of entries) values.set(text(key!), value!)
}

const stateIn = (
  values: ReadonlyMap<string, Uint8Array>,
  processor: ProcessorName,
  task: number,
): StoredState | null => {
  const manifest = values.get(`${processor}/${task}`)
  if (manifest === undefined) return null
  const { parts, ...rest } = JSON.parse(text(manifest)) as Manifest
  const valueOf = (part: string): Uint8Array => values.get(`${processor}/${task}/${part}`)!
  return { ...rest, checkpoint: new Map(parts.map((part) => [part, valueOf(part)])) }
}

const utf8 = (value: string): Uint8Array => new TextEncoder().encode(value)
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
