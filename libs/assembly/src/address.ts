import { join } from 'node:path'
import type { Log } from '@tidemark/log'
import { openEmbeddedLog } from '@tidemark/log-embedded'
import { troubleLine } from './trouble.ts'

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

/** Opens a log; `tell` is given a line for every trouble that the log deals with by itself. */
export const openLog = async (address: Address, tell: Tell = () => undefined): Promise<Log> => {
  const observe = (event: Parameters<typeof troubleLine>[0]): void => {
    const line = troubleLine(event)
    if (line !== null) tell(line)
  }
  if (address.kind === 'embedded') return openEmbeddedLog({ folder: address.folder, observe })
  // kafkajs takes a tenth of a second to load, which those who run without Kafka need not wait for.
  const { openKafkaLog } = await import('@tidemark/log-kafka')
  return openKafkaLog({ brokers: address.brokers, prefix: address.prefix, observe })
}

export type Tell = (line: string) => void
