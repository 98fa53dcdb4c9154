import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { insertText } from './insert-text.ts'
import { StoreError, type Sql, type SqlRow, type SqlStatements, type SqlValue } from './sql.ts'
import { takingTurns } from './turns.ts'

/** How long a statement waits for the transaction of another connection to end, and how often it looks. */
const busyMsMax = 10_000
const busyPauseMs = 10
/** Prepared statements kept; the store has about thirty. */
const statementsMax = 100

/** A SQLite file in WAL mode, safe against power loss; several processes may use it at once, one of them writing at a time. */
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
  const execute = (text: string, rows: readonly (readonly SqlValue[])[]): Promise<void> =>
    guarded(file, () => {
      const statement = prepare(text)
      for (const row of rows) statement.run(bound(row))
    })
  const statementsOn: SqlStatements = {
    run: (text, values = []) => execute(text, [values]),
    insert: (into, rows) => execute(insertText(into, 1), rows),
    all: (text, values = []) =>
      guarded(file, () => prepare(text).all(bound(values)) as unknown as readonly SqlRow[]),
    hasTable: async (name) => (await statementsOn.all(tableQuery, [name])).length > 0,
  }
  // There is one connection: whoever comes while a transaction is open waits for its end, so that nobody reads what may be undone.
  const inTurn = takingTurns()
  const transaction: Sql['transaction'] = (work) =>
    inTurn(() => inTransaction(file, database, () => work(statementsOn)))
  return {
    run: (text, values) => inTurn(() => patiently(() => statementsOn.run(text, values))),
    insert: (into, rows) => transaction((tx) => tx.insert(into, rows)),
    all: (text, values) => inTurn(() => patiently(() => statementsOn.all(text, values))),
    transaction,
    // One writes at a time anyway.
    exclusive: transaction,
    hasTable: (name) => inTurn(() => patiently(() => statementsOn.hasTable(name))),
    close: () =>
      inTurn(async () => {
        database.close()
      }),
  }
}

const tableQuery = "select name from sqlite_master where type = 'table' and name = $1"

const open = (file: string, readOnly: boolean): DatabaseSync => {
  try {
    if (!readOnly) mkdirSync(dirname(file), { recursive: true })
    const database = new DatabaseSync(file, { readOnly, timeout: busyMsMax })
    if (!readOnly) database.exec('pragma journal_mode = wal; pragma synchronous = full')
    // SQLite would wait by stopping the whole process, and with it whoever it waits for if that is here as well.
    database.exec('pragma busy_timeout = 0')
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
  work: () => Promise<T>,
): Promise<T> => {
  await patiently(() =>
    guarded(file, () => {
      database.exec('begin immediate')
    }),
  )
  try {
    const result = await work()
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

/** Tries again while another connection is in its way; only for what stands outside a transaction. */
const patiently = async <T>(call: () => Promise<T>): Promise<T> => {
  const endMs = performance.now() + busyMsMax
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof StoreError && error.retriable) || performance.now() >= endMs)
        throw error
    }
    await setTimeout(busyPauseMs)
  }
}

const guarded = async <T>(file: string, call: () => T): Promise<T> => {
  try {
    return call()
  } catch (cause) {
    const message = `store ${file}: ${messageOf(cause)}`
    throw new StoreError(message, { retriable: isBusy(cause), cause })
  }
}

// SQLITE_BUSY and SQLITE_LOCKED; the upper bits say more.
const isBusy = (cause: unknown): boolean =>
  typeof cause === 'object' &&
  cause !== null &&
  'errcode' in cause &&
  typeof cause.errcode === 'number' &&
  [5, 6].includes(cause.errcode & 0xff)

const messageOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause)
