import {
  EntryRefusedError,
  FencedError,
  type Entry,
  type Outgoing,
  type TaskCommit,
  type TaskSession,
} from '@tidemark/log'
import { invariant, sendBytesMax, type TopicName } from '@tidemark/model'
import { readTaskRecords } from './checkpoint-reader.ts'
import { claimKey, type TaskKey } from './checkpoint-records.ts'
import { checkpointWriter, type CheckpointWriter } from './checkpoint-writer.ts'
import type { Connection } from './connection.ts'
import type { Fetcher } from './fetcher.ts'
import type { Membership } from './membership.ts'
import type { Settings } from './options.ts'
import { plainWriter } from './plain-writer.ts'
import type { SentRecord } from './sender.ts'
import type { CommitContent, PartitionRecords, TaskWriter } from './task-writer.ts'
import { transactionalWriter } from './transactional-writer.ts'

export type SessionParts = {
  readonly settings: Settings
  /** For polls of tasks: its long polls are not held up by other reading. */
  readonly taskFetcher: Fetcher
  readonly connection: Connection
  readonly fetcher: Fetcher
  readonly membership: Membership
}

export type OwnedTask = { readonly session: TaskSession; readonly close: () => Promise<void> }

const pollBytesMax = 8 * 1024 * 1024
/** A poll that finds a leader moving returns after this time, so that the other work of its task goes on. */
const answerWaitMs = 1000

/**
 * Takes a task over: fences the last owner where delivery is exactly once, claims the task, then reads its checkpoint as it stands at the
 * claim. The claim's offset is the epoch: unlike a producer's it rises with every acquisition even where the broker forgot the producer,
 * or the group. `isOurs` says whether the membership still holds.
 */
export const acquireTask = async (
  parts: SessionParts,
  task: TaskKey,
  isOurs: () => boolean,
  signal: AbortSignal,
): Promise<OwnedTask> => {
  const { settings, taskFetcher } = parts
  const { prefix, clock, timeoutMs } = settings
  const assertOurs = (): void => {
    if (!isOurs()) throw new FencedError(`${nameOf(task)}: the membership in its group has ended`)
  }
  const writer = writerOf(parts, task, assertOurs)
  const reader = taskFetcher.reader({ ahead: true })
  const close = async (): Promise<void> => {
    reader.close()
    await writer.close()
  }
  try {
    assertOurs()
    await writer.open()
    assertOurs()
    const claim = { key: claimKey(task), value: emptyObject, timestampMs: clock.nowMs() }
    const epoch = await writer.append(`${prefix}checkpoints`, task.task, [claim])
    settings.reached('restoring')
    // Up to the claim and not only to what is committed now: an open transaction of another processor's task on the same partition
    // would hide the last commit of this one.
    const { stored, keys } = await readTaskRecords(parts, task, epoch + 1)
    assertOurs()
    const commits = committer(settings, task, writer, checkpointWriter(task, epoch, keys))
    const assertUsable = (): void => {
      commits.assertNoneFailed()
      assertOurs()
    }
    const session: TaskSession = {
      ...task,
      epoch,
      checkpoint: stored?.checkpoint ?? null,
      positions: stored?.positions ?? [],
      poll: async (wants, { maxWaitMs, bytesMax = pollBytesMax }) => {
        assertUsable()
        const wait = Math.min(answerWaitMs, timeoutMs)
        try {
          return await reader.poll(wants, { maxWaitMs, bytesMax, answerWaitMs: wait, signal })
        } finally {
          // Also before an error: whoever has lost the task may find records gone that its successor needs no more.
          assertOurs()
        }
      },
      append: async (topic, partition, entry) => {
        assertUsable()
        await writer.append(prefix + topic, partition, [recordOf(entry, clock.nowMs())])
      },
      commit: async (commit) => {
        assertUsable()
        await commits.commit(commit)
      },
    }
    return { session, close }
  } catch (error) {
    await close()
    throw error
  }
}

const nameOf = ({ processor, task }: TaskKey): string => `${processor}/${task}`

const emptyObject = Buffer.from('{}')

const recordOf = ({ key, value, timestampMs }: Entry, nowMs: number): SentRecord => ({
  key,
  value,
  timestampMs: timestampMs ?? nowMs,
})

const writerOf = (
  { settings, membership }: SessionParts,
  task: TaskKey,
  assertOurs: () => void,
): TaskWriter => {
  if (settings.delivery === 'at-least-once')
    return plainWriter({ settings, membership, assertOurs })
  return transactionalWriter({
    settings,
    transactionalId: `${membership.identity().groupId}-${task.task}`,
    identity: membership.identity,
    confirm: async () => {
      await membership.beat()
      assertOurs()
    },
    assertOurs,
  })
}

type Committer = {
  readonly commit: TaskSession['commit']
  /** Throws the error of a commit that failed: what stands in the log is for the next owner to find out. */
  readonly assertNoneFailed: () => void
}

const committer = (
  { prefix, clock }: Settings,
  task: TaskKey,
  writer: TaskWriter,
  checkpoints: CheckpointWriter,
): Committer => {
  let busy = false
  let failure: { readonly error: unknown } | null = null

  const stamped = (
    topic: TopicName,
    partition: number,
    records: readonly { readonly key: Uint8Array | null; readonly value: Uint8Array | null }[],
  ): PartitionRecords => {
    const timestampMs = clock.nowMs()
    return {
      name: prefix + topic,
      partition,
      records: records.map(({ key, value }) => ({ key, value, timestampMs })),
    }
  }

  const contentOf = ({ outputs, checkpoint, positions }: TaskCommit): CommitContent => {
    refuseOversize(outputs)
    const byPartition = Map.groupBy(outputs, ({ topic, partition }) => `${topic}/${partition}`)
    return {
      partitions: [
        ...Array.from(byPartition.values(), (records) =>
          stamped(records[0]!.topic, records[0]!.partition, records),
        ),
        stamped('checkpoints', task.task, checkpoints.records(checkpoint, positions)),
      ],
      offsets: positions.map(({ topic, partition, position }) => ({
        name: prefix + topic,
        partition,
        offset: position,
      })),
    }
  }

  return {
    assertNoneFailed: () => {
      if (failure !== null) throw failure.error
    },
    commit: async (commit) => {
      invariant(!busy, `${nameOf(task)}: one commit at a time`)
      busy = true
      try {
        await writer.commit(contentOf(commit))
      } catch (error) {
        failure = { error }
        throw error
      } finally {
        busy = false
      }
    },
  }
}

const refuseOversize = (outputs: readonly Outgoing[]): void => {
  for (const { topic, partition, value } of outputs)
    if (value.length > sendBytesMax)
      throw new EntryRefusedError(
        `${topic}/${partition}: a record of ${value.length} bytes, at most ${sendBytesMax} are taken`,
      )
}
