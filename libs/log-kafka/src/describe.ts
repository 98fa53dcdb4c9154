import { NotProvisionedError, type PartitionBounds, type TopicDescription } from '@tidemark/log'
import { topicNames, type TopicName } from '@tidemark/model'
import type { TopicAdmin } from './admin.ts'

/** What stands on the brokers for the topics of the catalogue. */
export const describeTopics = async (
  admin: TopicAdmin,
  prefix: string,
  boundsOf: (topic: TopicName) => Promise<readonly PartitionBounds[]>,
): Promise<readonly TopicDescription[]> => {
  const found = await admin.find(topicNames.map((topic) => prefix + topic))
  const missing = topicNames.map((topic) => prefix + topic).filter((name) => !found.has(name))
  if (missing.length > 0)
    throw new NotProvisionedError(`topics do not exist: ${missing.join(', ')}`)
  return Promise.all(
    topicNames.map(async (topic): Promise<TopicDescription> => {
      const name = prefix + topic
      const { partitions, config } = found.get(name)!
      return {
        topic,
        name,
        partitions,
        timestamps:
          config.get('message.timestamp.type') === 'LogAppendTime' ? 'broker' : 'producer',
        cleanup: config.get('cleanup.policy') === 'compact' ? 'compact' : 'delete',
        retentionMs: Number(config.get('retention.ms')),
        bounds: await boundsOf(topic),
      }
    }),
  )
}
