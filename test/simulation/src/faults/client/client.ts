import {
  LayoutMismatchError,
  LogError,
  UnavailableError,
  type Log,
  type ReadRequest,
  type Reached,
} from '@tidemark/log'
import { canonicalJson } from '@tidemark/model'
import type { Broker } from '../broker/broker.ts'
import type { Partition } from '../broker/partition.ts'
import { ConcurrentTransactionsError, type ProducerIdentity } from '../broker/transactions.ts'
import type { Chronicle } from '../chronicle.ts'
import type { ClientBehaviour } from '../sabotage.ts'
import { boundsOf, describeTopics } from './describe.ts'
import { hostTasks } from './host.ts'
import type { Process } from './process.ts'
import { openPublisher } from './publisher.ts'

/** The log's client in one process. */
export type ClientParts = {
  readonly broker: Broker
  readonly process: Process
  readonly chronicle: Chronicle
  readonly behaviour: ClientBehaviour
  readonly sessionMs: number
  /** Whether a session ends by itself when its membership may have; otherwise only the brokers say so. */
  readonly fencesItself: boolean
  readonly reached: Reached
  /** Which of several partitions the next fetch asks for, and how many bytes; for random draws. */
  readonly cutPoll: <T>(wants: readonly T[], bytesMax: number) => Cut<T>
  readonly draw: () => number
  /** By task: producers of sessions that failed, for a client that wrongly goes on with them. */
  readonly kept: Map<string, KeptProducer>
}

export type KeptProducer = {
  readonly identity: ProducerIdentity
  /** Numbers of the next record, by partition. */
  readonly sequences: Map<Partition, number>
}

export type Cut<T> = { readonly wants: readonly T[]; readonly bytesMax: number }

const readBytesMax = 1024 * 1024

/** The port `Log` on simulated brokers, by the protocol that the adapter for Kafka speaks. */
export const simulatedLog = (parts: ClientParts): Log => {
  const { broker, process } = parts
  const closed = new AbortController()
  const ask = <T>(effect: () => T | Promise<T>): Promise<T> =>
    insist(process, () => process.request('metadata', effect))
  return {
    kind: 'kafka',
    provision: (layout, record) => ask(() => broker.provision(layout, record)),
    layoutRecord: () => ask(() => broker.layoutRecord()),
    describe: () => ask(() => describeTopics(broker, broker.layout())),
    check: (layout) =>
      ask(() => {
        if (canonicalJson(broker.layout()) !== canonicalJson(layout))
          throw new LayoutMismatchError('the log was provisioned with another layout')
      }),
    publisher: (options = {}) =>
      ask(() => broker.partitions('catalog')).then(() => openPublisher(parts, options)),
    read: (request) => read(parts, request),
    bounds: (topic) => ask(() => boundsOf(broker, topic)),
    host: (spec, run, signal) =>
      hostTasks(parts, spec, run, AbortSignal.any([signal, closed.signal])),
    checkpoints: (processor, tasks) =>
      ask(() => Array.from({ length: tasks }, (_, task) => broker.states.state(processor, task))),
    owners: (processor) => ask(() => broker.groups.owners(processor)),
    close: async () => closed.abort(),
  }
}

const read = async (
  { broker, process }: ClientParts,
  { topic, partition, fromOffset, bytesMax = readBytesMax, maxWaitMs = 0, signal }: ReadRequest,
) => {
  const want = { topic, partition, position: fromOffset }
  const fetched = insist(process, () =>
    process.request('fetch', () => {
      // A fetch answers nothing where nothing is; who reads wants to know where the end is.
      const now = broker.partition(topic, partition).read(fromOffset, bytesMax)
      const isThere = now.nextOffset > fromOffset || maxWaitMs <= 0
      return isThere ? [now] : broker.fetch({ wants: [want], maxWaitMs, bytesMax })
    }),
  )
  const nothing = { ...want, fromOffset, nextOffset: fromOffset, endOffset: fromOffset }
  const [batches] = await unlessAborted(fetched, signal, [])
  return batches ?? { ...nothing, bytes: new Uint8Array(0) }
}

/** What comes first: the answer, or the signal. */
export const unlessAborted = async <T>(
  answer: Promise<T>,
  signal: AbortSignal | undefined,
  otherwise: T,
): Promise<T> => {
  if (signal === undefined) return answer
  if (signal.aborted) {
    answer.catch(() => undefined)
    return otherwise
  }
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(otherwise)
    signal.addEventListener('abort', stop, { once: true })
    answer.finally(() => signal.removeEventListener('abort', stop)).then(resolve, reject)
  })
}

const insistMs = 30_000
const insistPauseMs = 20

/** Asks again while the answer may still come. */
export const insist = async <T>(process: Process, ask: () => Promise<T>): Promise<T> => {
  const endMs = process.nowMs() + insistMs
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      const mayPass =
        error instanceof UnavailableError || error instanceof ConcurrentTransactionsError
      if (!mayPass) throw error
      if (process.nowMs() >= endMs)
        throw error instanceof LogError ? new UnavailableError(error.message) : error
    }
    await process.sleep(insistPauseMs)
  }
}

/** Asks again while the transaction before has not ended everywhere. */
export const whenEnded = async <T>(process: Process, ask: () => Promise<T>): Promise<T> => {
  const endMs = process.nowMs() + insistMs
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof ConcurrentTransactionsError)) throw error
      if (process.nowMs() >= endMs) throw new UnavailableError(error.message)
    }
    await process.sleep(insistPauseMs)
  }
}
