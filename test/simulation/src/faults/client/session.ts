import {
  EntryRefusedError,
  FencedError,
  PositionError,
  UnavailableError,
  type Outgoing,
  type TaskCommit,
  type TaskSession,
} from '@tidemark/log'
import {
  derivedTopics,
  sendBytesMax,
  type EpochMs,
  type RecordBatches,
  type TopicName,
} from '@tidemark/model'
import { splitBySize, type BatchEntry } from '@tidemark/wire'
import type { Partition, StoredBatch } from '../broker/partition.ts'
import { stateEntries, withoutFrom, type StoredState } from '../broker/task-states.ts'
import type { Writer } from '../run.ts'
import { unlessAborted, whenEnded, type ClientParts, type KeptProducer } from './client.ts'

const pollBytesMax = 1024 * 1024

type TaskKey = { readonly processor: string; readonly task: number }

/**
 * Takes a task over: initialises its producer, which fences the last owner and ends what that one left under way; then reads the checkpoint;
 * then hands out the session. `isOurs` says whether the membership still holds.
 */
export const acquireTask = async (
  parts: ClientParts,
  { processor, task }: TaskKey,
  isOurs: () => boolean,
  signal: AbortSignal,
): Promise<TaskSession> => {
  const { broker, process, behaviour, chronicle } = parts
  const assertOurs = (): void => {
    if (!isOurs()) throw new FencedError(`${processor}/${task}: the membership has ended`)
  }
  const producer = await producerOf(parts, { processor, task })
  assertOurs()
  const { epoch, stored } = await process.request('restore', () => ({
    epoch: broker.states.claim(processor, task),
    stored:
      behaviour.restoresFrom === 'committed'
        ? broker.states.stored(processor, task)
        : broker.states.unchecked(processor, task),
  }))
  assertOurs()
  const writer = { kind: 'task', process: process.name, processor, task, epoch } as const
  const { checkpoint = null, positions = [] } = stored ?? {}
  chronicle.acquisitions.push({ writer, checkpoint, positions, at: chronicle.moment() })
  const owner: Owner = { parts, writer, producer, assertOurs, signal }
  const write = committer(owner, stored)
  const poll = poller(owner, write.requireUsable)
  return {
    ...{ processor, task, epoch, checkpoint },
    positions: positions.map(withoutFrom),
    poll,
    append: async (topic, index, { key, value, timestampMs }) => {
      write.requireUsable()
      await process.request('tick', () => {
        const partition = broker.partition(topic, index)
        const stampMs = timestampMs === undefined ? broker.stampMs(partition) : null
        partition.append({
          ...{ entries: [{ key, value, timestampMs: timestampMs ?? 0 }], stampMs },
          ...{ writer: { ...writer, kind: 'ticker' }, numbers: null, transaction: null },
          at: chronicle.moment(),
        })
      })
    },
    commit: write.commit,
  }
}

/** A new producer, in an epoch that fences whoever had the task before. */
const producerOf = async (
  { broker, process, behaviour, draw, kept }: ClientParts,
  { processor, task }: TaskKey,
): Promise<KeptProducer> => {
  const known = behaviour.discardsAfterFailure ? undefined : kept.get(`${processor}/${task}`)
  if (known !== undefined) return known
  const transactionalId = behaviour.transactionalId(processor, task, draw)
  const identity = await whenEnded(process, () =>
    process.request('initialise', () =>
      behaviour.fences
        ? broker.transactions.initialise(transactionalId)
        : broker.transactions.current(transactionalId),
    ),
  )
  const producer: KeptProducer = { identity, sequences: new Map() }
  kept.set(`${processor}/${task}`, producer)
  return producer
}

type Owner = {
  readonly parts: ClientParts
  readonly writer: Extract<Writer, { kind: 'task' }>
  readonly producer: KeptProducer
  readonly assertOurs: () => void
  readonly signal: AbortSignal
}

/** What was handed out by the last poll is overwritten by the next one: the bytes belong to the reader only so long. */
const poller = (
  { parts: { broker, process, cutPoll }, writer, signal }: Owner,
  requireUsable: () => void,
): TaskSession['poll'] => {
  let handedOut: readonly RecordBatches[] = []
  return async (asked, { maxWaitMs, bytesMax: bytesAsked = pollBytesMax }) => {
    requireUsable()
    for (const { bytes } of handedOut) bytes.fill(0xee)
    handedOut = []
    if (signal.aborted) return []
    const { wants, bytesMax } = cutPoll(asked, bytesAsked)
    const fetched = process
      .request('fetch', () => broker.fetch({ wants, maxWaitMs, bytesMax }))
      .catch((error: unknown) => {
        // First of all: whoever has lost the task may find records gone that its successor needs no more.
        requireUsable()
        if (error instanceof UnavailableError) return []
        // Clients that do not look at their membership are there to write late. What they miss when they read is no loss.
        const { processor, task, epoch } = writer
        if (error instanceof PositionError && broker.states.claimed(processor, task) > epoch)
          throw new FencedError(`${processor}/${task}: epoch ${epoch} has ended`)
        throw error
      })
    handedOut = await unlessAborted(fetched, signal, [])
    requireUsable()
    return handedOut
  }
}

/**
 * Exactly once: outputs, checkpoint and positions are one transaction. After an error nothing more is written: whether the commit took
 * effect is for the next owner to find out.
 */
const committer = (owner: Owner, stored: StoredState | null) => {
  const { parts, writer, assertOurs } = owner
  const { identity, sequences } = owner.producer
  const { process, behaviour, chronicle, broker, reached } = parts
  let failure: { readonly error: unknown } | null = null
  let last = stored

  const produce = async (
    partition: Partition,
    entries: readonly BatchEntry[],
  ): Promise<StoredBatch> => {
    const sequence = sequences.get(partition) ?? 0
    sequences.set(partition, sequence + entries.length)
    return whenEnded(process, () =>
      process.request('produce', () => {
        if (broker.states.claimed(writer.processor, writer.task) > writer.epoch)
          chronicle.sight('late-request-after-takeover')
        const send = { ...identity, partition, entries, sequence, writer }
        return broker.transactions.produce(send)
      }),
    )
  }

  const transact = async (commit: Partial<TaskCommit>): Promise<void> => {
    const { outputs = [], ...state } = commit
    const timestampMs = process.wallMs()
    for (const [partition, entries] of placed(parts, outputs, timestampMs))
      for (const piece of splitBySize(entries, sendBytesMax)) await produce(partition, piece)
    const next: StoredState = {
      ...(last ?? { checkpoint: new Map(), positions: [] }),
      ...state,
      ...{ epoch: writer.epoch, committedAtMs: timestampMs },
    }
    const checkpoints = broker.partition('checkpoints', writer.task)
    const batch = await produce(checkpoints, stateEntries(writer, last?.checkpoint ?? null, next))
    reached('sent')
    reached('offsets-sent')
    const ended = process.request('end-transaction', () =>
      broker.transactions.end(identity, 'commit'),
    )
    reached('commit-sent')
    try {
      await ended
    } catch (error) {
      if (error instanceof UnavailableError) chronicle.unknownCommits.push(batch)
      throw error
    }
    last = next
  }

  const requireUsable = (): void => {
    if (failure !== null && behaviour.discardsAfterFailure) throw failure.error
    if (parts.fencesItself) assertOurs()
  }

  return {
    requireUsable,
    commit: async (commit: TaskCommit): Promise<void> => {
      requireUsable()
      refuse(commit.outputs)
      try {
        for (const part of behaviour.transactions(commit)) await transact(part)
      } catch (error) {
        failure = { error }
        if (error instanceof FencedError) chronicle.sight('zombie-commit-refused')
        throw error
      }
    },
  }
}

const placed = (
  { broker }: ClientParts,
  outputs: readonly Outgoing[],
  timestampMs: EpochMs,
): ReadonlyMap<Partition, readonly BatchEntry[]> => {
  const places = new Map<Partition, BatchEntry[]>()
  for (const { topic, partition, key, value } of outputs) {
    const place = broker.partition(topic, partition)
    const entries = places.get(place)
    if (entries === undefined) places.set(place, [{ key, value, timestampMs }])
    else entries.push({ key, value, timestampMs })
  }
  return places
}

const refuse = (outputs: readonly Outgoing[]): void => {
  for (const { topic, partition, value } of outputs) {
    if (!(derivedTopics as readonly TopicName[]).includes(topic))
      throw new EntryRefusedError(`${topic}: no output of a processor`)
    if (value.length > sendBytesMax)
      throw new EntryRefusedError(`${topic}/${partition}: a record of ${value.length} bytes`)
  }
}
