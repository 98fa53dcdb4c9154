import { comparedTopics, digestOf, type ReadableLog, type TopicDigest } from '@tidemark/cli'

/** Of everything that a replay must reproduce, by topic. */
export const digestsOf = async (log: ReadableLog): Promise<Readonly<Record<string, TopicDigest>>> =>
  Object.fromEntries(
    await Promise.all(
      comparedTopics.map(async (topic) => [topic, await digestOf(log, topic)] as const),
    ),
  )
