export { openPostgres, type PostgresOptions } from './postgres.ts'
export type { PostgresTimeouts } from './timeouts.ts'
