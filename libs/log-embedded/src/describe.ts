import type { PartitionBounds, TopicDescription } from '@tidemark/log'
import { topicNames, type TopicName } from '@tidemark/model'
import type { Store } from './store.ts'
import { partitionState } from './topic-table.ts'

/** Every topic in the catalogue's order, as of one moment. */
export const describeTopics = (store: Store): readonly TopicDescription[] =>
  store.database.snapshot(() =>
    topicNames.map((name) => {
      const { stampedBy, ...topic } = store.topics.topic(name)
      return { ...topic, timestamps: stampedBy, bounds: boundsOf(store, name) }
    }),
  )

export const topicBounds = (store: Store, topic: TopicName): readonly PartitionBounds[] =>
  store.database.snapshot(() => boundsOf(store, topic))

const boundsOf = ({ database, topics }: Store, topic: TopicName): readonly PartitionBounds[] =>
  Array.from({ length: topics.topic(topic).partitions }, (_, partition) => ({
    partition,
    ...partitionState(database, topics.partitionId(topic, partition)),
  }))
