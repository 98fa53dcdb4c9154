import type { Admin } from 'kafkajs'
import { isDenied, rootFailure } from './failures.ts'
import { ConfigResourceTypes } from './kafkajs-internals.ts'
import type { Settings } from './options.ts'
import type { TopicConfig } from './topic-settings.ts'
import { retrying } from './retrying.ts'
import { backoffMs, sleep } from './waiting.ts'

export type FoundTopic = { readonly partitions: number; readonly config: TopicConfig }

/** A member of a consumer group; `assignment` is as the protocol encodes it. */
export type GroupMember = {
  readonly memberId: string
  readonly clientHost: string
  readonly assignment: Buffer
}

export type NewTopic = {
  readonly name: string
  readonly partitions: number
  readonly replicas: number
  readonly config: TopicConfig
}

/** What provisioning asks of the brokers. Connects for each call: that is rare, and an idle connection may be dead when it is used. */
export type TopicAdmin = {
  readonly brokerCount: () => Promise<number>
  /** Those of the topics that exist. */
  readonly find: (names: readonly string[]) => Promise<ReadonlyMap<string, FoundTopic>>
  /** Creates topics and waits until each partition has a leader. Topics that somebody else created meanwhile are left alone. */
  readonly create: (topics: readonly NewTopic[]) => Promise<void>
  /** None where there is no such group. */
  readonly members: (groupId: string) => Promise<readonly GroupMember[]>
}

export const topicAdmin = (settings: Settings): TopicAdmin => {
  const withAdmin = <T>(what: string, work: (admin: Admin) => Promise<T>): Promise<T> =>
    retrying(settings, what, async () => {
      const client = settings.client(10_000)
      const admin = client.kafka.admin()
      try {
        await admin.connect()
        return await work(admin)
      } finally {
        void admin
          .disconnect()
          .catch(() => undefined)
          .then(client.drop)
      }
    })
  return {
    brokerCount: () =>
      withAdmin('brokers', async (admin) => (await admin.describeCluster()).brokers.length),
    find: (names) => withAdmin('topics', (admin) => find(admin, names)),
    create: (topics) =>
      withAdmin('creation of topics', async (admin) => {
        await createAll(admin, topics)
        await leadersElected(admin, topics)
      }),
    members: (groupId) =>
      withAdmin(`group ${groupId}`, async (admin) => {
        const { groups } = await admin.describeGroups([groupId])
        return groups.flatMap(({ members }) =>
          members.map(({ memberId, clientHost, memberAssignment }) => ({
            memberId,
            clientHost,
            assignment: memberAssignment,
          })),
        )
      }),
  }
}

const find = async (
  admin: Admin,
  names: readonly string[],
): Promise<ReadonlyMap<string, FoundTopic>> => {
  const existing = new Set(await admin.listTopics())
  const topics = names.filter((name) => existing.has(name))
  if (topics.length === 0) return new Map()
  const { topics: metadata } = await admin.fetchTopicMetadata({ topics })
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map((name) => ({ type: ConfigResourceTypes.TOPIC, name })),
  })
  const configs = new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  )
  return new Map(
    metadata.map(({ name, partitions }) => [
      name,
      { partitions: partitions.length, config: configs.get(name) ?? new Map<string, string>() },
    ]),
  )
}

const createAll = async (admin: Admin, topics: readonly NewTopic[]): Promise<void> => {
  for (const { name, partitions, replicas, config } of topics) {
    const topic = {
      topic: name,
      numPartitions: partitions,
      replicationFactor: replicas,
      configEntries: Array.from(config, ([key, value]) => ({ name: key, value })),
    }
    // One by one: kafkajs tells of one failure for the whole request, and nothing when all topics exist.
    await admin.createTopics({ topics: [topic], waitForLeaders: false })
  }
}

const leadersElected = async (admin: Admin, topics: readonly NewTopic[]): Promise<void> => {
  const names = topics.map(({ name }) => name)
  const wanted = topics.reduce((sum, { partitions }) => sum + partitions, 0)
  // Ends with the deadline around it at the latest.
  for (let round = 0; round < roundsMax; round++) {
    try {
      const { topics: metadata } = await admin.fetchTopicMetadata({ topics: names })
      const led = metadata.flatMap(({ partitions }) =>
        partitions.filter(({ leader }) => leader >= 0),
      )
      if (led.length === wanted) return
    } catch (error) {
      if (isDenied(rootFailure(error))) throw error
    }
    await sleep(backoffMs(round))
  }
}

const roundsMax = 100
