import type { Log, PartitionBounds, Want } from '@tidemark/log'
import type { EpochMs, Offset, TopicName } from '@tidemark/model'
import { recordCursor } from '@tidemark/wire'

/** How far a position is behind the end of its partition. */
export type SourceLag = Want & {
  readonly endOffset: Offset
  readonly records: number
  /** Stream time from the first record that is not worked off to the last one; 0 where there is none. */
  readonly streamMs: number
}

/** Partitions that are read at once. */
const readsAtOnce = 8

/** Which sources are worth the look into their stream time; the others are told with 0. */
export type IsWorthReading = (want: Want) => boolean

/** The lag of every position, by the ends as they are now. */
export const sourceLags = async (
  log: Log,
  wants: readonly Want[],
  isWorthReading: IsWorthReading = () => true,
): Promise<readonly SourceLag[]> => {
  const topics = [...new Set(wants.map(({ topic }) => topic))]
  const bounds = new Map<TopicName, readonly PartitionBounds[]>()
  for (const topic of topics) bounds.set(topic, await log.bounds(topic))
  const lags: SourceLag[] = []
  for (let from = 0; from < wants.length; from += readsAtOnce) {
    const some = wants.slice(from, from + readsAtOnce).map(async (want): Promise<SourceLag> => {
      const end = bounds.get(want.topic)!.find(({ partition }) => partition === want.partition)
      const endOffset = end?.endOffset ?? want.position
      const records = Math.max(0, endOffset - want.position)
      const lastMs = records > 0 && isWorthReading(want) ? (end?.lastTimestampMs ?? null) : null
      const firstMs = lastMs === null ? null : await firstTimestamp(log, want, end!.startOffset)
      const streamMs = lastMs === null || firstMs === null ? 0 : Math.max(0, lastMs - firstMs)
      return { ...want, endOffset, records, streamMs }
    })
    lags.push(...(await Promise.all(some)))
  }
  return lags
}

/** Timestamp of the first record at or after a position; null where only what is no record follows. */
const firstTimestamp = async (
  log: Log,
  { topic, partition, position }: Want,
  startOffset: Offset,
): Promise<EpochMs | null> => {
  const cursor = recordCursor()
  // What was removed since is not there to be read; what is left begins with the oldest record.
  const fromOffset = Math.max(position, startOffset) as Offset
  cursor.open(await log.read({ topic, partition, fromOffset, bytesMax: 1, maxWaitMs: 0 }))
  return cursor.next() ? (cursor.timestampMs as EpochMs) : null
}
