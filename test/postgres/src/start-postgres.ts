import { existsSync } from 'node:fs'
import { postgresPrograms } from './binaries.ts'
import { dockerPostgres } from './docker-postgres.ts'
import { query, urlOf, type Role, type ServerAddress } from './server-address.ts'
import { startServer } from './server.ts'

/** A server on which tests make databases of their own. */
export type TestPostgres = {
  /** Address of a new database, encoded in UTF-8, of a role that may do anything with it. */
  readonly createDatabase: (options?: string) => Promise<string>
  /** A new role that may log in, and nothing else that not everybody may. */
  readonly createRole: () => Promise<Role>
  readonly stop: () => Promise<void>
}

/** That of TIDEMARK_POSTGRES (an address of a role that may make databases and roles), else one started here, else one in Docker. */
export const startPostgres = async (): Promise<TestPostgres> => {
  const given = process.env.TIDEMARK_POSTGRES ?? ''
  if (given !== '') return postgresAt(addressOf(given), async () => undefined)
  if (postgresPrograms() !== null) {
    const server = await startServer()
    return postgresAt(server.address, server.remove)
  }
  const { address, stop } = await dockerPostgres()
  return postgresAt(address, stop)
}

/** Whether there is hope for `startPostgres`. */
export const isPostgresLikely = (): boolean =>
  (process.env.TIDEMARK_POSTGRES ?? '') !== '' ||
  postgresPrograms() !== null ||
  process.env.DOCKER_HOST !== undefined ||
  existsSync('/var/run/docker.sock')

export const postgresAt = (address: ServerAddress, stop: () => Promise<void>): TestPostgres => {
  const root = urlOf(address, 'postgres')
  // On a server that is not ours others make databases as well.
  const run = `${process.pid}_${Date.now().toString(36)}`
  let count = 0
  return {
    createDatabase: async (options = '') => {
      const name = `tidemark_${run}_${++count}`
      await query(root, `create database ${name} ${options}`)
      return urlOf(address, name)
    },
    createRole: async () => {
      const role = { user: `tidemark_${run}_${++count}`, password: 'of a test' }
      await query(root, `create role ${role.user} login password '${role.password}'`)
      return role
    },
    stop,
  }
}

const addressOf = (url: string): ServerAddress => {
  const { hostname, port, username, password } = new URL(url)
  return {
    ...{ host: hostname, port: port === '' ? 5432 : Number(port) },
    ...{ user: decodeURIComponent(username), password: decodeURIComponent(password) },
  }
}
