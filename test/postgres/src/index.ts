export { dockerPostgres } from './docker-postgres.ts'
export { query, urlOf, type Role, type ServerAddress } from './server-address.ts'
export { startServer, type PostgresServer, type ServerOptions } from './server.ts'
export { postgresAt, startPostgres, type TestPostgres } from './start-postgres.ts'
