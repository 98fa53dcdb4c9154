import type { ClusterNode } from '@tidemark/broker'
import { Kafka, logLevel } from 'kafkajs'

/** Where leaders and coordinators are. */
export type ClusterView = {
  /** Leader and replicas in sync of every partition of the topics, by `topic/partition`. */
  readonly partitions: () => Promise<ReadonlyMap<string, PartitionView>>
  /** The node that coordinates a consumer group. */
  readonly groupCoordinator: (groupId: string) => Promise<ClusterNode>
}

export type PartitionView = { readonly leader: number; readonly inSync: number }

const groupsTopic = '__consumer_offsets'
const transactionsTopic = '__transaction_state'

/** Asks one node after the other, each anew, first those that are meant to be well: any of them may be gone, or take connections and say nothing. */
export const clusterView = (
  nodes: readonly ClusterNode[],
  topics: readonly string[],
): ClusterView => {
  const nodeOf = (id: number): ClusterNode => nodes.find((node) => node.id === id)!
  return {
    partitions: () => partitionsOf(nodes, [...topics, groupsTopic, transactionsTopic]),
    groupCoordinator: async (groupId) => {
      const groups = await partitionsOf(nodes, [groupsTopic])
      const partition = Math.abs(javaHashOf(groupId)) % groups.size
      return nodeOf(groups.get(`${groupsTopic}/${partition}`)!.leader)
    },
  }
}

const answerMsMax = 10_000

const partitionsOf = async (
  nodes: readonly ClusterNode[],
  topics: readonly string[],
): Promise<ReadonlyMap<string, PartitionView>> => {
  const failures: unknown[] = []
  const [well, others] = [true, false].map((isWell) =>
    nodes.filter((node) => (node.state() === 'running') === isWell),
  )
  for (const { address } of [...well!, ...others!])
    try {
      return await askOne(address, topics)
    } catch (error) {
      failures.push(error)
    }
  throw new AggregateError(failures, 'no broker tells where the leaders are')
}

const askOne = async (
  address: string,
  topics: readonly string[],
): Promise<ReadonlyMap<string, PartitionView>> => {
  const kafka = new Kafka({
    brokers: [address],
    clientId: 'view',
    logLevel: logLevel.NOTHING,
    connectionTimeout: answerMsMax,
    requestTimeout: answerMsMax,
    retry: { retries: 0 },
  })
  const admin = kafka.admin()
  try {
    await admin.connect()
    const found = await admin.fetchTopicMetadata({ topics: [...topics] })
    return new Map(
      found.topics.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionId, leader, isr }): [string, PartitionView] => [
          `${name}/${partitionId}`,
          { leader, inSync: isr.length },
        ]),
      ),
    )
  } finally {
    await admin.disconnect()
  }
}

/** `String.hashCode` of Java, by which brokers spread groups. */
const javaHashOf = (text: string): number => {
  let hash = 0
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
  return hash
}
