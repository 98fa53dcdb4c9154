import { setTimeout } from 'node:timers/promises'
import { Client } from 'pg'

/** Of a role that may make databases and roles. */
export type ServerAddress = {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
}

export type Role = Pick<ServerAddress, 'user' | 'password'>

export const urlOf = ({ host, port, user, password }: ServerAddress, database: string): string =>
  `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/${database}`

/** Runs one statement on a connection of its own. */
export const query = async (
  url: string,
  statement: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  // The server may be stopped while it answers; the query fails then, and tells of it.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows
  } finally {
    await client.end()
  }
}

const readyMsMax = 60_000

/** Null when the server answers; else the last reason why it did not. */
export const untilReady = async (url: string): Promise<string | null> => {
  const endMs = performance.now() + readyMsMax
  for (;;) {
    try {
      await query(url, 'select 1')
      return null
    } catch (error) {
      if (performance.now() > endMs) return `no answer within ${readyMsMax} ms: ${String(error)}`
    }
    await setTimeout(50)
  }
}
