import { setTimeout } from 'node:timers/promises'
import { encode, partitionOfService } from '@tidemark/codec'
import { LogError, type Entry, type Log, type LogPublisher } from '@tidemark/log'
import {
  sendBytesMax,
  topicOfEvent,
  type EpochMs,
  type HealthChecked,
  type InputTopic,
  type Offset,
  type RequestBatch,
  type RequestObserved,
} from '@tidemark/model'
import { layoutOf } from './layout-of.ts'

export type PublishableEvent = RequestObserved | RequestBatch | HealthChecked

/** Where an event stands in the log. */
export type Published = {
  readonly topic: InputTopic
  readonly partition: number
  readonly offset: Offset
}

export type PublisherOptions = {
  /** Events that may wait for their turn, all partitions together. Default 10,000. */
  readonly queuedMax?: number
  /** How long the first event of a send waits for company. Default 5 ms. */
  readonly lingerMs?: number
  /** How long a send is tried again after errors that may pass, with the same ids. Default 60 s. */
  readonly retryMs?: number
}

export type Publisher = {
  /**
   * Resolves when the event is in the log, durably. Rejects with QueueFullError at once when too much waits already (`ready`
   * tells when there is room), with the log's error when the send failed for good: it is then unknown whether the event is in the
   * log, and publishing it again with the same id is safe while its window is open. `timestampMs` is given exactly where the layout
   * says that producers stamp records.
   */
  readonly publish: (event: PublishableEvent, timestampMs?: EpochMs) => Promise<Published>
  /** Resolves when the queue has room. */
  readonly ready: () => Promise<void>
  /** Resolves when all that was published before is in the log, or has failed. */
  readonly flush: () => Promise<void>
  /** Flushes, then lets go of the log; `publish` is refused from then on. */
  readonly close: () => Promise<void>
}

/** More events wait than the publisher may hold. */
export class QueueFullError extends Error {
  readonly code = 'queue_full'
  readonly retriable = true
}

/** The publisher was closed. */
export class PublisherClosedError extends Error {
  readonly code = 'closed'
  readonly retriable = false
}

const queuedMaxDefault = 10_000
const lingerMsDefault = 5
const retryMsDefault = 60_000
const retryPauseMs = 200
/** Entries of one send, beside the log's limit of bytes. */
const sendEntriesMax = 2000

/** Publishes events of any service: one send per partition under way, in the order of the calls. */
export const openPublisher = async (
  log: Log,
  options: PublisherOptions = {},
): Promise<Publisher> => {
  const { partitions } = await layoutOf(log)
  const queuedMax = options.queuedMax ?? queuedMaxDefault
  const retryMs = options.retryMs ?? retryMsDefault
  const sender = await log.publisher()
  const lanes = new Map<string, Lane>()
  const waiters: (() => void)[] = []
  let queued = 0
  let closed = false
  const settled = (count: number): void => {
    queued -= count
    while (queued < queuedMax && waiters.length > 0) waiters.shift()?.()
  }
  const laneOf = (topic: InputTopic, partition: number): Lane => {
    const key = `${topic}/${partition}`
    const known = lanes.get(key)
    if (known !== undefined) return known
    const lane: Lane = { topic, partition, waiting: [], running: null }
    lanes.set(key, lane)
    return lane
  }
  const flush = async (): Promise<void> => {
    while (queued > 0) await Promise.all([...lanes.values()].flatMap(({ running }) => running ?? []))
  }
  return {
    publish: (event, timestampMs) => {
      if (closed)
        return Promise.reject(new PublisherClosedError('publish: the publisher is closed'))
      if (queued >= queuedMax)
        return Promise.reject(
          new QueueFullError(
            `publish: ${queued} events wait, ${queuedMax} may; await ready() first`,
          ),
        )
      const { key, partition } = partitionOfService(event.service, partitions)
      const entry = { key, value: encode(event), ...(timestampMs !== undefined && { timestampMs }) }
      const lane = laneOf(topicOfEvent[event.type], partition)
      queued++
      return new Promise((resolve, reject) => {
        lane.waiting.push({ entry, resolve, reject })
        lane.running ??= runLane(
          lane,
          sender,
          options.lingerMs ?? lingerMsDefault,
          retryMs,
          settled,
        )
      })
    },
    ready: () =>
      queued < queuedMax
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiters.push(resolve)
          }),
    flush,
    close: async () => {
      closed = true
      await flush()
      await sender.close()
    },
  }
}

type Waiting = {
  readonly entry: Entry
  readonly resolve: (published: Published) => void
  readonly reject: (error: unknown) => void
}

/** The events of one partition. */
type Lane = {
  readonly topic: InputTopic
  readonly partition: number
  waiting: Waiting[]
  running: Promise<void> | null
}

/** Sends what waits in a lane, piece by piece, until nothing does. */
const runLane = async (
  lane: Lane,
  sender: LogPublisher,
  lingerMs: number,
  retryMs: number,
  settled: (count: number) => void,
): Promise<void> => {
  await setTimeout(lingerMs)
  while (lane.waiting.length > 0) {
    const piece = lane.waiting.splice(0, pieceLength(lane.waiting))
    try {
      const entries = piece.map(({ entry }) => entry)
      const { baseOffset } = await appendWithRetry(lane, sender, entries, retryMs)
      for (const [i, { resolve }] of piece.entries())
        resolve({
          topic: lane.topic,
          partition: lane.partition,
          offset: (baseOffset + i) as Offset,
        })
    } catch (error) {
      for (const { reject } of piece) reject(error)
    }
    settled(piece.length)
  }
  lane.running = null
}

/** As many events as fit one send; one that is too large by itself goes alone and is refused by the log. */
const pieceLength = (waiting: readonly Waiting[]): number => {
  let bytes = 0
  let length = 0
  for (const { entry } of waiting) {
    bytes += entry.value.length + (entry.key?.length ?? 0)
    if (length > 0 && (bytes > sendBytesMax / 2 || length >= sendEntriesMax)) break
    length++
  }
  return length
}

/** The same entries again, ids included, so that a repeat is noticed as a duplicate. */
const appendWithRetry = async (
  { topic, partition }: Lane,
  sender: LogPublisher,
  entries: readonly Entry[],
  retryMs: number,
): ReturnType<LogPublisher['append']> => {
  const endMs = performance.now() + retryMs
  for (;;) {
    try {
      return await sender.append(topic, partition, entries)
    } catch (error) {
      if (!(error instanceof LogError) || !error.retriable || performance.now() >= endMs)
        throw error
      await setTimeout(retryPauseMs)
    }
  }
}
