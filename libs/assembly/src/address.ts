import { join } from 'node:path'
import type { Log } from '@tidemark/log'
import { openEmbeddedLog } from '@tidemark/log-embedded'

/** Where a log is: a folder on this machine, or Kafka's brokers and the prefix of the topics. */
export type Address =
  | { readonly kind: 'embedded'; readonly folder: string }
  | { readonly kind: 'kafka'; readonly brokers: readonly string[]; readonly prefix: string }

export const dataFolderDefault = '.tidemark'

export const describeAddress = (address: Address): string =>
  address.kind === 'embedded'
    ? `the log in ${address.folder}`
    : `the topics ${address.prefix}* on ${address.brokers.join(',')}`

/** The snapshot store that goes with a log unless another one is named. */
export const storeFileOf = (address: Address): string =>
  join(address.kind === 'embedded' ? address.folder : dataFolderDefault, 'store.sqlite')

export const openLog = async (address: Address): Promise<Log> => {
  if (address.kind === 'embedded') return openEmbeddedLog({ folder: address.folder })
  // kafkajs takes a tenth of a second to load, which those who run without Kafka need not wait for.
  const { openKafkaLog } = await import('@tidemark/log-kafka')
  return openKafkaLog({ brokers: address.brokers, prefix: address.prefix })
}
