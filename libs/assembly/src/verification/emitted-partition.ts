import { recordReader, type DecodedRecord } from '@tidemark/codec'
import { CorruptLogError, PositionError } from '@tidemark/log'
import type { DerivedTopic, Offset } from '@tidemark/model'
import { causeOf, type CauseAt } from './cause.ts'
import type { EmittedRecord } from './tally.ts'
import type { ReadableLog } from './topic-digest.ts'

/** What one source wrote into a partition of a derived topic, in the order in which it stands there. */
export type EmittedSource = {
  /** The next record, without taking it; null at the end. */
  readonly next: () => Promise<CausedRecord | null>
  readonly take: () => void
  /** How often records were removed in front of it by retention: before it was opened, and while it was read. */
  readonly cuts: () => number
  /** The end of the partition when it was opened. */
  readonly firstEnd: Offset
  /** Looks once whether more has come since the partition was opened; true if so. */
  readonly lookAgain: () => Promise<boolean>
  /** Where damage keeps it from being read on; null where there is none. */
  readonly brokenAt: () => Offset | null
}

export type CausedRecord = EmittedRecord & { readonly at: CauseAt }

export type EmittedPartitionOptions = {
  readonly topic: DerivedTopic
  readonly partition: number
  readonly startOffset: Offset
  readonly endOffset: Offset
  /** The sources that are compared; records of `others` are passed over. */
  readonly sources: readonly string[]
  readonly others: ReadonlySet<string>
  /** How much may wait in all queues together; one read of half of it comes on top. */
  readonly bytesMax: number
  /** How long `lookAgain` waits. */
  readonly settleMs: number
  /** Told of each record that is none of this topic, and of damage. */
  readonly unreadable: (detail: string, record: EmittedRecord | null) => void
}

type Queue = {
  records: CausedRecord[]
  head: number
  bytes: number
  /** What the source wrote below it is in the queue, or was taken. */
  position: Offset
  cuts: number
}

/**
 * Hands the records of a partition to those who compare its sources, each at its own pace. Whoever needs a record reads on, and what belongs
 * to others who stand at the same position waits for them. When too much waits, the longest queue is let go and read again later; so
 * memory is bounded however sources are interleaved.
 */
export const emittedPartition = (
  log: ReadableLog,
  options: EmittedPartitionOptions,
): ReadonlyMap<string, EmittedSource> => {
  const { topic, partition, startOffset, sources, others, bytesMax } = options
  const queues = new Map(
    sources.map((source): [string, Queue] => [
      source,
      { records: [], head: 0, bytes: 0, position: startOffset, cuts: startOffset > 0 ? 1 : 0 },
    ]),
  )
  const reader = recordReader()
  let endOffset = options.endOffset
  let waiting = 0
  let brokenAt: Offset | null = null
  let hasLooked = false
  /** A part that is read again is not complained of again. */
  let complainedTo = startOffset

  const place = (record: DecodedRecord, from: Offset): void => {
    const { offset, timestampMs, decoded } = record
    const cause = decoded.ok ? causeOf(decoded.event) : null
    const queue = cause === null ? undefined : queues.get(cause.source)
    if (cause === null || queue === undefined) {
      if (cause !== null && others.has(cause.source)) return
      if (offset < complainedTo) return
      options.unreadable(
        decoded.ok
          ? `${decoded.event.type} of a source that does not write here`
          : `${decoded.reason}: ${decoded.detail}`,
        copyOf(record),
      )
      return
    }
    if (queue.position !== from) return
    const placed = { ...copyOf(record), offset, timestampMs, at: cause.at }
    queue.records.push(placed)
    queue.bytes += bytesOf(placed)
    waiting += bytesOf(placed)
  }

  /** Reads on from where a queue ends, at most up to where another one stands. */
  const readOn = async (reading: Queue): Promise<void> => {
    const from = reading.position
    const ahead = [...queues.values()].map(({ position }) => position).filter((at) => at > from)
    const limit = Math.min(endOffset, ...ahead) as Offset
    const batches = await log.read({
      ...{ topic, partition, fromOffset: from, maxWaitMs: 1000 },
      bytesMax: Math.max(1, Math.floor(bytesMax / 2)),
    })
    reader.open(batches)
    for (let record = reader.next(); record !== null; record = reader.next()) {
      if (record.offset >= limit) break
      place(record, from)
    }
    const position = Math.min(limit, batches.nextOffset) as Offset
    for (const queue of queues.values()) if (queue.position === from) queue.position = position
    complainedTo = Math.max(complainedTo, position) as Offset
    letGo(reading)
  }

  const letGo = (reading: Queue): void => {
    while (waiting > bytesMax) {
      let longest: Queue | null = null
      for (const queue of queues.values())
        if (queue !== reading && queue.bytes > (longest?.bytes ?? 0)) longest = queue
      if (longest === null) return
      waiting -= longest.bytes
      longest.position = longest.records[longest.head]!.offset
      Object.assign(longest, { records: [], head: 0, bytes: 0 })
    }
  }

  const next = async (queue: Queue): Promise<CausedRecord | null> => {
    while (queue.head === queue.records.length) {
      if (queue.position >= endOffset || brokenAt !== null) return null
      try {
        await readOn(queue)
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
    return queue.records[queue.head]!
  }

  const take = (queue: Queue): void => {
    const bytes = bytesOf(queue.records[queue.head]!)
    queue.head++
    queue.bytes -= bytes
    waiting -= bytes
    if (queue.head < queue.records.length) return
    queue.records = []
    queue.head = 0
  }

  const lookAgain = async (): Promise<boolean> => {
    if (hasLooked || options.settleMs === 0) return false
    hasLooked = true
    const fromOffset = endOffset
    const more = await log.read({ topic, partition, fromOffset, maxWaitMs: options.settleMs })
    endOffset = Math.max(endOffset, more.nextOffset) as Offset
    return endOffset > fromOffset
  }

  return new Map(
    [...queues].map(([source, queue]) => [
      source,
      {
        next: () => next(queue),
        take: () => {
          take(queue)
        },
        cuts: () => queue.cuts,
        firstEnd: options.endOffset,
        lookAgain,
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

/** What an object with its two arrays takes beside their bytes. */
const recordOverheadBytes = 300

const bytesOf = ({ key, value }: EmittedRecord): number =>
  recordOverheadBytes + (key?.length ?? 0) + (value?.length ?? 0)
