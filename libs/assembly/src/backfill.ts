import { recordReader } from '@tidemark/codec'
import type { Log } from '@tidemark/log'
import {
  epochMs,
  inputTopics,
  windowStartOf,
  type EpochMs,
  type InputTopic,
  type Layout,
  type Offset,
} from '@tidemark/model'

/**
 * Stamps the records of a log whose producers stamp them: with the largest event time seen so far in the partition, so that the stream
 * clock follows the events and a run over old data is exact and repeatable.
 */
export type Backfill = {
  /** Largest event time of the log and of what was stamped since; null: none yet. */
  readonly largestUs: () => number | null
  /** Timestamp for a record whose largest event time is `atUs`. */
  readonly stamp: (topic: InputTopic, partition: number, atUs: number) => EpochMs
  /** The least timestamp that closes every window of any partition; null when there is none. */
  readonly flushMs: () => EpochMs | null
}

/** The log stamps its records itself. */
export class StampedByLogError extends Error {
  readonly code = 'usage'
  readonly retriable = false
}

/** Goes on from where the log's partitions stand. */
export const backfillOf = async (log: Log, layout: Layout): Promise<Backfill> => {
  if (layout.timestamps !== 'producer')
    throw new StampedByLogError(
      'this log stamps its records itself (timestamps: broker); event time needs one that was provisioned with --timestamps producer, or a new folder',
    )
  const lastUs = new Map<string, number>()
  let largestUs: number | null = null
  for (const topic of inputTopics)
    for (const { partition, startOffset, endOffset, lastTimestampMs } of await log.bounds(topic)) {
      if (lastTimestampMs !== null) lastUs.set(`${topic}/${partition}`, lastTimestampMs * 1000)
      const dataMs = await lastDataMs(log, topic, partition, startOffset, endOffset)
      if (dataMs !== null) largestUs = Math.max(largestUs ?? 0, dataMs * 1000)
    }
  return {
    largestUs: () => largestUs,
    stamp: (topic, partition, atUs) => {
      const key = `${topic}/${partition}`
      const us = Math.max(lastUs.get(key) ?? 0, atUs)
      lastUs.set(key, us)
      largestUs = Math.max(largestUs ?? 0, atUs)
      return epochMs(Math.floor(us / 1000))
    },
    flushMs: () =>
      largestUs === null
        ? null
        : epochMs(
            Math.ceil(
              (windowStartOf(largestUs, layout.windowUs) + layout.windowUs + layout.graceUs) / 1000,
            ),
          ),
  }
}

/** Timestamp of the last record that is no tick; ticks stand at the end, so the look back is short. */
const lastDataMs = async (
  log: Log,
  topic: InputTopic,
  partition: number,
  startOffset: Offset,
  endOffset: Offset,
): Promise<EpochMs | null> => {
  for (let back = 8, from = endOffset; from > startOffset; back *= 8) {
    const until = from
    from = Math.max(startOffset, endOffset - back) as Offset
    let dataMs: number | null = null
    const reader = recordReader()
    for (let at: number = from; at < until;) {
      const batches = await log.read({ topic, partition, fromOffset: at as Offset, maxWaitMs: 0 })
      reader.open(batches)
      for (let record = reader.next(); record !== null; record = reader.next())
        if (record.decoded.ok && record.decoded.event.type !== 'Tick' && record.offset < until)
          dataMs = record.timestampMs
      if (batches.nextOffset <= at) break
      at = batches.nextOffset
    }
    if (dataMs !== null) return epochMs(dataMs)
  }
  return null
}
