import type { ClusterNode } from '@tidemark/broker'
import { Kafka, logLevel, type Admin } from 'kafkajs'

/** Where leaders and coordinators are. */
export type ClusterView = {
  /** Leader and replicas in sync of every partition of the topics, by `topic/partition`. */
  readonly partitions: () => Promise<ReadonlyMap<string, PartitionView>>
  /** The node that coordinates a consumer group. */
  readonly groupCoordinator: (groupId: string) => Promise<ClusterNode>
  readonly close: () => Promise<void>
}

export type PartitionView = { readonly leader: number; readonly inSync: number }

const groupsTopic = '__consumer_offsets'
const transactionsTopic = '__transaction_state'

export const openClusterView = async (
  nodes: readonly ClusterNode[],
  topics: readonly string[],
): Promise<ClusterView> => {
  const brokers = nodes.map(({ address }) => address)
  const kafka = new Kafka({
    brokers,
    clientId: 'view',
    logLevel: logLevel.NOTHING,
    requestTimeout: 3000,
  })
  const admin = kafka.admin()
  await admin.connect()
  const nodeOf = (id: number): ClusterNode => nodes.find((node) => node.id === id)!
  return {
    partitions: () => partitionsOf(admin, [...topics, groupsTopic, transactionsTopic]),
    groupCoordinator: async (groupId) => {
      const groups = await partitionsOf(admin, [groupsTopic])
      const partition = Math.abs(javaHashOf(groupId)) % groups.size
      return nodeOf(groups.get(`${groupsTopic}/${partition}`)!.leader)
    },
    close: () => admin.disconnect(),
  }
}

const partitionsOf = async (
  admin: Admin,
  topics: readonly string[],
): Promise<ReadonlyMap<string, PartitionView>> => {
  const found = await admin.fetchTopicMetadata({ topics: [...topics] })
  return new Map(
    found.topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionId, leader, isr }): [string, PartitionView] => [
        `${name}/${partitionId}`,
        { leader, inSync: isr.length },
      ]),
    ),
  )
}

/** `String.hashCode` of Java, by which brokers spread groups. */
const javaHashOf = (text: string): number => {
  let hash = 0
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
  return hash
}
