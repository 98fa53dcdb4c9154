import { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { Pool, type ClientBase, type PoolClient, type PoolConfig, type QueryResult } from 'pg'
import { parseIntoClientConfig } from 'pg-connection-string'
import { StoreError, type SqlRow, type SqlValue } from '../sql.ts'
import type { PostgresAddress } from './address.ts'
import { isAnswer, storeFailure } from './failures.ts'
import { passwordOf, type PasswordRequest } from './password.ts'
import type { PostgresTimeouts } from './timeouts.ts'
import { types } from './values.ts'

/** A connection that is lent to one piece of work. */
export type Connection = {
  /** All errors are StoreErrors. `answerMs`: how long to wait for this one. */
  readonly query: (statement: Statement) => Promise<Pick<QueryResult<SqlRow>, 'command' | 'rows'>>
  /** Nobody knows how it stands; it is closed when the work ends. */
  readonly isLost: () => boolean
}

export type Statement = {
  readonly text: string
  readonly values?: readonly SqlValue[]
  /** Of a prepared statement, which the server keeps as long as the connection. */
  readonly name?: string
  readonly answerMs?: number
}

/** At most `max` connections to a database, opened when needed and opened again when lost. */
export type Connections = {
  readonly lend: <T>(work: (connection: Connection) => Promise<T>) => Promise<T>
  readonly close: () => Promise<void>
}

export type ConnectionOptions = {
  readonly address: PostgresAddress
  readonly readOnly: boolean
  readonly timeouts: PostgresTimeouts
}

export const openConnections = (max: number, options: ConnectionOptions): Connections => {
  const { address, timeouts } = options
  const sockets = new Set<Socket>()
  const pool = new Pool({ ...configOf(options), max, stream: () => remembered(sockets) })
  let closing: Promise<void> | null = null
  const failures = new WeakMap<PoolClient, Error>()
  // Without listeners a connection that breaks while nothing is asked of it would end the process.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => {
    client.on('error', (error) => {
      // Of what follows the first one is the cause.
      if (!failures.has(client)) failures.set(client, error)
    })
  })
  return {
    lend: async (work) => {
      const client = await connected(pool, address)
      const connection = connectionOf(client, address, () => failures.get(client))
      try {
        return await work(connection)
      } finally {
        client.release(connection.isLost())
      }
    },
    close: () => (closing ??= closeWithin(timeouts.closeMs, pool, sockets)),
  }
}

/** What does not end by itself is cut. */
const closeWithin = async (ms: number, pool: Pool, sockets: ReadonlySet<Socket>): Promise<void> => {
  const patience = new AbortController()
  const late = setTimeout(ms, null, { signal: patience.signal }).catch(() => null)
  await Promise.race([pool.end(), late])
  patience.abort()
  for (const socket of sockets) socket.destroy()
}

const connectionOf = (
  client: PoolClient,
  { shown }: PostgresAddress,
  failure: () => Error | undefined,
): Connection => {
  let isLost = false
  return {
    query: async ({ text, values = [], name, answerMs }) => {
      try {
        return await client.query<SqlRow>({
          text,
          values: [...values],
          ...(name !== undefined && { name }),
          ...(answerMs !== undefined && { query_timeout: answerMs }),
        })
      } catch (error) {
        isLost ||= !isAnswer(error)
        // Why the connection broke says more than that it is broken.
        throw storeFailure(shown, failure() ?? error)
      }
    },
    isLost: () => isLost,
  }
}

const connected = async (pool: Pool, address: PostgresAddress): Promise<PoolClient> => {
  try {
    return await pool.connect()
  } catch (error) {
    throw storeFailure(address.shown, error)
  }
}

const configOf = ({ address, readOnly, timeouts }: ConnectionOptions): PoolConfig => {
  const { password, ...parsed } = parsedAddress(address)
  const readOnlyOption = readOnly ? '-c default_transaction_read_only=on' : ''
  return {
    application_name: 'tidemark',
    ...parsed,
    password:
      password === undefined || password === ''
        ? // The driver's types do not say that it tells who asks.
          (((request: PasswordRequest) =>
            passwordOf(request, process.env)) as () => Promise<string>)
        : password,
    options: [parsed.options, readOnlyOption].filter(Boolean).join(' '),
    types,
    connectionTimeoutMillis: timeouts.connectMs,
    statement_timeout: timeouts.statementMs,
    lock_timeout: timeouts.lockMs,
    idle_in_transaction_session_timeout: timeouts.idleInTransactionMs,
    query_timeout: timeouts.answerMs,
    keepAlive: true,
    // The driver waits for it, which its types do not say.
    // eslint-disable-next-line @typescript-eslint/no-misused-promises
    onConnect: requireUtf8,
  }
}

const parsedAddress = ({ url, shown }: PostgresAddress) => {
  try {
    return parseIntoClientConfig(url())
  } catch (cause) {
    // A certificate that it names cannot be read, for one.
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StoreError(`store ${shown}: ${reason}`, { retriable: false, cause })
  }
}

const requireUtf8 = async (client: ClientBase): Promise<void> => {
  const { rows } = await client.query("select current_setting('server_encoding') as encoding")
  const { encoding } = rows[0] as { readonly encoding: string }
  if (encoding !== 'UTF8')
    throw new StoreError(`the database is encoded in ${encoding}; allowed is UTF8`, {
      retriable: false,
    })
}

const remembered = (sockets: Set<Socket>): Socket => {
  const socket = new Socket()
  sockets.add(socket)
  socket.once('close', () => sockets.delete(socket))
  return socket
}
