import type { EpochMs } from '@tidemark/model'
import type { Kafka, KafkaConfig, RetryOptions } from 'kafkajs'
import { KafkaClient, clusterRetry, logLevel } from './kafkajs-internals.ts'

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
  /** How long a member may be silent before its tasks go to others. Default 10 s; at least the broker's minimum, 6 s by default. */
  readonly sessionTimeoutMs?: number
  /** How long a rebalance waits for members to commit and come back. Default 30 s. */
  readonly rebalanceTimeoutMs?: number
  /** How long `host` tries to come back into its group before it gives up. Default 2 min. */
  readonly rejoinTimeoutMs?: number
  /** How long calls try to reach the brokers before they fail. Default 30 s. */
  readonly timeoutMs?: number
  /** Told what is done about trouble that needs no one's help yet. */
  readonly observe?: (event: KafkaLogEvent) => void
}

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
    'prefix' | 'clock' | 'sessionTimeoutMs' | 'rebalanceTimeoutMs' | 'rejoinTimeoutMs' | 'timeoutMs'
  >
> & {
  readonly replicationFactor: number | null
  readonly observe: (event: KafkaLogEvent) => void
  /** A kafkajs client; what it makes has connections of its own. */
  readonly client: (requestTimeoutMs: number, retry?: RetryOptions) => Kafka
}

export const settingsOf = (options: KafkaLogOptions): Settings => ({
  prefix: options.prefix,
  replicationFactor: options.replicationFactor ?? null,
  clock: options.clock ?? systemClock,
  sessionTimeoutMs: options.sessionTimeoutMs ?? 10_000,
  rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? 30_000,
  rejoinTimeoutMs: options.rejoinTimeoutMs ?? 120_000,
  timeoutMs: options.timeoutMs ?? 30_000,
  observe: options.observe ?? (() => undefined),
  client: (requestTimeoutMs, retry = clusterRetry) =>
    new KafkaClient({
      brokers: [...options.brokers],
      clientId: options.clientId ?? 'tidemark',
      ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
      ...(options.sasl === undefined ? {} : { sasl: options.sasl }),
      connectionTimeout: 3000,
      requestTimeout: requestTimeoutMs,
      retry,
      // What kafkajs would print is in the errors that reach the caller, or it is retried.
      logLevel: logLevel.NOTHING,
    }),
})

const systemClock: LogClock = {
  nowMs: () => Date.now() as EpochMs,
  monotonicMs: () => performance.now(),
}
