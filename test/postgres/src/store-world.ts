import {
  openPostgres,
  openStore,
  postgresAddress,
  type PostgresOptions,
  type SnapshotStore,
  type Sql,
  type StoredPosition,
} from '@tidemark/store'
import type { Offset } from '@tidemark/model'

export type OpenStores = {
  readonly sql: (url: string, options?: PostgresOptions) => Promise<Sql>
  readonly store: (url: string, options?: PostgresOptions) => Promise<SnapshotStore>
  readonly close: () => Promise<void>
}

/** Opens databases and closes them together. */
export const openStores = (): OpenStores => {
  const opened: Sql[] = []
  const sql = async (url: string, options?: PostgresOptions): Promise<Sql> => {
    const database = await openPostgres(postgresAddress(url)!, options)
    opened.push(database)
    return database
  }
  return {
    sql,
    store: async (url, options) =>
      openStore(await sql(url, options), { readOnly: options?.readOnly ?? false }),
    close: async () => {
      await Promise.all(opened.splice(0).map((database) => database.close()))
    },
  }
}

export const positionAt = (position: number): readonly StoredPosition[] => [
  { topic: 'aggregates', partition: 0, position: position as Offset },
]
