import { topicCatalogue, type Layout, type TopicName } from '@tidemark/model'

/** Topic configuration as brokers spell it. */
export type TopicConfig = ReadonlyMap<string, string>

/** The largest batch. A send holds at most 900 KB of keys and values; record overhead, some 12 bytes each, comes on top. */
export const batchBytesMax = 2 * 1024 * 1024

const longestMs = '9223372036854775807'

/** What `provision` sets for a topic. */
export const topicConfig = (topic: TopicName, layout: Layout, replicas: number): TopicConfig => {
  const { cleanup, stamped, retentionMs } = topicCatalogue[topic]
  const isInput = stamped === 'layout'
  const isStampedByProducer = isInput && layout.timestamps === 'producer'
  const config = new Map([
    ['cleanup.policy', cleanup],
    ['max.message.bytes', String(batchBytesMax)],
    // Brokers unpack what producers pack: readers walk batches in place.
    ['compression.type', 'uncompressed'],
    ['message.timestamp.type', isInput && !isStampedByProducer ? 'LogAppendTime' : 'CreateTime'],
    ['retention.ms', String(isStampedByProducer ? -1 : retentionMs)],
    // With three replicas, one may fail without stopping writes and without losing what was acknowledged.
    ['min.insync.replicas', String(replicas >= 3 ? 2 : 1)],
  ])
  if (isStampedByProducer) {
    // Virtual time and backfill: any timestamp is right.
    config.set('message.timestamp.before.max.ms', longestMs)
    config.set('message.timestamp.after.max.ms', longestMs)
  }
  if (cleanup === 'compact') {
    // Whoever takes a task over reads its checkpoints from the beginning: short when compaction comes early.
    config.set('segment.bytes', String(16 * 1024 * 1024))
    config.set('min.cleanable.dirty.ratio', '0.1')
  }
  return config
}

/** Where a topic's configuration differs in a way that matters, in words. Kept longer, larger batches, more replicas in sync: all right. */
export const configDifferences = (
  name: string,
  wanted: TopicConfig,
  found: TopicConfig,
): readonly string[] =>
  [...wanted].flatMap(([key, value]) => {
    const actual = found.get(key)
    if (actual === undefined || actual === value || isHarmless(key, value, actual)) return []
    return [`${name}: ${key} is ${actual}, not ${value}`]
  })

const isHarmless = (key: string, wanted: string, actual: string): boolean => {
  switch (key) {
    case 'segment.bytes':
    case 'min.cleanable.dirty.ratio':
      return true
    case 'retention.ms':
      return actual === '-1' || (wanted !== '-1' && Number(actual) >= Number(wanted))
    case 'max.message.bytes':
    case 'min.insync.replicas':
      return Number(actual) >= Number(wanted)
    default:
      return false
  }
}
