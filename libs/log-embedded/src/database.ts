import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  DatabaseSync,
  type SQLInputValue,
  type SQLOutputValue,
  type StatementSync,
} from 'node:sqlite'
import { NotProvisionedError, UnavailableError, UnsupportedLogError } from '@tidemark/log'
import { isBusy, logErrorOf } from './failures.ts'
import type { Settings } from './options.ts'
import { applicationId, migrations, schema, schemaVersion } from './schema.ts'
import { sleep } from './sleep.ts'

/** The log's file. Every call blocks until SQLite has answered, and what SQLite throws comes out as an error of the log. */
export type Database = {
  readonly file: string
  readonly all: (text: string, ...values: readonly SQLInputValue[]) => readonly Row[]
  readonly first: (text: string, ...values: readonly SQLInputValue[]) => Row | undefined
  /** Goes through rows until `visit` returns false. */
  readonly each: (
    text: string,
    values: readonly SQLInputValue[],
    visit: (row: Row) => boolean,
  ) => void
  /** Returns the number of rows changed. */
  readonly run: (text: string, ...values: readonly SQLInputValue[]) => number
  /** Several reads of one state of the file. */
  readonly snapshot: <T>(read: () => T) => T
  /** Begins a transaction that writes; false while another process is in one. */
  readonly begin: () => boolean
  /** False when SQLite has given the transaction up by itself, as it does when the disk is full. */
  readonly isInTransaction: () => boolean
  readonly close: () => void
}

export type Row = Readonly<Record<string, SQLOutputValue>>

/** How long SQLite itself waits, with the whole process, for another one's transaction; then the caller waits, with a timer. */
const busyTimeoutMs = 50
/** 16 KiB: an append of 150 KB takes ten pages instead of forty; measured, 30 % faster than the default of 4 KiB. */
const pageBytes = 16_384
/** Pages in the write-ahead log before SQLite copies them into the file: 32 MB. */
const checkpointPages = 2000
const walBytesMax = 64 * 1024 * 1024
const cacheKiB = 16_384

/** Opens the file of a folder. UnsupportedLogError where a newer Tidemark, or something else, wrote it. */
export const openDatabase = async (settings: Settings): Promise<Database> => {
  const { folder, create, timeoutMs, monotonicMs } = settings
  const file = join(folder, 'log.sqlite')
  const endMs = monotonicMs() + timeoutMs
  for (;;) {
    try {
      if (create) mkdirSync(folder, { recursive: true })
      else if (!existsSync(file)) throw new NotProvisionedError(`${file}: there is no such log`)
      return openFile(file)
    } catch (error) {
      // Several processes may open a new file at once; choosing its journal mode does not wait for the others by itself.
      if (!isBusy(error)) throw logErrorOf(error, file)
      if (monotonicMs() > endMs)
        throw new UnavailableError(`${file}: busy for ${timeoutMs} ms`, { cause: error })
      await sleep(busyTimeoutMs)
    }
  }
}

const openFile = (file: string): Database => {
  const connection = new DatabaseSync(file, { timeout: busyTimeoutMs })
  try {
    refuseForeign(connection, file)
    // Page size and vacuum must be chosen before anything is written; later on choosing would write, if only a counter.
    if (pragmaOf(connection, 'schema_version') === 0)
      connection.exec(`pragma page_size = ${pageBytes}; pragma auto_vacuum = incremental`)
    connection.exec(`
      pragma journal_mode = wal; pragma synchronous = full; pragma fullfsync = on; pragma checkpoint_fullfsync = on;
      pragma wal_autocheckpoint = ${checkpointPages}; pragma journal_size_limit = ${walBytesMax};
      pragma cache_size = -${cacheKiB}; pragma temp_store = memory`)
    createTables(connection)
    return databaseOn(connection, file)
  } catch (error) {
    connection.close()
    throw error
  }
}

const refuseForeign = (connection: DatabaseSync, file: string): void => {
  const id = pragmaOf(connection, 'application_id')
  const version = pragmaOf(connection, 'user_version')
  if (id === applicationId && version > schemaVersion)
    throw new UnsupportedLogError(
      `${file}: written by a newer Tidemark (version ${version} of the file, this one reads up to ${schemaVersion})`,
    )
  if (id !== applicationId && pragmaOf(connection, 'schema_version') > 0)
    throw new UnsupportedLogError(`${file}: a SQLite file, but not one of Tidemark's`)
}

const createTables = (connection: DatabaseSync): void => {
  if (pragmaOf(connection, 'user_version') === schemaVersion) return
  connection.exec('begin immediate')
  try {
    // Another process may have been faster.
    const version = pragmaOf(connection, 'user_version')
    if (version === 0) connection.exec(`${schema}; pragma application_id = ${applicationId}`)
    else for (let at = version; at < schemaVersion; at++) connection.exec(migrations.get(at)!)
    connection.exec(`pragma user_version = ${schemaVersion}`)
    connection.exec('commit')
  } catch (error) {
    if (connection.isTransaction) connection.exec('rollback')
    throw error
  }
}

const pragmaOf = (connection: DatabaseSync, name: string): number =>
  Number(Object.values(connection.prepare(`pragma ${name}`).get() ?? {})[0])

const databaseOn = (connection: DatabaseSync, file: string): Database => {
  // As many as the adapter has texts: none is put together from data.
  const statements = new Map<string, StatementSync>()
  const prepared = (text: string): StatementSync => {
    let statement = statements.get(text)
    if (statement === undefined) statements.set(text, (statement = connection.prepare(text)))
    return statement
  }
  const guarded = <T>(call: () => T): T => {
    if (!connection.isOpen) throw new UnavailableError(`${file}: the log was closed`)
    try {
      return call()
    } catch (error) {
      throw logErrorOf(error, file)
    }
  }
  const run: Database['run'] = (text, ...values) =>
    guarded(() => Number(prepared(text).run(...values).changes))
  return {
    file,
    run,
    all: (text, ...values) => guarded(() => prepared(text).all(...values)),
    first: (text, ...values) => guarded(() => prepared(text).get(...values)),
    each: (text, values, visit) =>
      guarded(() => {
        for (const row of prepared(text).iterate(...values)) if (!visit(row)) break
      }),
    snapshot: (read) => {
      run('begin')
      try {
        return read()
      } finally {
        run('commit')
      }
    },
    begin: () => {
      try {
        run('begin immediate')
        return true
      } catch (error) {
        if (error instanceof UnavailableError && isBusy(error.cause)) return false
        throw error
      }
    },
    isInTransaction: () => connection.isTransaction,
    close: () => {
      if (connection.isOpen) connection.close()
    },
  }
}
