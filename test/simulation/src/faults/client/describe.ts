import type { PartitionBounds, TopicDescription } from '@tidemark/log'
import { topicCatalogue, topicNames, type Layout, type TopicName } from '@tidemark/model'
import type { Broker } from '../broker/broker.ts'

/** Every topic in the catalogue's order. */
export const describeTopics = (
  broker: Broker,
  { prefix, timestamps }: Layout,
): readonly TopicDescription[] =>
  topicNames.map((topic) => {
    const { stamped, cleanup, retentionMs } = topicCatalogue[topic]
    const isForEver = stamped === 'layout' && timestamps === 'producer'
    const bounds = boundsOf(broker, topic)
    return {
      topic,
      name: prefix + topic,
      partitions: bounds.length,
      timestamps: stamped === 'layout' ? timestamps : 'producer',
      cleanup,
      retentionMs: isForEver ? -1 : retentionMs,
      bounds,
    }
  })

export const boundsOf = (broker: Broker, topic: TopicName): readonly PartitionBounds[] =>
  broker.partitions(topic).map((partition) => ({
    partition: partition.partition,
    startOffset: partition.startOffset(),
    endOffset: partition.stableOffset(),
    lastTimestampMs: partition.lastTimestampMs(),
  }))
