import { NotProvisionedError, UnavailableError } from '@tidemark/log'
import { isConnectionLost, isTimeout, rootFailure } from './failures.ts'
import {
  clusterOf,
  dropCluster,
  dropConnections,
  leadersOf,
  type Leaders,
} from './kafkajs-internals.ts'
import type { Broker, Cluster } from './kafkajs-types.ts'
import type { Settings } from './options.ts'
import { retrying } from './retrying.ts'
import { backoffMs, sleep } from './waiting.ts'

/** One kafkajs cluster, with what kafkajs leaves undone: retries until a deadline, and an end for connections that went silent. */
export type Connection = {
  readonly cluster: Cluster
  /** Runs `work` until it succeeds, at most for the settings' timeout; errors that no retry changes pass at once. */
  readonly attempt: <T>(what: string, work: () => Promise<T>) => Promise<T>
  /** Takes topics into the metadata; NotProvisionedError names those that do not exist. */
  readonly requireTopics: (names: readonly string[]) => Promise<void>
  readonly leaders: () => Leaders
  /** What a failed request asks for: drops connections that are dead or silent. */
  readonly recover: (error: unknown) => void
  readonly refresh: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Tries to find a topic before it counts as missing: right after a broker's start topics may be unknown for a moment. */
const lookups = 4

export const openConnection = (settings: Settings, requestTimeoutMs: number): Connection => {
  const client = settings.client(requestTimeoutMs)
  const cluster = clusterOf(client.kafka)
  const closing = new AbortController()
  const recover = (error: unknown): void => {
    const failure = rootFailure(error)
    const address = failure.broker ?? `${failure.host ?? ''}:${failure.port ?? ''}`
    if (!isTimeout(failure) && !isConnectionLost(failure)) return
    const broker = brokerAt(cluster, address)
    if (broker === undefined) return
    const { host, port } = broker.connectionPool
    dropConnections(broker, new Error(`connection to ${address} given up: ${failure.message}`))
    cluster.removeBroker({ host, port })
  }
  const refresh = async (): Promise<void> => {
    if (closing.signal.aborted) throw new UnavailableError('the log was closed')
    await cluster.connect()
    await cluster.refreshMetadata()
  }
  const attempt = <T>(what: string, work: () => Promise<T>): Promise<T> =>
    retrying(settings, what, work, closing.signal, async (error) => {
      recover(error)
      await refresh().catch(recover)
    })
  return {
    cluster,
    attempt,
    recover,
    refresh,
    leaders: () => leadersOf(cluster) ?? new Map(),
    requireTopics: (names) =>
      attempt(`metadata of ${names.join(', ')}`, async () => {
        await cluster.connect()
        await cluster.addMultipleTargetTopics(names)
        for (let lookup = 1; ; lookup++) {
          const leaders = leadersOf(cluster)
          const missing = names.filter((name) => (leaders?.get(name)?.size ?? 0) === 0)
          if (missing.length === 0) return
          if (lookup === lookups)
            throw new NotProvisionedError(`topics do not exist: ${missing.join(', ')}`)
          await sleep(backoffMs(lookup), closing.signal)
          await cluster.refreshMetadata()
        }
      }),
    close: async () => {
      closing.abort()
      await dropCluster(cluster, new UnavailableError('the log was closed'))
      client.drop()
    },
  }
}

const brokerAt = (cluster: Cluster, address: string): Broker | undefined => {
  const { brokers, seedBroker } = cluster.brokerPool
  const all = [...Object.values(brokers), ...(seedBroker === undefined ? [] : [seedBroker])]
  return all.find(({ connectionPool: { host, port } }) => `${host}:${port}` === address)
}

export type OffsetRange = { readonly startOffset: number; readonly endOffset: number }

/** First offset kept and end of what is committed, by partition. */
export const listOffsets = async (
  connection: Connection,
  name: string,
  partitions: readonly number[],
): Promise<ReadonlyMap<number, OffsetRange>> => {
  await connection.requireTopics([name])
  const asked = partitions.map((partition) => ({ partition }))
  const list = async (fromBeginning: boolean): Promise<ReadonlyMap<number, number>> => {
    const [found] = await connection.cluster.fetchTopicsOffset([
      { topic: name, partitions: asked, fromBeginning },
    ])
    return new Map(found?.partitions.map((at) => [at.partition, Number(at.offset)]))
  }
  return connection.attempt(`offsets of ${name}`, async () => {
    // The start first: retention may move it meanwhile, but never above an end that is asked for later.
    const starts = await list(true)
    const ends = await list(false)
    return new Map(
      partitions.map((partition) => {
        const startOffset = starts.get(partition)
        const endOffset = ends.get(partition)
        if (startOffset === undefined || endOffset === undefined)
          throw new NotProvisionedError(`${name} has no partition ${partition}`)
        return [partition, { startOffset, endOffset }]
      }),
    )
  })
}

/** Ends of what is written, committed or not, by partition. */
export const writtenEnds = async (
  connection: Connection,
  name: string,
  partitions: readonly number[],
): Promise<ReadonlyMap<number, number>> => {
  await connection.requireTopics([name])
  const endOf = async (partition: number): Promise<[number, number]> => {
    const nodeId = connection.leaders().get(name)?.get(partition)
    if (nodeId === undefined) throw new NotProvisionedError(`${name} has no partition ${partition}`)
    const broker = await connection.cluster.findBroker({ nodeId })
    const { responses } = await broker.listOffsets({
      replicaId: -1,
      isolationLevel: 0,
      topics: [{ topic: name, partitions: [{ partition, timestamp: '-1' }] }],
    })
    return [partition, Number(responses[0]!.partitions[0]!.offset)]
  }
  return connection.attempt(
    `ends of ${name}`,
    async () => new Map(await Promise.all(partitions.map(endOf))),
  )
}
