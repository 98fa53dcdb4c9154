import type { ReadableLog } from '@tidemark/assembly'
import { consoleRecords, type ConsoleRecord } from '@tidemark/broker'
import { partitionsOf, topicNames, type Layout, type Offset, type TopicName } from '@tidemark/model'
import { recordCursor, writeRecordBatch } from '@tidemark/wire'

/** All topics as Kafka's own consumer read them: the committed view of a client that shares no code with Tidemark's. */
export type ConsoleLog = ReadableLog & {
  readonly records: (topic: TopicName) => readonly ConsoleRecord[]
}

const readersMax = 6

/** `log` is the same by Tidemark's own client, which says how many records are worth waiting for. */
export const consoleLog = async (
  brokers: readonly string[],
  { prefix, partitions }: Pick<Layout, 'prefix' | 'partitions'>,
  log: ReadableLog,
): Promise<ConsoleLog> => {
  const found = new Map<TopicName, readonly ConsoleRecord[]>()
  const left = [...topicNames]
  const readSome = async (): Promise<void> => {
    for (let topic = left.shift(); topic !== undefined; topic = left.shift()) {
      const expected = await countOf(log, topic)
      found.set(topic, await consoleRecords(brokers, prefix + topic, expected))
    }
  }
  await Promise.all(Array.from({ length: readersMax }, readSome))
  const recordsIn = (topic: TopicName, partition: number): readonly ConsoleRecord[] =>
    found.get(topic)!.filter((record) => record.partition === partition)
  const endOf = (topic: TopicName, partition: number): Offset =>
    ((recordsIn(topic, partition).at(-1)?.offset ?? -1) + 1) as Offset
  return {
    records: (topic) => found.get(topic)!,
    bounds: async (topic) =>
      Array.from({ length: partitionsOf(topic, partitions) }, (_, partition) => ({
        partition,
        startOffset: 0 as Offset,
        endOffset: endOf(topic, partition),
        lastTimestampMs: null,
      })),
    read: async ({ topic, partition, fromOffset }) => {
      const records = recordsIn(topic, partition).filter(({ offset }) => offset >= fromOffset)
      return {
        topic,
        partition,
        bytes: Buffer.concat(runsOf(records).map((run) => writeRecordBatch(run, run[0]!.offset))),
        fromOffset,
        nextOffset: endOf(topic, partition),
        endOffset: endOf(topic, partition),
      }
    },
  }
}

/** Markers of transactions take offsets, and a batch has none missing inside. */
const runsOf = (records: readonly ConsoleRecord[]): readonly (readonly ConsoleRecord[])[] => {
  const runs: ConsoleRecord[][] = []
  let expected = -1
  for (const record of records) {
    if (record.offset !== expected) runs.push([])
    runs.at(-1)!.push(record)
    expected = record.offset + 1
  }
  return runs
}

const countOf = async (log: ReadableLog, topic: TopicName): Promise<number> => {
  const cursor = recordCursor()
  let records = 0
  for (const { partition, startOffset, endOffset } of await log.bounds(topic))
    for (let fromOffset = startOffset; fromOffset < endOffset;) {
      const batches = await log.read({ topic, partition, fromOffset, maxWaitMs: 1000 })
      cursor.open(batches)
      while (cursor.next()) records++
      fromOffset = batches.nextOffset
    }
  return records
}
