import kafkajs, { type Kafka } from 'kafkajs'
// @ts-expect-error No types inside.
import ConsumerGroupClass from 'kafkajs/src/consumer/consumerGroup.js'
// @ts-expect-error No types inside.
import InstrumentationEventEmitter from 'kafkajs/src/instrumentation/emitter.js'
// @ts-expect-error No types inside.
import Encoder from 'kafkajs/src/protocol/encoder.js'
// @ts-expect-error No types inside.
import protocolErrors from 'kafkajs/src/protocol/error.js'
// @ts-expect-error No types inside.
import fetchRequestV11 from 'kafkajs/src/protocol/requests/fetch/v11/request.js'
import { repairBrokers } from './kafkajs-brokers.ts'
import { closeAtOnce, repairConnections } from './kafkajs-connections.ts'
import { repairRequests } from './kafkajs-requests.ts'
import type {
  Broker,
  Cluster,
  ConsumerGroup,
  ConsumerGroupOptions,
  CoordinatorOf,
  Metadata,
} from './kafkajs-types.ts'

// Everything that Tidemark takes from inside kafkajs 2.2.4 is here and in its repairs, and nothing of it is public: the version is pinned, and a
// test fails when one of the files behind these imports is not the one that was read.

/** A cluster of its own: kafkajs hands a consumer's one to its assigners, when the consumer is made. It never runs. */
export const clusterOf = (kafka: Kafka): Cluster => {
  let found: Cluster | undefined
  const never = async (): Promise<never> => Promise.reject(new Error('this consumer never runs'))
  kafka.consumer({
    groupId: 'cluster-only',
    allowAutoTopicCreation: false,
    retry: clusterRetry,
    partitionAssigners: [
      ({ cluster }) => {
        found = cluster as unknown as Cluster
        return {
          name: 'none',
          version: 0,
          assign: never,
          protocol: () => ({ name: 'none', metadata: Buffer.alloc(0) }),
        }
      },
    ],
  })
  if (found === undefined)
    throw new TypeError('kafkajs made a consumer without asking its assigners')
  return found
}

/** Short: whoever calls retries until a deadline of his own. */
export const clusterRetry = {
  initialRetryTime: 50,
  factor: 0.2,
  multiplier: 2,
  maxRetryTime: 500,
  retries: 3,
}

export const consumerGroup = (options: ConsumerGroupOptions): ConsumerGroup => {
  const Group = ConsumerGroupClass as new (fields: object) => ConsumerGroup
  const Emitter = InstrumentationEventEmitter as new () => object
  return new Group({
    cluster: options.cluster,
    groupId: options.groupId,
    topics: [...options.topics],
    topicConfigurations: {},
    retry: { ...clusterRetry, retries: 20 },
    logger: options.logger,
    instrumentationEmitter: new Emitter(),
    assigners: [options.assigner],
    sessionTimeout: options.sessionTimeoutMs,
    rebalanceTimeout: options.rebalanceTimeoutMs,
    autoCommit: false,
    metadataMaxAge: 300_000,
  })
}

export type FetchQuestion = {
  readonly maxWaitMs: number
  readonly bytesMax: number
  readonly topics: readonly {
    readonly topic: string
    readonly partitions: readonly {
      readonly partition: number
      readonly fetchOffset: number
      readonly maxBytes: number
    }[]
  }[]
}

/** The answer to a read-committed Fetch v11, from behind its correlation id: a view of the one buffer that it came in, ours to keep. */
export const fetchRaw = async (broker: Broker, question: FetchQuestion): Promise<Uint8Array> => {
  const request = (fetchRequestV11 as (fields: object) => unknown)({
    replicaId: -1,
    maxWaitTime: question.maxWaitMs,
    minBytes: 1,
    maxBytes: question.bytesMax,
    isolationLevel: 1,
    topics: question.topics,
  })
  return answerTo(broker, request)
}

/** A request that is written already: what follows the client id in its header, and its body. */
export type RawRequest = {
  readonly apiKey: number
  readonly apiVersion: number
  readonly apiName: string
  readonly bytes: Uint8Array
}

/** Sends a request of ours. The answer comes from behind its correlation id. */
export const askRaw = (broker: Broker, { bytes, ...header }: RawRequest): Promise<Uint8Array> => {
  const encode = async (): Promise<RawEncoder> => {
    const encoder = new (Encoder as new (initialBytes: number) => RawEncoder)(bytes.length)
    encoder.writeBufferInternal(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
    return encoder
  }
  return answerTo(broker, { ...header, encode })
}

type RawEncoder = { readonly writeBufferInternal: (bytes: Buffer) => void }

const answerTo = async (broker: Broker, request: unknown): Promise<Uint8Array> => {
  const asItCame = { decode: async (raw: Buffer) => raw, parse: (raw: Buffer) => raw }
  const raw = (await broker.connectionPool.send({ request, response: asItCame })) as Buffer
  // No Buffer: its `slice` does not copy, unlike that of the bytes which readers expect.
  return new Uint8Array(raw.buffer, raw.byteOffset, raw.length)
}

/** The error that kafkajs makes of a protocol error code, with its name in `type`. */
export const protocolError = (errorCode: number): Error =>
  (protocolErrors as { createErrorFromCode: (code: number) => Error }).createErrorFromCode(
    errorCode,
  )

/**
 * Finds a coordinator by one question. kafkajs's own way asks all brokers in turn and hides why none of them answered: not permitted looks
 * like not there.
 */
export const findCoordinator = async (
  cluster: Cluster,
  of: CoordinatorOf,
  id: string,
): Promise<Broker> => cluster.findBroker({ nodeId: await coordinatorNode(cluster, of, id) })

/** The node that is the coordinator, as some broker says. */
export const coordinatorNode = async (
  cluster: Cluster,
  of: CoordinatorOf,
  id: string,
): Promise<number> => {
  await cluster.connect()
  // Brokers are known by the metadata only.
  if (cluster.brokerPool.metadata === null) await cluster.refreshMetadata()
  const broker = await cluster.brokerPool.findConnectedBroker()
  const coordinatorType = of === 'group' ? 0 : 1
  const { coordinator } = await broker.findGroupCoordinator({ groupId: id, coordinatorType })
  return coordinator.nodeId
}

/** The node that leads each partition, -1 where none does, by topic and partition; null before the first metadata. */
export const leadersOf = (cluster: Cluster): Leaders | null => {
  const { metadata } = cluster.brokerPool
  if (metadata === null) return null
  const known = leaderTables.get(metadata)
  if (known !== undefined) return known
  const leaders = new Map(
    metadata.topicMetadata.map(({ topic, partitionMetadata }) => [
      topic,
      new Map(partitionMetadata.map(({ partitionId, leader }) => [partitionId, leader])),
    ]),
  )
  leaderTables.set(metadata, leaders)
  return leaders
}

export type Leaders = ReadonlyMap<string, ReadonlyMap<number, number>>
const leaderTables = new WeakMap<Metadata, Leaders>()

/**
 * Closes a broker's connections without waiting for what is under way on them: kafkajs keeps a connection on which a request timed
 * out, and everything after it would wait behind the dead one.
 */
export const dropConnections = (broker: Broker, reason: Error): void => {
  for (const connection of broker.connectionPool.pool) closeAtOnce(connection, reason)
}

/** The same for every broker that the cluster knows, and the end of it. */
export const dropCluster = async (cluster: Cluster, reason: Error): Promise<void> => {
  const { brokers, seedBroker } = cluster.brokerPool
  for (const broker of Object.values(brokers)) dropConnections(broker, reason)
  if (seedBroker !== undefined) dropConnections(seedBroker, reason)
  await cluster.disconnect()
}

repairRequests()
repairConnections()
repairBrokers()

export const { Kafka: KafkaClient, AssignerProtocol, ConfigResourceTypes, logLevel } = kafkajs
