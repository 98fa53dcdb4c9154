import type { Reached } from '@tidemark/log'
import type { EpochMs } from '@tidemark/model'
import type { Kafka, KafkaConfig, RetryOptions } from 'kafkajs'
import { KafkaClient, clusterRetry, logLevel } from './kafkajs-internals.ts'
import { immediateMsMax } from './kafkajs-requests.ts'
import { seedsOf, type SilentBrokers } from './silent-brokers.ts'
import { openBuffers, type Buffers } from './buffers.ts'
import { openSockets } from './sockets.ts'

export type KafkaLogOptions = {
  readonly brokers: readonly string[]
  /** In front of every topic name and of every group id; the layout's. */
  readonly prefix: string
  readonly clientId?: string
  readonly ssl?: NonNullable<KafkaConfig['ssl']>
  readonly sasl?: NonNullable<KafkaConfig['sasl']>
  /** Of the topics that `provision` makes. Default: 3, or as many brokers as there are. */
  readonly replicationFactor?: number
  readonly clock?: LogClock
  readonly delivery?: Delivery
  /** How long a member may be silent before its tasks go to others. Default 10 s; at least the broker's minimum, 6 s by default. */
  readonly sessionTimeoutMs?: number
  /**
   * After this time a broker aborts a transaction that nobody ended. Must be below the session timeout, so that what an owner left open is gone
   * when its task has moved. Default: four fifths of the session timeout, at most 10 s.
   */
  readonly transactionTimeoutMs?: number
  /** How long a rebalance waits for members to commit and come back. Default 30 s. */
  readonly rebalanceTimeoutMs?: number
  /** How long `host` tries to come back into its group before it gives up. Default 2 min. */
  readonly rejoinTimeoutMs?: number
  /** How long calls try to reach the brokers before they fail. Default 30 s. */
  readonly timeoutMs?: number
  /** Told what is done about trouble that needs no one's help yet. */
  readonly observe?: (event: KafkaLogEvent) => void
  /** Called in the midst of the work, for tests that end the process there. */
  readonly reached?: Reached
}

/**
 * `exactly-once` (default): a commit is one transaction, fenced by the broker. `at-least-once`: the same facts without transactions, with repeats
 * after a crash.
 */
export type Delivery = 'exactly-once' | 'at-least-once'

export type LogClock = {
  /** Stamps the records of derived topics. */
  readonly nowMs: () => EpochMs
  /** Goes on while the process is stopped; measures sessions and deadlines. */
  readonly monotonicMs: () => number
}

export type KafkaLogEvent =
  | { readonly kind: 'joined'; readonly group: string; readonly tasks: readonly number[] }
  | { readonly kind: 'rebalancing' | 'left'; readonly group: string }
  | { readonly kind: 'membership-lost'; readonly group: string; readonly reason: string }
  | {
      readonly kind: 'task-failed'
      readonly group: string
      readonly task: number
      readonly error: unknown
      readonly againInMs: number
    }
  | { readonly kind: 'trouble'; readonly what: string; readonly error: unknown }

/** The options with their defaults; `observe` never throws. */
export type Settings = Required<
  Pick<
    KafkaLogOptions,
    | 'prefix'
    | 'clock'
    | 'delivery'
    | 'sessionTimeoutMs'
    | 'transactionTimeoutMs'
    | 'rebalanceTimeoutMs'
    | 'rejoinTimeoutMs'
    | 'timeoutMs'
    | 'reached'
  >
> & {
  /** Whether somebody hears of milestones. */
  readonly isWatched: boolean
  readonly replicationFactor: number | null
  readonly observe: (event: KafkaLogEvent) => void
  /** A kafkajs client; what it makes has connections of its own. `drop` closes those that are left when it was disconnected. */
  readonly client: (requestTimeoutMs: number, retry?: RetryOptions) => Client
  /** Of all its clients. */
  readonly buffers: Buffers
}

export type Client = { readonly kafka: Kafka; readonly drop: () => void }

export const settingsOf = (options: KafkaLogOptions): Settings => {
  const silent: SilentBrokers = new Set()
  const buffers = openBuffers()
  const seeds = seedsOf(options.brokers, silent)
  return {
    prefix: options.prefix,
    replicationFactor: options.replicationFactor ?? null,
    clock: options.clock ?? systemClock,
    delivery: options.delivery ?? 'exactly-once',
    ...timeoutsOf(options),
    observe: options.observe ?? (() => undefined),
    reached: options.reached ?? (() => undefined),
    isWatched: options.reached !== undefined,
    buffers,
    client: (requestTimeoutMs, retry = clusterRetry) => {
      const sockets = openSockets(buffers, silent)
      const kafka = new KafkaClient({
        brokers: seeds,
        clientId: options.clientId ?? 'tidemark',
        ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
        ...(options.sasl === undefined ? {} : { sasl: options.sasl }),
        connectionTimeout: immediateMsMax,
        requestTimeout: requestTimeoutMs,
        retry,
        socketFactory: sockets.factory,
        // What kafkajs would print is in the errors that reach the caller, or it is retried.
        logLevel: logLevel.NOTHING,
      })
      return { kafka, drop: sockets.drop }
    },
  }
}

type Timeouts = Pick<
  Settings,
  | 'sessionTimeoutMs'
  | 'transactionTimeoutMs'
  | 'rebalanceTimeoutMs'
  | 'rejoinTimeoutMs'
  | 'timeoutMs'
>

const transactionTimeoutMsMax = 10_000

const timeoutsOf = (options: KafkaLogOptions): Timeouts => {
  const sessionTimeoutMs = options.sessionTimeoutMs ?? 10_000
  const transactionTimeoutMs =
    options.transactionTimeoutMs ??
    Math.min(Math.floor(sessionTimeoutMs * 0.8), transactionTimeoutMsMax)
  if (!(transactionTimeoutMs > 0 && transactionTimeoutMs < sessionTimeoutMs))
    throw new RangeError(
      `transactionTimeoutMs: ${transactionTimeoutMs} is not above 0 and below the session timeout of ${sessionTimeoutMs} ms`,
    )
  return {
    sessionTimeoutMs,
    transactionTimeoutMs,
    rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? 30_000,
    rejoinTimeoutMs: options.rejoinTimeoutMs ?? 120_000,
    timeoutMs: options.timeoutMs ?? 30_000,
  }
}

const systemClock: LogClock = {
  nowMs: () => Date.now() as EpochMs,
  monotonicMs: () => performance.now(),
}
