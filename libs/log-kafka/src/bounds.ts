import { UnavailableError, type PartitionBounds } from '@tidemark/log'
import type { EpochMs, Offset, TopicName } from '@tidemark/model'
import { recordCursor } from '@tidemark/wire'
import { listOffsets, type OffsetRange } from './connection.ts'
import type { FetchReader } from './fetcher.ts'
import type { Settings } from './options.ts'
import type { Reading } from './reading.ts'

/** Start, end and last timestamp of every partition of a topic. */
export const partitionBounds = async (
  { connection, fetcher, settings }: Reading,
  topic: TopicName,
): Promise<readonly PartitionBounds[]> => {
  const name = settings.prefix + topic
  await connection.requireTopics([name])
  const partitions = [...(connection.leaders().get(name)?.keys() ?? [])].sort((a, b) => a - b)
  const ranges = await listOffsets(connection, name, partitions)
  return Promise.all(
    partitions.map(async (partition) => {
      const range = ranges.get(partition)!
      const reader = fetcher.reader({ ahead: false })
      try {
        return {
          partition,
          startOffset: range.startOffset as Offset,
          endOffset: range.endOffset as Offset,
          lastTimestampMs: await lastTimestamp(reader, settings, topic, partition, range),
        }
      } finally {
        reader.close()
      }
    }),
  )
}

/**
 * Timestamp of the newest record. The last offsets may belong to markers, aborted transactions or records that compaction took: then it
 * looks further back, sixteen times as far each time.
 */
const lastTimestamp = async (
  reader: FetchReader,
  settings: Settings,
  topic: TopicName,
  partition: number,
  { startOffset, endOffset }: OffsetRange,
): Promise<EpochMs | null> => {
  for (let back = 1; ; back *= 16) {
    const from = Math.max(startOffset, endOffset - back)
    const found = await lastTimestampFrom(reader, settings, topic, partition, from, endOffset)
    if (found !== null || from === startOffset) return found
  }
}

const lastTimestampFrom = async (
  reader: FetchReader,
  settings: Settings,
  topic: TopicName,
  partition: number,
  from: number,
  endOffset: number,
): Promise<EpochMs | null> => {
  const cursor = recordCursor()
  let last: EpochMs | null = null
  let position = from as Offset
  while (position < endOffset) {
    const [batches] = await reader.poll([{ topic, partition, position }], {
      maxWaitMs: settings.timeoutMs,
      bytesMax: Number.POSITIVE_INFINITY,
      answerWaitMs: 0,
    })
    if (batches === undefined)
      throw new UnavailableError(`${topic}/${partition}: no answer at ${position}`)
    cursor.open(batches)
    while (cursor.next()) if (cursor.offset < endOffset) last = cursor.timestampMs as EpochMs
    position = batches.nextOffset
  }
  return last
}
