import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { StoreError, type Sql, type SqlRow, type SqlValue } from './sql.ts'

const busyTimeoutMs = 10_000
/** Prepared statements kept; the store has about thirty. */
const statementsMax = 100

/** A SQLite file in WAL mode, safe against power loss; several processes may use it at once. */
export const openSqlite = (file: string, options: { readonly readOnly?: boolean } = {}): Sql => {
  const readOnly = options.readOnly ?? false
  const database = open(file, readOnly)
  const statements = new Map<string, StatementSync>()
  const prepare = (text: string): StatementSync => {
    const known = statements.get(text)
    if (known !== undefined) return known
    if (statements.size >= statementsMax) statements.clear()
    const statement = database.prepare(text)
    statements.set(text, statement)
    return statement
  }
  let turn: Promise<unknown> = Promise.resolve()
  const sql: Sql = {
    run: async (text, ...rows) => {
      await guarded(file, () => {
        const statement = prepare(text)
        for (const row of rows.length > 0 ? rows : [[]]) statement.run(bound(row))
      })
    },
    all: (text, values = []) =>
      guarded(file, () => prepare(text).all(bound(values)) as unknown as readonly SqlRow[]),
    transaction: (work) => {
      const mine = turn.then(() => inTransaction(file, database, sql, work))
      turn = mine.catch(() => undefined)
      return mine
    },
    close: async () => {
      await turn
      database.close()
    },
  }
  return sql
}

const open = (file: string, readOnly: boolean): DatabaseSync => {
  try {
    if (!readOnly) mkdirSync(dirname(file), { recursive: true })
    const database = new DatabaseSync(file, { readOnly, timeout: busyTimeoutMs })
    if (!readOnly) database.exec('pragma journal_mode = wal; pragma synchronous = full')
    return database
  } catch (cause) {
    throw new StoreError(`store ${file}: cannot be opened: ${messageOf(cause)}`, {
      retriable: false,
      cause,
    })
  }
}

const inTransaction = async <T>(
  file: string,
  database: DatabaseSync,
  sql: Sql,
  work: (sql: Sql) => Promise<T>,
): Promise<T> => {
  await guarded(file, () => {
    database.exec('begin immediate')
  })
  try {
    const result = await work(sql)
    await guarded(file, () => {
      database.exec('commit')
    })
    return result
  } catch (error) {
    if (database.isTransaction) database.exec('rollback')
    throw error
  }
}

/** SQLite takes `$1` for a name. */
const bound = (values: readonly SqlValue[]): Record<string, SqlValue> =>
  Object.fromEntries(values.map((value, i) => [`$${i + 1}`, value]))

const guarded = <T>(file: string, call: () => T): Promise<T> => {
  try {
    return Promise.resolve(call())
  } catch (cause) {
    const retriable = /locked|busy/i.test(messageOf(cause))
    return Promise.reject(
      new StoreError(`store ${file}: ${messageOf(cause)}`, { retriable, cause }),
    )
  }
}

const messageOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause)
