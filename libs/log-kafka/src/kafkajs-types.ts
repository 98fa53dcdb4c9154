import type { Assigner, Logger } from 'kafkajs'
import type { ConnectionInside } from './kafkajs-connections.ts'

// The shapes of what `kafkajs-internals.ts` takes from inside kafkajs, as far as they are used.

/** A broker's connections: the pool sends what may take long on the second one and everything else on the first. */
export type ConnectionPool = {
  readonly host: string
  readonly port: number
  readonly pool: readonly ConnectionInside[]
  readonly send: (request: ProtocolRequest) => Promise<unknown>
}

export type ProtocolRequest = {
  readonly request: unknown
  readonly response: {
    readonly decode: (raw: Buffer) => Promise<unknown>
    readonly parse: (decoded: never) => unknown
  }
}

export type Broker = {
  readonly nodeId: number
  readonly connectionPool: ConnectionPool
  readonly heartbeat: (request: {
    readonly groupId: string
    readonly groupGenerationId: number
    readonly memberId: string
  }) => Promise<unknown>
  readonly leaveGroup: (request: {
    readonly groupId: string
    readonly memberId: string
  }) => Promise<unknown>
  readonly offsetCommit: (request: {
    readonly groupId: string
    readonly groupGenerationId: number
    readonly memberId: string
    readonly topics: readonly {
      readonly topic: string
      readonly partitions: readonly { readonly partition: number; readonly offset: string }[]
    }[]
  }) => Promise<unknown>
  /** Isolation level 0: all that is written, up to the high watermark. Timestamp -1: the end. */
  readonly listOffsets: (request: {
    readonly replicaId: -1
    readonly isolationLevel: 0
    readonly topics: readonly {
      readonly topic: string
      readonly partitions: readonly { readonly partition: number; readonly timestamp: '-1' }[]
    }[]
  }) => Promise<{
    readonly responses: readonly {
      readonly partitions: readonly { readonly partition: number; readonly offset: string }[]
    }[]
  }>
  /** Despite its name: coordinators of transactions too (type 1). */
  readonly findGroupCoordinator: (request: {
    readonly groupId: string
    readonly coordinatorType: 0 | 1
  }) => Promise<{ readonly coordinator: { readonly nodeId: number } }>
  readonly initProducerId: (request: {
    readonly transactionalId: string
    readonly transactionTimeout: number
  }) => Promise<{ readonly producerId: string; readonly producerEpoch: number }>
  readonly addPartitionsToTxn: (
    request: ProducerIdentity & {
      readonly topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[]
    },
  ) => Promise<unknown>
  readonly addOffsetsToTxn: (
    request: ProducerIdentity & { readonly groupId: string },
  ) => Promise<unknown>
  readonly endTxn: (
    request: ProducerIdentity & { readonly transactionResult: boolean },
  ) => Promise<unknown>
}

/** What a coordinator of transactions knows a producer by. */
export type ProducerIdentity = {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
}

/** Whose coordinator is asked for. */
export type CoordinatorOf = 'group' | 'transaction'

export type PartitionMetadata = { readonly partitionId: number; readonly leader: number }

export type Metadata = {
  readonly topicMetadata: readonly {
    readonly topic: string
    readonly topicErrorCode: number
    readonly partitionMetadata: readonly PartitionMetadata[]
  }[]
}

/** Connections and metadata of one client. */
export type Cluster = {
  readonly connect: () => Promise<void>
  readonly disconnect: () => Promise<void>
  readonly addMultipleTargetTopics: (topics: readonly string[]) => Promise<void>
  readonly refreshMetadata: () => Promise<void>
  readonly findTopicPartitionMetadata: (topic: string) => readonly PartitionMetadata[]
  readonly findBroker: (node: { readonly nodeId: number }) => Promise<Broker>
  readonly findGroupCoordinator: (group: { readonly groupId: string }) => Promise<Broker>
  readonly removeBroker: (address: { readonly host: string; readonly port: number }) => void
  /** The ends are those of what is committed. */
  readonly fetchTopicsOffset: (
    topics: readonly {
      readonly topic: string
      readonly partitions: readonly { readonly partition: number }[]
      readonly fromBeginning: boolean
    }[],
  ) => Promise<
    readonly {
      readonly topic: string
      readonly partitions: readonly { readonly partition: number; readonly offset: string }[]
    }[]
  >
  readonly brokerPool: {
    readonly metadata: Metadata | null
    readonly findConnectedBroker: () => Promise<Broker>
    readonly brokers: Readonly<Record<string, Broker>>
    readonly seedBroker?: Broker
  }
}

/** Join, sync and the fields that they fill; nothing of it fetches. */
export type ConsumerGroup = {
  readonly joinAndSync: () => Promise<void>
  readonly assigned: () => readonly {
    readonly topic: string
    readonly partitions: readonly number[]
  }[]
  readonly generationId: number
  memberId: string | null
  coordinator: Broker | null
}

export type ConsumerGroupOptions = {
  readonly cluster: Cluster
  readonly groupId: string
  readonly topics: readonly string[]
  readonly assigner: Assigner
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly logger: Logger
}
