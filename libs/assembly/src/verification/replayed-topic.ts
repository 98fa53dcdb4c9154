import type { Log } from '@tidemark/log'
import type { DerivedTopic } from '@tidemark/model'
import { topicRecords } from '../topic-records.ts'
import { afterAll, beforeAll, causeOf, partitionSource } from './cause.ts'
import { emittedPartition } from './emitted-partition.ts'
import { recentMax, share, emittedBytesAll } from './memory-bounds.ts'
import { sourceComparer } from './source-comparer.ts'
import { topicTally, type TopicFindings } from './tally.ts'

/** Compares what a log holds of a topic that is compacted, with one source in each partition, with what a replay of its inputs holds. */
export const compareReplayed = async (
  live: Log,
  replayed: Log,
  topic: DerivedTopic,
): Promise<TopicFindings> => {
  const tally = topicTally(topic)
  const emitted = await live.bounds(topic)
  for (const { partition, startOffset, endOffset } of await replayed.bounds(topic)) {
    const source = partitionSource(partition)
    const there = emittedPartition(live, {
      ...{ topic, partition, sources: [source], others: new Set(), settleMs: 0 },
      startOffset: emitted[partition]!.startOffset,
      endOffset: emitted[partition]!.endOffset,
      bytesMax: share(emittedBytesAll, 1),
      unreadable: (detail, record) => {
        tally.differ({ kind: 'unreadable', partition, detail, reexecuted: null, emitted: record })
      },
    })
    const comparer = sourceComparer(there.get(source)!, tally, {
      ...{ partition, source, through: afterAll, requiredThrough: afterAll },
      ...{ isCompacted: true, recentMax: recentMax(1) },
    })
    comparer.begin(beforeAll)
    const stretch = { topic, partition, fromOffset: startOffset, toOffset: endOffset }
    for await (const { key, value, decoded } of topicRecords(replayed, stretch)) {
      const cause = decoded.ok ? causeOf(decoded.event) : null
      if (cause?.source !== source) continue
      // What may have been compacted is kept for later.
      const copy = { key: key && new Uint8Array(key), value: value && new Uint8Array(value) }
      await comparer.expect({ ...copy, at: cause.at })
    }
    await comparer.end()
  }
  return tally.findings()
}
