import { recordReader, type DecodedRecord } from '@tidemark/codec'
import { CorruptLogError, PositionError } from '@tidemark/log'
import { invariant, type DerivedTopic, type Offset } from '@tidemark/model'
import { causeOf, type CauseAt } from './cause.ts'
import { emittedStart } from './emitted-start.ts'
import { readOn } from './read-on.ts'
import {
  first,
  halve,
  push,
  recordQueue,
  take,
  type CausedRecord,
  type RecordQueue,
} from './record-queue.ts'
import type { EmittedRecord } from './tally.ts'
import type { ReadableLog } from './topic-digest.ts'

/** What one source wrote into a partition of a derived topic, in the order in which it stands there. */
export type EmittedSource = {
  /** Passes over what lies behind a cause, as far as that can be told without reading it all. Only before the first record is asked for. */
  readonly skipThrough: (after: CauseAt) => Promise<void>
  /** The next record, without taking it; null at the end. */
  readonly next: () => Promise<CausedRecord | null>
  readonly take: () => void
  /** How often records were removed in front of it by retention: before it was opened, and while it was read. */
  readonly cuts: () => number
  /** The end of the partition when it was opened. */
  readonly firstEnd: Offset
  /** Looks whether more has come, the first time with some patience; true if so. */
  readonly lookAgain: () => Promise<boolean>
  /** What waits in its queue. */
  readonly waitingBytes: () => number
  /** Where damage keeps it from being read on; null where there is none. */
  readonly brokenAt: () => Offset | null
}

export type EmittedPartitionOptions = {
  readonly topic: DerivedTopic
  readonly partition: number
  readonly startOffset: Offset
  readonly endOffset: Offset
  /** The sources that are compared; records of `others` are passed over. */
  readonly sources: readonly string[]
  readonly others: ReadonlySet<string>
  /** How much may wait in all queues together; one record more, and a read of a quarter of it, come on top. */
  readonly bytesMax: number
  /** How long `lookAgain` waits for the first time. */
  readonly settleMs: number
  /** Told of each record that is none of this topic, and of damage. */
  readonly unreadable: (detail: string, record: EmittedRecord | null) => void
}

/**
 * Hands the records of a partition to those who compare its sources, each at its own pace. Whoever needs a record reads on, and what belongs
 * to others who stand at the same position waits for them. When too much waits, the longest queue lets half of its records go,
 * which are read again later; so memory is bounded however sources are interleaved.
 */
export const emittedPartition = (
  log: ReadableLog,
  options: EmittedPartitionOptions,
): ReadonlyMap<string, EmittedSource> => {
  const { topic, partition, startOffset, sources, others, bytesMax } = options
  const queues = new Map(
    sources.map((source): [string, RecordQueue] => [source, recordQueue(startOffset)]),
  )
  const reader = recordReader()
  let endOffset = options.endOffset
  let brokenAt: Offset | null = null
  let hasLooked = false
  /** A part that is read again is not complained of again. */
  let complainedTo = startOffset

  const waitingBytes = (): number => [...queues.values()].reduce((sum, { bytes }) => sum + bytes, 0)

  /** The queue that a record belongs into, if its source is compared. */
  const queueOf = (record: DecodedRecord): RecordQueue | null => {
    const { offset, decoded } = record
    const cause = decoded.ok ? causeOf(decoded.event) : null
    const queue = cause === null ? undefined : queues.get(cause.source)
    if (queue !== undefined) return queue
    const isOthers = cause !== null && others.has(cause.source)
    if (!isOthers && offset >= complainedTo)
      options.unreadable(
        decoded.ok
          ? `${decoded.event.type} of a source that does not write here`
          : `${decoded.reason}: ${decoded.detail}`,
        copyOf(record),
      )
    return null
  }

  /** Reads on from where a queue ends, at most up to where another one stands, until it has something and no more may wait. */
  const fill = async (reading: RecordQueue): Promise<void> => {
    const from = reading.position
    const standing = [...queues.values()]
    const limit = Math.min(
      endOffset,
      ...standing.map(({ position }) => position).filter((position) => position > from),
    )
    const together = new Set(standing.filter(({ position }) => position === from))
    const batches = await readOn(log, {
      ...{ topic, partition, fromOffset: from },
      bytesMax: Math.max(1, Math.floor(bytesMax / 4)),
    })
    reader.open(batches)
    let waiting = waitingBytes()
    let position = Math.min(limit, batches.nextOffset)
    for (let record = reader.next(); record !== null; record = reader.next()) {
      if (record.offset >= position) break
      const queue = queueOf(record)
      if (queue === null || !together.has(queue)) continue
      const before = queue.bytes
      push(queue, causedOf(record))
      waiting += queue.bytes - before
      while (waiting > bytesMax) {
        const longest = standing.reduce((a, b) => (b.bytes > a.bytes ? b : a))
        if (first(reading) !== null) {
          position = record.offset + 1
          break
        }
        waiting -= longest.bytes
        halve(longest)
        waiting += longest.bytes
        together.delete(longest)
      }
    }
    for (const queue of together) queue.position = position as Offset
    complainedTo = Math.max(complainedTo, position) as Offset
  }

  const skipThrough = async (source: string, queue: RecordQueue, after: CauseAt): Promise<void> => {
    if (first(queue) !== null) return
    const bounds = { partition, startOffset: queue.position, endOffset, lastTimestampMs: null }
    try {
      const position = await emittedStart(log, topic, bounds, source, after)
      if (position === queue.position) return
      queue.position = position
      // What was passed over is there, so nothing is missing in front of the rest.
      queue.cuts = 0
    } catch (error) {
      // Whoever reads on meets it where it matters.
      if (!(error instanceof CorruptLogError || error instanceof PositionError)) throw error
    }
  }

  const next = async (queue: RecordQueue): Promise<CausedRecord | null> => {
    for (;;) {
      const found = first(queue)
      if (found !== null) return found
      if (queue.position >= endOffset || brokenAt !== null) return null
      try {
        await fill(queue)
      } catch (error) {
        if (error instanceof PositionError && error.startOffset > queue.position) {
          queue.position = error.startOffset
          queue.cuts++
        } else if (error instanceof CorruptLogError) {
          brokenAt = queue.position
          options.unreadable(error.message, null)
        } else throw error
      }
    }
  }

  const lookAgain = async (): Promise<boolean> => {
    const fromOffset = endOffset
    const maxWaitMs = hasLooked ? 0 : options.settleMs
    hasLooked = true
    const more = await log.read({ topic, partition, fromOffset, maxWaitMs })
    endOffset = Math.max(endOffset, more.nextOffset) as Offset
    return endOffset > fromOffset
  }

  return new Map(
    [...queues].map(([source, queue]) => [
      source,
      {
        skipThrough: (after: CauseAt) => skipThrough(source, queue, after),
        next: () => next(queue),
        take: () => {
          take(queue)
        },
        cuts: () => queue.cuts,
        firstEnd: options.endOffset,
        lookAgain,
        waitingBytes: () => queue.bytes,
        brokenAt: () => brokenAt,
      },
    ]),
  )
}

/** Keys and values are views of bytes that are gone with the next read. */
const copyOf = ({ offset, timestampMs, key, value }: DecodedRecord): EmittedRecord => ({
  offset,
  timestampMs,
  key: key && new Uint8Array(key),
  value: value && new Uint8Array(value),
})

const causedOf = (record: DecodedRecord): CausedRecord => {
  const { decoded } = record
  const cause = decoded.ok ? causeOf(decoded.event) : null
  invariant(cause !== null, 'a record without a cause is in no queue')
  return { ...copyOf(record), at: cause.at }
}
