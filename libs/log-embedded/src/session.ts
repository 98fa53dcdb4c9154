import {
  EntryRefusedError,
  FencedError,
  type Outgoing,
  type TaskCommit,
  type TaskSession,
  type Want,
} from '@tidemark/log'
import {
  derivedTopics,
  invariant,
  sendBytesMax,
  type RecordBatches,
  type TopicName,
} from '@tidemark/model'
import { splitBySize } from '@tidemark/wire'
import { appendBatch } from './append.ts'
import { noteCommit, writeCheckpoint, writePositions } from './checkpoints.ts'
import { ownsTask, type AcquiredTask, type Member } from './membership.ts'
import type { Appender } from './publisher.ts'
import { batchesFrom, roomForReads, type Room } from './read-batches.ts'
import { readOrWait } from './read-or-wait.ts'
import type { Store } from './store.ts'
import { partitionName } from './watch.ts'

const pollBytesDefault = 8 * 1024 * 1024

/** Ownership of a task in one epoch. Whatever it writes is in a transaction that checks the epoch. */
export const openSession = (
  store: Store,
  appends: Appender,
  member: Member,
  { task, epoch, checkpoint, positions }: AcquiredTask,
  signal: AbortSignal,
): TaskSession => {
  const { database, queue, settings } = store
  const { processor } = member.spec
  // What a poll returns is good until the next one, so each source reads into the same room.
  const rooms = new Map<string, Room>()
  const roomOf = ({ topic, partition }: Want): Room => {
    const name = partitionName(topic, partition)
    const room = rooms.get(name) ?? roomForReads()
    rooms.set(name, room)
    return room
  }
  const batchesOf = (want: Want, bytesMax: number): RecordBatches =>
    batchesFrom(store, want.topic, want.partition, want.position, bytesMax, roomOf(want))
  let committed = checkpoint
  let isCommitting = false

  const requireOwnership = (): void => {
    if (!ownsTask(database, member, task, epoch))
      throw new FencedError(
        `${processor}/${task}: epoch ${epoch} has ended, the task was given back or somebody else owns it`,
      )
  }

  const write = (commit: TaskCommit): Promise<void> => {
    const places = placesOf(store, commit.outputs)
    const bytes = commit.outputs.reduce((sum, { value }) => sum + value.length, 0)
    return queue.write(
      (changed) => {
        requireOwnership()
        for (const place of places) {
          appendOutputs(store, place)
          changed(partitionName(place.topic, place.partition))
        }
        writeCheckpoint(database, { processor, task }, committed, commit.checkpoint)
        settings.reached('sent')
        writePositions(database, { processor, task }, commit.positions)
        noteCommit(database, { processor, task }, { epoch, nowMs: settings.clock() })
        settings.reached('offsets-sent')
      },
      { bytes },
    )
  }

  return {
    processor,
    task,
    epoch,
    checkpoint,
    positions,
    poll: (wants, { maxWaitMs, bytesMax = pollBytesDefault }) => {
      const names = wants.map(({ topic, partition }) => partitionName(topic, partition))
      // Each has its share, so that a full partition does not keep the others from being read.
      const share = bytesMax / Math.max(1, wants.length)
      const read = (): readonly RecordBatches[] => {
        if (signal.aborted) return []
        // One look at the file for all of it: a lock costs more than a read that finds nothing.
        return database.snapshot(() => {
          requireOwnership()
          return wants
            .map((want) => batchesOf(want, share))
            .filter(({ fromOffset, nextOffset }) => nextOffset > fromOffset)
        })
      }
      return readOrWait(store, { names, maxWaitMs, signal }, read, (found) => found.length > 0)
    },
    append: async (topic, partition, entry) => {
      const { timeoutMs } = settings
      await appends.append(topic, partition, [entry], { timeoutMs, permit: requireOwnership })
    },
    commit: async (commit) => {
      invariant(!isCommitting, `${processor}/${task}: one commit at a time`)
      isCommitting = true
      try {
        await write(commit)
        committed = commit.checkpoint
      } finally {
        isCommitting = false
      }
    },
  }
}

type OutputPlace = {
  readonly topic: TopicName
  readonly partition: number
  readonly partitionId: number
  readonly outputs: readonly Outgoing[]
}

/** Outputs by partition, in their order; EntryRefusedError for what does not belong on the log. */
const placesOf = ({ topics }: Store, outputs: readonly Outgoing[]): readonly OutputPlace[] => {
  for (const { topic, partition, value } of outputs) {
    if (!(derivedTopics as readonly TopicName[]).includes(topic))
      throw new EntryRefusedError(
        `${topic}: no output of a processor; those are ${derivedTopics.join(', ')}`,
      )
    if (value.length > sendBytesMax)
      throw new EntryRefusedError(
        `${topic}/${partition}: a record of ${value.length} bytes, at most ${sendBytesMax} are taken`,
      )
  }
  const places = Map.groupBy(outputs, ({ topic, partition }) => partitionName(topic, partition))
  return Array.from(places.values(), (group) => {
    const { topic, partition } = group[0]!
    return { topic, partition, partitionId: topics.partitionId(topic, partition), outputs: group }
  })
}

const appendOutputs = ({ database, settings }: Store, place: OutputPlace): void => {
  const entries = place.outputs.map(({ key, value }) => ({ key, value, timestampMs: 0 }))
  const stamp = { by: 'writer', nowMs: settings.clock() } as const
  for (const piece of splitBySize(entries, sendBytesMax)) appendBatch(database, place, piece, stamp)
}
