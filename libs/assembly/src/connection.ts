import { layoutRecord, readLayout } from '@tidemark/codec'
import { NotProvisionedError, type Log } from '@tidemark/log'
import { layoutFaults, type Layout } from '@tidemark/model'
import { describeAddress, openLog, type Address } from './address.ts'

/** An open log together with the layout that was fixed when it was provisioned. */
export type Connection = { readonly log: Log; readonly layout: Layout }

/** The layout is unusable; lists every fault. */
export class LayoutError extends Error {
  readonly code = 'layout'
  readonly retriable = false
}

/**
 * Opens a log that is provisioned. A data folder that is not gets `whenNew`, on its first use; Kafka topics are provisioned by
 * `tidemark topics provision` only.
 */
export const connect = async (address: Address, whenNew: Layout | null): Promise<Connection> => {
  const log = await openLog(address)
  try {
    const known = await log.layoutRecord()
    if (known !== null) return { log, layout: readLayout(known) }
    if (address.kind === 'kafka' || whenNew === null)
      throw new NotProvisionedError(
        `${describeAddress(address)}: nothing is provisioned there. ${advice(address)}`,
      )
    await provision(log, whenNew)
    return { log, layout: whenNew }
  } catch (error) {
    await log.close()
    throw error
  }
}

const advice = (address: Address): string =>
  address.kind === 'kafka'
    ? 'Run "tidemark topics provision" with these --brokers and --prefix first.'
    : 'Run "tidemark start" or "tidemark publish" on it first, or name another folder with --data.'

/** Fixes the layout of an empty log. */
export const provision = async (log: Log, layout: Layout): Promise<'created' | 'unchanged'> => {
  const faults = layoutFaults(layout)
  if (faults.length > 0) throw new LayoutError(`layout: ${faults.join('; ')}`)
  return log.provision(layout, layoutRecord(layout))
}
