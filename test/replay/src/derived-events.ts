import { derivedReader, type InMemoryTopics } from '@tidemark/assembly'
import type { ReadableLog } from '@tidemark/cli'
import {
  partitionsOf,
  type DerivedTopic,
  type EventType,
  type Layout,
  type Offset,
  type TidemarkEvent,
} from '@tidemark/model'

/** Everything in a derived topic, partition after partition, each in its order. Repeats are not removed. */
export const derivedEvents = async (
  log: ReadableLog,
  topic: DerivedTopic,
): Promise<readonly TidemarkEvent[]> => {
  const events: TidemarkEvent[] = []
  const reader = derivedReader()
  for (const { partition, startOffset, endOffset } of await log.bounds(topic))
    for (let at = startOffset; at < endOffset;) {
      const batches = await log.read({ topic, partition, fromOffset: at })
      reader.open(batches)
      for (let record = reader.next(); record !== null; record = reader.next())
        events.push(record.event)
      at = batches.nextOffset
    }
  return events
}

/** Those of one type. */
export const ofType = <T extends EventType>(
  events: readonly TidemarkEvent[],
  type: T,
): readonly Extract<TidemarkEvent, { type: T }>[] =>
  events.filter((event): event is Extract<TidemarkEvent, { type: T }> => event.type === type)

/** Topics in memory, to be read like those of a log. */
export const readableTopics = (
  topics: InMemoryTopics,
  { partitions }: Pick<Layout, 'partitions'>,
): ReadableLog => ({
  bounds: async (topic) =>
    Array.from({ length: partitionsOf(topic, partitions) }, (_, partition) => ({
      partition,
      startOffset: 0 as Offset,
      endOffset: topics.records(topic, partition).length as Offset,
      lastTimestampMs: null,
    })),
  read: async ({ topic, partition, fromOffset }) =>
    topics.read(topic, partition, fromOffset, recordsPerRead),
})

const recordsPerRead = 1000
