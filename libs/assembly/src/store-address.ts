import { existsSync } from 'node:fs'
import {
  isPostgres,
  openPostgres,
  openSqlite,
  openStore,
  postgresAddress,
  type SnapshotStore,
  type Sql,
} from '@tidemark/store'

/** What stands for a snapshot store is neither a file nor PostgreSQL. The message does not repeat it: it may hold a password. */
export class StoreAddressError extends Error {
  readonly code = 'usage'
  readonly retriable = false
}

type OpenOptions = { readonly readOnly?: boolean }

/** The snapshots at an address: a file, or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`. */
export const openStoreAt = async (
  address: string,
  options: OpenOptions = {},
): Promise<SnapshotStore> => {
  const sql = await openSqlAt(address, options)
  try {
    return await openStore(sql, options)
  } catch (error) {
    await sql.close()
    throw error
  }
}

/** The database at such an address, whatever is in it. */
export const openSqlAt = async (address: string, options: OpenOptions = {}): Promise<Sql> => {
  requireStoreAddress(address)
  const postgres = postgresAddress(address)
  return postgres === null ? openSqlite(address, options) : openPostgres(postgres, options)
}

/** False for a file that is not there; only a server itself can say what is on it. */
export const mayHoldStore = (address: string): boolean => isPostgres(address) || existsSync(address)

/** The address without its password. */
export const shownStore = (address: string): string => postgresAddress(address)?.shown ?? address

/** StoreAddressError for what means neither a file nor PostgreSQL. */
export const requireStoreAddress = (address: string): void => {
  if (isPostgres(address) && postgresAddress(address) === null)
    throw new StoreAddressError(
      '--store is not of the form postgres://USER:PASSWORD@HOST:PORT/DATABASE; in a password the characters @ : / ? # % are written %40 %3A %2F %3F %23 %25',
    )
  const scheme = /^[a-z][a-z0-9+.-]*(?=:\/\/)/i.exec(address)?.[0]
  if (scheme !== undefined && !isPostgres(address))
    throw new StoreAddressError(
      `--store: no store at ${scheme}://; allowed are a file and postgres://...`,
    )
}
