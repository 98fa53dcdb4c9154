import { insertText } from '../insert-text.ts'
import { StoreError, type Sql, type SqlStatements } from '../sql.ts'
import { takingTurns } from '../turns.ts'
import type { PostgresAddress } from './address.ts'
import { openConnections, type Connection } from './connections.ts'
import { timeoutsDefault, type PostgresTimeouts } from './timeouts.ts'

export type PostgresOptions = {
  readonly readOnly?: boolean
  readonly timeouts?: Partial<PostgresTimeouts>
}

/** Beside the one connection that writes. */
const readersMax = 4
/**
 * Rows of one statement, the largest first. A statement for 64 rows writes twelve times as many per second as one for a single row, larger ones
 * are no faster, and three sizes keep the number of prepared statements small.
 */
const rowsPerStatement = [64, 8, 1] as const
/** Any number will do that nobody else takes for a lock of his own in the same database. */
const exclusiveLock = 0x71de_3a4b

/**
 * A PostgreSQL database, version 13 or newer, encoded in UTF-8. Nothing is connected before it is needed, and what is lost is connected again when
 * it is needed next.
 */
export const postgresDatabase = (address: PostgresAddress, options: PostgresOptions = {}): Sql => {
  const timeouts = { ...timeoutsDefault, ...options.timeouts }
  const connection = { address, readOnly: options.readOnly ?? false, timeouts }
  const writer = openConnections(1, connection)
  const readers = openConnections(readersMax, connection)
  // The writer is one connection; waiting for it here has no timeout, unlike waiting for it in the pool.
  const inTurn = takingTurns()
  const write = <T>(work: (connection: Connection) => Promise<T>): Promise<T> =>
    inTurn(() => writer.lend(work))
  const transaction: Sql['transaction'] = (work) =>
    write((connection) => inTransaction(connection, () => work(statementsOn(connection))))
  return {
    run: (text, values) => write((connection) => statementsOn(connection).run(text, values)),
    insert: (into, rows) => transaction((tx) => tx.insert(into, rows)),
    all: (text, values) => readers.lend((connection) => statementsOn(connection).all(text, values)),
    hasTable: (name) => readers.lend((connection) => statementsOn(connection).hasTable(name)),
    transaction,
    exclusive: (work) =>
      write((connection) =>
        inTransaction(connection, async () => work(await alone(connection, timeouts))),
      ),
    close: async () => {
      await Promise.all([writer.close(), readers.close()])
    },
  }
}

const statementsOn = (connection: Connection, answerMs?: number): SqlStatements => {
  const patience = answerMs !== undefined && { answerMs }
  const all: SqlStatements['all'] = async (text, values = []) =>
    (await connection.query({ text, values, ...patience })).rows
  return {
    all,
    run: async (text, values) => {
      await all(text, values)
    },
    insert: async (into, rows) => {
      let from = 0
      for (const size of rowsPerStatement)
        for (; from + size <= rows.length; from += size) {
          const values = rows.slice(from, from + size).flat()
          const text = insertText(into, size)
          await connection.query({ text, values, name: `${into.table} ${size}`, ...patience })
        }
    },
    hasTable: async (name) => {
      const [row] = await all('select to_regclass($1)::text as known', [name])
      return row?.known !== null
    },
  }
}

/** Within a transaction: waits until no other has this lock, and raises the timeouts until the transaction ends. */
const alone = async (
  connection: Connection,
  { exclusiveMs, answerMs }: PostgresTimeouts,
): Promise<SqlStatements> => {
  const patient = statementsOn(connection, exclusiveMs + answerMs)
  await patient.run(`set local statement_timeout = ${exclusiveMs}`)
  await patient.run(`set local lock_timeout = ${exclusiveMs}`)
  await patient.run(`select pg_advisory_xact_lock(${exclusiveLock})::text`)
  return patient
}

const inTransaction = async <T>(connection: Connection, work: () => Promise<T>): Promise<T> => {
  await connection.query({ text: 'begin' })
  let result: T
  try {
    result = await work()
  } catch (error) {
    // Closing a connection that is lost undoes the transaction as well.
    if (!connection.isLost()) await connection.query({ text: 'rollback' }).catch(() => undefined)
    throw error
  }
  const { command } = await connection.query({ text: 'commit' })
  // So, and not by an error, is a transaction answered in which a statement failed.
  if (command === 'ROLLBACK')
    throw new StoreError('store: a transaction in which a statement failed cannot be committed', {
      retriable: false,
    })
  return result
}
