import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { layoutRecord, readLayout } from '@tidemark/codec'
import { configurationFaults } from '@tidemark/evaluation'
import { LayoutMismatchError, NotProvisionedError, type Log } from '@tidemark/log'
import { layoutFaults, type Layout } from '@tidemark/model'
import { describeAddress, openLog, type Address, type ObserveLog } from './address.ts'

/** An open log together with the layout that was fixed when it was provisioned. */
export type Connection = { readonly log: Log; readonly layout: Layout }

/** The layout is unusable; lists every fault. */
export class LayoutError extends Error {
  readonly code = 'layout'
  readonly retriable = false
}

/**
 * Opens a log that is provisioned. A data folder that is not gets `whenNew`, on its first use; Kafka topics are provisioned by
 * `tidemark topics provision` only. `observe` is told what the log does by itself.
 */
export const connect = async (
  address: Address,
  whenNew: Layout | null,
  observe?: ObserveLog,
): Promise<Connection> => {
  // Opening a folder makes its file, which whoever only wants to look must not do.
  if (whenNew === null && isMissing(address)) throw nothingThere(address)
  const log = await openLog(address, observe)
  try {
    if ((await log.layoutRecord()) === null) {
      if (address.kind === 'kafka' || whenNew === null) throw nothingThere(address)
      await provisionFirst(log, whenNew)
    }
    const record = await log.layoutRecord()
    if (record === null) throw nothingThere(address)
    const layout = readLayout(record)
    await log.check(layout)
    return { log, layout }
  } catch (error) {
    await log.close()
    throw error
  }
}

/** Another process may be faster with a layout of its own; then that one holds. */
const provisionFirst = async (log: Log, layout: Layout): Promise<void> => {
  try {
    await provision(log, layout)
  } catch (error) {
    if (!(error instanceof LayoutMismatchError)) throw error
  }
}

const isMissing = (address: Address): boolean =>
  address.kind === 'embedded' && !existsSync(join(address.folder, 'log.sqlite'))

const nothingThere = (address: Address): NotProvisionedError =>
  new NotProvisionedError(
    `${describeAddress(address)}: nothing is provisioned there. ${advice(address)}`,
  )

const advice = (address: Address): string =>
  address.kind === 'kafka'
    ? 'Run "tidemark topics provision" with these --brokers and --prefix first.'
    : 'Run "tidemark start" or "tidemark publish" on it first, or name another folder with --data.'

/** Fixes the layout of an empty log. */
export const provision = async (log: Log, layout: Layout): Promise<'created' | 'unchanged'> => {
  const faults = [
    ...layoutFaults(layout),
    ...configurationFaults(layout.configuration, layout).map(
      ({ path, message }) => `configuration: ${path.join('.')}: ${message}`,
    ),
  ]
  if (faults.length > 0) throw new LayoutError(`layout: ${faults.join('; ')}`)
  return log.provision(layout, layoutRecord(layout))
}
