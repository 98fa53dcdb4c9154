export type {
  FactQuery,
  HistoryQuery,
  StoredLatencyHour,
  StoredSloHour,
  StoredStatusChange,
} from './history-queries.ts'
export type { PostgresOptions } from './postgres/database.ts'
export { openPostgres } from './postgres/open.ts'
export type { PostgresTimeouts } from './postgres/timeouts.ts'
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
export { grantStatements, migrate, pendingMigration, type StoreRoles } from './schema.ts'
export { openSqlite } from './sqlite.ts'
export {
  openStore,
  type AlertQuery,
  type NewestSlice,
  type SnapshotStore,
  type StoredPosition,
} from './store.ts'
export type { WindowQuery } from './windows.ts'
