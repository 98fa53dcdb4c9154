import {
  addressOf,
  connect,
  mayHoldStore,
  openStoreAt,
  requireStoreAddress,
  storeFileOf,
  type Address,
  type Connection,
} from '@tidemark/assembly'
import type { Layout } from '@tidemark/model'
import type { SnapshotStore } from '@tidemark/store'
import { UsageError, type LogOptions } from './context.ts'

/** The address that the options name. */
export const addressIn = (options: LogOptions): Address => {
  const address = addressOf(options)
  if (typeof address === 'string') throw new UsageError(address)
  return address
}

/** Runs `work` on the log that the options name; a new data folder gets `whenNew`. */
export const withLog = async <T>(
  options: LogOptions,
  whenNew: Layout | null,
  work: (connection: Connection) => Promise<T>,
): Promise<T> => {
  const connection = await connect(addressIn(options), whenNew)
  try {
    return await work(connection)
  } finally {
    await connection.log.close()
  }
}

/** Where the options say that snapshots are. */
export const storeIn = (options: LogOptions): string => {
  if (options.store !== undefined) requireStoreAddress(options.store)
  return options.store ?? storeFileOf(addressIn(options))
}

/** Runs `work` on the snapshots that the options name, for reading. */
export const withStore = async <T>(
  options: LogOptions,
  work: (store: SnapshotStore) => Promise<T>,
): Promise<T> => {
  const store = storeIn(options)
  if (!mayHoldStore(store))
    throw new UsageError(
      `no snapshots in ${store}: run "tidemark start" (or "tidemark sink") first, or name another place with --data or --store`,
    )
  const snapshots = await openStoreAt(store, { readOnly: true })
  try {
    return await work(snapshots)
  } finally {
    await snapshots.close()
  }
}
