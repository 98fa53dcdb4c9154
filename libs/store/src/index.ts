export { isPostgres, postgresAddress, type PostgresAddress } from './postgres/address.ts'
export type { SnapshotEvent } from './rows.ts'
export {
  StoreError,
  type Sql,
  type SqlInsert,
  type SqlRow,
  type SqlStatements,
  type SqlValue,
} from './sql.ts'
export { openSqlite } from './sqlite.ts'
export {
  openStore,
  type AlertQuery,
  type NewestSlice,
  type SnapshotStore,
  type StoredPosition,
} from './store.ts'
export type { WindowQuery } from './windows.ts'
