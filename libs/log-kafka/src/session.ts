import {
  EntryRefusedError,
  FencedError,
  type Entry,
  type Outgoing,
  type TaskCommit,
  type TaskSession,
} from '@tidemark/log'
import { invariant, sendBytesMax, type TopicName } from '@tidemark/model'
import { splitBySize } from '@tidemark/wire'
import { readTaskRecords } from './checkpoint-reader.ts'
import { claimKey, type TaskKey } from './checkpoint-records.ts'
import { checkpointWriter } from './checkpoint-writer.ts'
import type { Connection } from './connection.ts'
import type { Fetcher } from './fetcher.ts'
import type { Membership } from './membership.ts'
import type { Settings } from './options.ts'
import { openSender, type SentRecord } from './sender.ts'

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
 * Takes a task over: claims it, then reads its checkpoint as it stands at the claim. The claim's offset is the epoch; it rises with
 * every acquisition even where the group was forgotten. `isOurs` says whether the membership still holds.
 */
export const acquireTask = async (
  parts: SessionParts,
  task: TaskKey,
  isOurs: () => boolean,
  signal: AbortSignal,
): Promise<OwnedTask> => {
  const { settings, taskFetcher } = parts
  const sender = openSender(settings, settings.timeoutMs)
  const reader = taskFetcher.reader({ ahead: true })
  const close = async (): Promise<void> => {
    reader.close()
    await sender.close()
  }
  const assertOurs = (): void => {
    if (!isOurs())
      throw new FencedError(`${task.processor}/${task.task}: the membership in its group has ended`)
  }
  try {
    await sender.connect()
    assertOurs()
    const { prefix, clock, timeoutMs } = settings
    const claim = { key: claimKey(task), value: emptyObject, timestampMs: clock.nowMs() }
    const { baseOffset: epoch } = await sender.send(`${prefix}checkpoints`, task.task, [claim])
    const { stored, keys } = await readTaskRecords(
      parts.connection,
      parts.fetcher,
      settings,
      task,
      epoch,
    )
    assertOurs()
    const commit = committer(parts, task, {
      epoch,
      leftBehind: keys,
      assertOurs,
      send: sender.send,
    })
    const session: TaskSession = {
      ...task,
      epoch,
      checkpoint: stored?.checkpoint ?? null,
      positions: stored?.positions ?? [],
      poll: async (wants, { maxWaitMs, bytesMax = pollBytesMax }) => {
        assertOurs()
        const wait = Math.min(answerWaitMs, timeoutMs)
        const batches = await reader.poll(wants, {
          maxWaitMs,
          bytesMax,
          answerWaitMs: wait,
          signal,
        })
        assertOurs()
        return batches
      },
      append: async (topic, partition, entry) => {
        assertOurs()
        await sender.send(prefix + topic, partition, [recordOf(entry, clock.nowMs())])
      },
      commit,
    }
    return { session, close }
  } catch (error) {
    await close()
    throw error
  }
}

const emptyObject = Buffer.from('{}')

const recordOf = ({ key, value, timestampMs }: Entry, nowMs: number): SentRecord => ({
  key,
  value,
  timestampMs: timestampMs ?? nowMs,
})

type Owner = {
  readonly epoch: number
  readonly leftBehind: readonly Uint8Array[]
  readonly assertOurs: () => void
  readonly send: ReturnType<typeof openSender>['send']
}

/**
 * At least once: outputs, then the checkpoint, then positions for lag tools, each send awaited before the next one. A crash in between
 * leaves the last checkpoint whole, and what its outputs hold is written again by the next owner, equal. A member that lost its group without
 * knowing may still write; that adds repeats under an older epoch, which no reader of checkpoints takes up. After an
 * error nothing more is written: what stands in the log is for the next owner to find out.
 */
const committer = (
  { settings, membership }: SessionParts,
  task: TaskKey,
  { epoch, leftBehind, assertOurs, send }: Owner,
): TaskSession['commit'] => {
  const { prefix, clock } = settings
  const writer = checkpointWriter(task, epoch, leftBehind)
  let busy = false
  let failure: { readonly error: unknown } | null = null

  const sendAll = async (
    topic: TopicName,
    partition: number,
    records: readonly { readonly key: Uint8Array | null; readonly value: Uint8Array | null }[],
  ): Promise<void> => {
    const timestampMs = clock.nowMs()
    const stamped = records.map(({ key, value }) => ({ key, value, timestampMs }))
    for (const piece of splitBySize(stamped, sendBytesMax)) {
      assertOurs()
      await send(prefix + topic, partition, piece)
    }
  }

  const write = async ({ outputs, checkpoint, positions }: TaskCommit): Promise<void> => {
    assertOurs()
    refuseOversize(outputs)
    const partitions = Map.groupBy(outputs, ({ topic, partition }) => `${topic}/${partition}`)
    for (const records of partitions.values())
      await sendAll(records[0]!.topic, records[0]!.partition, records)
    await sendAll('checkpoints', task.task, writer.records(checkpoint, positions))
    const offsets = positions.map(({ topic, partition, position }) => ({
      name: prefix + topic,
      partition,
      offset: position,
    }))
    if (offsets.length > 0 && (await membership.commitOffsets(offsets)) === 'lost') assertOurs()
  }

  return async (commit) => {
    invariant(!busy, `${task.processor}/${task.task}: one commit at a time`)
    if (failure !== null) throw failure.error
    busy = true
    try {
      await write(commit)
    } catch (error) {
      failure = { error }
      throw error
    } finally {
      busy = false
    }
  }
}

const refuseOversize = (outputs: readonly Outgoing[]): void => {
  for (const { topic, partition, value } of outputs)
    if (value.length > sendBytesMax)
      throw new EntryRefusedError(
        `${topic}/${partition}: a record of ${value.length} bytes, at most ${sendBytesMax} are taken`,
      )
}
