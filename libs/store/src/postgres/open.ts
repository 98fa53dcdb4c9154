import type { Sql } from '../sql.ts'
import type { PostgresAddress } from './address.ts'
import type { PostgresOptions } from './database.ts'

/** A PostgreSQL database; see `postgresDatabase`. Its driver takes 50 ms to load, which those who keep their snapshots in a file need not wait for. */
export const openPostgres = async (
  address: PostgresAddress,
  options: PostgresOptions = {},
): Promise<Sql> => {
  const { postgresDatabase } = await import('./database.ts')
  return postgresDatabase(address, options)
}
