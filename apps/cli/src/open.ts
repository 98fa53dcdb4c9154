import { addressOf, connect, storeFileOf, type Address, type Connection } from '@tidemark/assembly'
import type { Layout } from '@tidemark/model'
import { openSqlite, openStore, type SnapshotStore } from '@tidemark/store'
import { existsSync } from 'node:fs'
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

/** Runs `work` on the snapshots that the options name, for reading. */
export const withStore = async <T>(
  options: LogOptions,
  work: (store: SnapshotStore) => Promise<T>,
): Promise<T> => {
  const file = options.store ?? storeFileOf(addressIn(options))
  if (!existsSync(file))
    throw new UsageError(
      `no snapshots in ${file}: run "tidemark start" (or "tidemark sink") first, or name another place with --data or --store`,
    )
  const store = await openStore(openSqlite(file, { readOnly: true }), { readOnly: true })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}
