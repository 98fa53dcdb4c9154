import kafkajs, { type ISocketFactory } from 'kafkajs'
// @ts-expect-error No types inside.
import BrokerClass from 'kafkajs/src/broker/index.js'
// @ts-expect-error No types inside.
import BrokerPoolClass from 'kafkajs/src/cluster/brokerPool.js'
// @ts-expect-error No types inside.
import ClusterClass from 'kafkajs/src/cluster/index.js'
import { isConnectionLost, isDenied, isTimeout, rootFailure } from './failures.ts'
import {
  closeAtOnce,
  connectionError,
  shared,
  type ConnectionInside,
} from './kafkajs-connections.ts'
import { addressOf, silentBrokersOf } from './silent-brokers.ts'

// A broker that hangs still takes connections, by its machine's kernel, and says nothing on them. kafkajs waits for it for ever, in several
// ways; they are put right here, once for all clients of the process.

type BrokerInside = {
  readonly nodeId: number
  readonly connectionPool: {
    readonly host: string
    readonly port: number
    readonly socketFactory: ISocketFactory
    readonly pool: readonly ConnectionInside[]
  }
  versions: unknown
  isConnected: (this: BrokerInside) => boolean
  connect: (this: BrokerInside) => Promise<void>
  disconnect: (this: BrokerInside) => Promise<void>
}

const isSilent = ({ connectionPool }: BrokerInside): boolean =>
  silentBrokersOf(connectionPool.socketFactory)?.has(addressOf(connectionPool)) === true

/**
 * A broker that hangs still takes connections, by its machine's kernel, and says nothing on them. kafkajs counts it as connected and from then
 * on asks no other one, in vain: on every connection a broker has to say first what it understands. One that does not is like one that
 * cannot be reached, so that kafkajs looks for another.
 */
const distrustSilentBrokers = (): void => {
  const inside = (BrokerClass as { readonly prototype: BrokerInside }).prototype
  const { isConnected, connect, disconnect } = inside
  const connectAnew = async (broker: BrokerInside): Promise<void> => {
    broker.versions = null
    try {
      await connect.call(broker)
    } catch (error) {
      const failure = rootFailure(error)
      const { connectionPool } = broker
      if (isTimeout(failure) || isConnectionLost(failure))
        silentBrokersOf(connectionPool.socketFactory)?.add(addressOf(connectionPool))
      if (!isTimeout(failure)) throw error
      throw connectionError(addressOf(connectionPool), failure.message)
    }
  }
  inside.isConnected = function () {
    return this.versions !== null && !isSilent(this) && isConnected.call(this)
  }
  // Who waits for a broker shares its failure, too: kafkajs would let each try in turn, each for as long as a timeout takes.
  const connectOnce = shared(connectAnew)
  inside.connect = function () {
    return this.isConnected() ? Promise.resolve() : connectOnce(this)
  }
  // kafkajs waits for the answers that are due, and with it whoever refreshes the metadata in which a broker is missing.
  inside.disconnect = function () {
    closeAllAtOnce(this, 'the broker has left the cluster, or is not needed any more')
    return disconnect.call(this)
  }
}

const closeAllAtOnce = ({ connectionPool }: BrokerInside, why: string): void => {
  const reason = connectionError(addressOf(connectionPool), why)
  for (const connection of connectionPool.pool) closeAtOnce(connection, reason)
}

type BrokerPoolInside = {
  readonly brokers: Readonly<Record<string, BrokerInside>>
  readonly seedBroker: BrokerInside
  readonly connect: () => Promise<void>
  readonly connectBroker: (broker: BrokerInside) => Promise<void>
  findConnectedBroker: (this: BrokerPoolInside) => Promise<BrokerInside>
  withBroker: (this: BrokerPoolInside, ask: AskBroker) => Promise<unknown>
  refreshMetadata: (this: BrokerPoolInside, topics: readonly string[]) => Promise<void>
}
type AskBroker = (which: {
  readonly nodeId: number
  readonly broker: BrokerInside
}) => Promise<unknown>
type ClusterInside = {
  readonly brokerPool: BrokerPoolInside
  readonly refreshMetadata: () => Promise<void>
  findBroker: (
    this: ClusterInside,
    node: { readonly nodeId: number | string },
  ) => Promise<BrokerInside>
}

/** Its type leaves out the message without which it fails itself. */
const BrokerNotFound = kafkajs.KafkaJSBrokerNotFound as unknown as new (message: string) => Error

/** Brokers that are asked for metadata in turn, before whoever needs it is told that there is none. */
const metadataTries = 3

/**
 * What any broker can tell is asked of one that answers, then of the next one. And before a broker that is silent is waited for, others are asked
 * whether it still has what is wanted of it.
 */
const askThoseThatAnswer = (): void => {
  const pool = (BrokerPoolClass as { readonly prototype: BrokerPoolInside }).prototype
  pool.findConnectedBroker = async function () {
    for (const broker of inOrder(this)) if (await isReached(this, broker)) return broker
    // None that is known: the addresses that it began with may lead to others.
    await this.connect()
    return this.seedBroker
  }
  pool.withBroker = async function (ask) {
    if (Object.keys(this.brokers).length === 0)
      // By this kafkajs knows that it has to ask for metadata first.
      throw new BrokerNotFound('no broker is known')
    for (const broker of inOrder(this)) {
      if (!(await isReached(this, broker))) continue
      try {
        return await ask({ nodeId: broker.nodeId, broker })
      } catch {
        // kafkajs takes what the next one says.
      }
    }
    return null
  }
  const { refreshMetadata } = pool
  pool.refreshMetadata = async function (topics) {
    for (let tries = 1; ; tries++)
      try {
        await refreshMetadata.call(this, topics)
        return
      } catch (error) {
        const failure = rootFailure(error)
        if (tries === metadataTries || !(isTimeout(failure) || isConnectionLost(failure)))
          throw error
      }
  }
  const cluster = (ClusterClass as { readonly prototype: ClusterInside }).prototype
  const { findBroker } = cluster
  cluster.findBroker = async function (node) {
    const broker = this.brokerPool.brokers[node.nodeId]
    if (broker !== undefined && isSilent(broker)) await this.refreshMetadata()
    return findBroker.call(this, node)
  }
}

/** Those that are connected before others, silent ones last; by chance otherwise, so that the load is shared. */
const inOrder = ({ brokers }: BrokerPoolInside): readonly BrokerInside[] =>
  Object.values(brokers)
    .map((broker) => ({ broker, rank: rankOf(broker) + Math.random() / 2 }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ broker }) => broker)

const rankOf = (broker: BrokerInside): number =>
  broker.isConnected() ? 0 : isSilent(broker) ? 2 : 1

const isReached = async (pool: BrokerPoolInside, broker: BrokerInside): Promise<boolean> => {
  try {
    await pool.connectBroker(broker)
    return true
  } catch (error) {
    // Others would say the same.
    if (isDenied(rootFailure(error))) throw error
    return false
  }
}

export const repairBrokers = (): void => {
  distrustSilentBrokers()
  askThoseThatAnswer()
}
