import { join } from 'node:path'
import type { Log, Reached } from '@tidemark/log'
import { openEmbeddedLog } from '@tidemark/log-embedded'
import type { LogEvent } from './operations/log-lines.ts'

/** Where a log is: a folder on this machine, or Kafka's brokers and the prefix of the topics. */
export type Address =
  | { readonly kind: 'embedded'; readonly folder: string }
  | {
      readonly kind: 'kafka'
      readonly brokers: readonly string[]
      readonly prefix: string
      /** How processors commit there; a folder knows one way only. Default: exactly once. */
      readonly delivery?: Delivery
    }

export const deliveries = ['exactly-once', 'at-least-once'] as const
export type Delivery = (typeof deliveries)[number]

export const dataFolderDefault = '.tidemark'

export const describeAddress = (address: Address): string =>
  address.kind === 'embedded'
    ? `the log in ${address.folder}`
    : `the topics ${address.prefix}* on ${address.brokers.join(',')}`

/** The snapshot store that goes with a log unless another one is named. */
export const storeFileOf = (address: Address): string =>
  join(address.kind === 'embedded' ? address.folder : dataFolderDefault, 'store.sqlite')

/** Opens a log; `observe` is told what it does about trouble, and of its memberships. `reached` is for tests that end the process there. */
export const openLog = async (
  address: Address,
  observe: ObserveLog = () => undefined,
  reached?: Reached,
): Promise<Log> => {
  const watching = { observe, ...(reached !== undefined && { reached }) }
  if (address.kind === 'embedded') return openEmbeddedLog({ folder: address.folder, ...watching })
  // kafkajs takes a tenth of a second to load, which those who run without Kafka need not wait for.
  const { openKafkaLog } = await import('@tidemark/log-kafka')
  const { kind: _, ...where } = address
  return openKafkaLog({ ...where, ...watching })
}

export type ObserveLog = (event: LogEvent) => void
