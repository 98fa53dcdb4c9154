import { encode, partitionOfService } from '@tidemark/codec'
import { EntryRefusedError, type Log } from '@tidemark/log'
import {
  topicOfEvent,
  type EpochMs,
  type HealthChecked,
  type InputTopic,
  type Layout,
  type Offset,
  type RequestBatch,
  type RequestObserved,
} from '@tidemark/model'
import { bytesOf, runLane, type Lane, type Waiting } from './lane.ts'
import { layoutOf } from './layout-of.ts'

export type PublishableEvent = RequestObserved | RequestBatch | HealthChecked

/** Where an event stands in the log. */
export type Published = {
  readonly topic: InputTopic
  readonly partition: number
  readonly offset: Offset
}

export type PublisherOptions = {
  /** Events that may be under way or wait for their turn, all partitions together. Default 10,000. */
  readonly queuedMax?: number
  /** Bytes of them. Default 32 MiB. */
  readonly queuedBytesMax?: number
  /** How long the first event of a send waits for company. Default 5 ms. */
  readonly lingerMs?: number
  /** How long a send is tried again after errors that may pass, with the same ids. Default 60 s. */
  readonly retryMs?: number
}

export type Publisher = {
  /**
   * Resolves when the event is in the log, durably. Rejects at once, and nothing is sent, with QueueFullError when too much waits already
   * (`ready` tells when there is room), with EncodeError or EntryRefusedError when the event can never be published; with the log's error
   * when the send failed for good: it is then unknown whether the event is in the log, and publishing it again with the same id
   * is safe while its window is open. `timestampMs` is given exactly where the layout says that producers stamp records.
   */
  readonly publish: (event: PublishableEvent, timestampMs?: EpochMs) => Promise<Published>
  /** Resolves when the queue has room. Where several wait for it, all of them are told; one may find it full again. */
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
const queuedBytesMaxDefault = 32 * 1024 * 1024
const lingerMsDefault = 5
const retryMsDefault = 60_000

/** Publishes events of any service: one send per partition under way, in the order of the calls. */
export const openPublisher = async (
  log: Log,
  options: PublisherOptions = {},
): Promise<Publisher> => {
  const { partitions, timestamps } = await layoutOf(log)
  const { queuedMax = queuedMaxDefault, queuedBytesMax = queuedBytesMaxDefault } = options
  const { lingerMs = lingerMsDefault, retryMs = retryMsDefault } = options
  const sender = await log.publisher()
  const lanes = new Map<string, Lane>()
  let waiters: (() => void)[] = []
  let queued = 0
  let queuedBytes = 0
  let closing: Promise<void> | null = null
  const isFull = (): boolean => queued >= queuedMax || queuedBytes >= queuedBytesMax
  const settled = (piece: readonly Waiting[]): void => {
    queued -= piece.length
    queuedBytes -= bytesOf(piece)
    if (isFull()) return
    const told = waiters
    waiters = []
    for (const tell of told) tell()
  }
  const sending = { sender, lingerMs, retryMs, settled }
  const laneOf = (topic: InputTopic, partition: number): Lane => {
    const key = `${topic}/${partition}`
    const known = lanes.get(key)
    if (known !== undefined) return known
    const lane: Lane = { topic, partition, waiting: [], running: null, newest: Promise.resolve() }
    lanes.set(key, lane)
    return lane
  }
  // Events of a lane settle in their order, so the newest of each lane stands for all before it.
  const flush = async (): Promise<void> => {
    await Promise.allSettled(Array.from(lanes.values(), ({ newest }) => newest))
  }
  return {
    publish: async (event, timestampMs) => {
      if (closing !== null) throw new PublisherClosedError('publish: the publisher is closed')
      if (isFull())
        throw new QueueFullError(
          `publish: ${queued} events of ${queuedBytes} bytes wait, ${queuedMax} of ${queuedBytesMax} may; await ready() first`,
        )
      const topic = topicOfEvent[event.type]
      const fault = stampFault(timestamps, timestampMs)
      if (fault !== null) throw new EntryRefusedError(`publish to ${topic}: ${fault}`)
      const { key, partition } = partitionOfService(event.service, partitions)
      const entry = { key, value: encode(event), ...(timestampMs !== undefined && { timestampMs }) }
      const lane = laneOf(topic, partition)
      const published = new Promise<Published>((resolve, reject) => {
        const waiting = { entry, resolve, reject }
        lane.waiting.push(waiting)
        queued++
        queuedBytes += bytesOf([waiting])
      })
      lane.newest = published
      lane.running ??= runLane(lane, sending)
      return published
    },
    ready: () =>
      isFull()
        ? new Promise((resolve) => {
            waiters.push(resolve)
          })
        : Promise.resolve(),
    flush,
    close: () => (closing ??= flush().then(() => sender.close())),
  }
}

// One entry that the log refuses would take the others of its send along, so what can be told before is.
const stampFault = (by: Layout['timestamps'], timestampMs: EpochMs | undefined): string | null => {
  if (by === 'broker')
    return timestampMs === undefined ? null : 'this log stamps its records itself'
  return timestampMs === undefined ? 'producers stamp the records of this log' : null
}
