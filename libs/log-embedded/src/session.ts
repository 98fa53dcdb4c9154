import { FencedError, type TaskCommit, type TaskSession } from '@tidemark/log'
import type { Checkpoint, Offset } from '@tidemark/model'
import type { BatchEntry } from '@tidemark/wire'
import { readCheckpoint, writeCheckpoint } from './checkpoints.ts'
import { owns, type Membership } from './ownership.ts'
import { appendEntries, readBatches } from './partitions.ts'
import type { Appending } from './publisher.ts'
import type { Waiting } from './waiting.ts'

export type SessionParts = {
  readonly membership: Membership
  readonly waiting: Waiting
  readonly appending: Appending
  readonly nowMs: () => number
  /** Told after every commit. */
  readonly committed: () => void
}

const pollBytesDefault = 1_000_000

/** Ownership of a task in one epoch. */
export const openSession = (
  parts: SessionParts,
  task: number,
  epoch: number,
  signal: AbortSignal,
): TaskSession => {
  const { membership, waiting, appending } = parts
  const { database, processor } = membership
  let committed: Checkpoint | null = readCheckpoint(database, processor, task)
  const requireOwnership = (): void => {
    if (!owns(membership, task, epoch))
      throw new FencedError(`${processor} ${task}: epoch ${epoch} does not own it any more`)
  }
  return {
    processor,
    task,
    epoch,
    checkpoint: committed,
    poll: async (wants, { maxWaitMs, bytesMax = pollBytesDefault }) => {
      const read = () =>
        wants
          .map(({ topic, partition, position }) =>
            readBatches(database, topic, partition, position, bytesMax),
          )
          .filter(({ fromOffset, nextOffset }) => nextOffset > fromOffset)
      const endMs = performance.now() + maxWaitMs
      const names = wants.map(({ topic, partition }) => `${topic}/${partition}`)
      for (;;) {
        if (signal.aborted) return []
        const batches = read()
        const leftMs = endMs - performance.now()
        if (batches.length > 0 || leftMs <= 0) return batches
        await waiting.wait(names, leftMs, signal)
      }
    },
    append: async (topic, partition, entry) => {
      requireOwnership()
      await appending.append(topic, partition, [entry])
    },
    commit: (commit) => {
      try {
        database.transaction(() => {
          requireOwnership()
          writeOutputs(parts, commit)
          writeCheckpoint(database, processor, task, committed, commit.checkpoint)
          writePositions(parts, task, commit)
        })
      } catch (error) {
        return Promise.reject(error as Error)
      }
      committed = commit.checkpoint
      waiting.wake(new Set(commit.outputs.map(({ topic, partition }) => `${topic}/${partition}`)))
      parts.committed()
      return Promise.resolve()
    },
  }
}

const writeOutputs = ({ membership, nowMs }: SessionParts, { outputs }: TaskCommit): void => {
  const groups = new Map<
    string,
    { topic: TaskCommit['outputs'][number]['topic']; partition: number; entries: BatchEntry[] }
  >()
  const timestampMs = nowMs()
  for (const { topic, partition, key, value } of outputs) {
    const name = `${topic}/${partition}`
    const group = groups.get(name) ?? { topic, partition, entries: [] }
    group.entries.push({ key, value, timestampMs })
    groups.set(name, group)
  }
  for (const { topic, partition, entries } of groups.values())
    appendEntries(membership.database, topic, partition, entries, timestampMs)
}

const writePositions = (
  { membership }: SessionParts,
  task: number,
  { positions }: TaskCommit,
): void => {
  const { database, processor } = membership
  for (const { topic, partition, position, from } of positions)
    database.run(upsertPosition, processor, task, topic, partition, position, from satisfies Offset)
}

const upsertPosition = `insert into position (processor, task, topic, partition, position, from_offset)
  values (?, ?, ?, ?, ?, ?) on conflict do update set position = excluded.position, from_offset = excluded.from_offset`
