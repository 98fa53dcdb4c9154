import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { LogError, NotProvisionedError, UnavailableError } from '@tidemark/log'

/** The log's file as the adapter uses it: every call blocks until SQLite answers, and fails as a LogError. */
export type Database = {
  readonly file: string
  readonly all: (query: string, ...values: readonly Value[]) => readonly Row[]
  readonly first: (query: string, ...values: readonly Value[]) => Row | undefined
  readonly run: (statement: string, ...values: readonly Value[]) => number
  /** All or nothing, and alone: other writers, of this process or others, wait. */
  readonly transaction: <T>(work: () => T) => T
  /** Changes when another connection has committed. */
  readonly version: () => number
  readonly close: () => void
}

export type Value = number | string | Uint8Array | null
export type Row = Readonly<Record<string, Value>>

const schemaVersion = 1
const busyTimeoutMs = 10_000

// A batch is a row, stored as it goes over the wire. Ends live beside the batches, since retention may remove all of them.
const schema = `
  create table topic (
    topic text primary key, partitions integer not null, timestamps text not null, cleanup text not null,
    retention_ms integer not null) strict;
  create table partition_end (
    topic text not null, partition integer not null, start_offset integer not null, end_offset integer not null,
    last_timestamp_ms integer, primary key (topic, partition)) strict;
  create table batch (
    topic text not null, partition integer not null, last_offset integer not null, base_offset integer not null,
    last_timestamp_ms integer not null, bytes blob not null) strict;
  create unique index batch_place on batch (topic, partition, last_offset);
  create table layout (prefix text not null, record blob not null) strict;
  create table member (
    processor text not null, member text not null, host text not null, pid integer not null, started text not null,
    lease_until_ms integer not null, primary key (processor, member)) strict;
  create table task (
    processor text not null, task integer not null, epoch integer not null, member text,
    primary key (processor, task)) strict;
  create table checkpoint (
    processor text not null, task integer not null, digest text not null, primary key (processor, task)) strict;
  create table checkpoint_part (
    processor text not null, task integer not null, part text not null, bytes blob not null,
    primary key (processor, task, part)) strict;
  create table position (
    processor text not null, task integer not null, topic text not null, partition integer not null,
    position integer not null, from_offset integer not null, primary key (processor, task, topic, partition)) strict;
`

/** Opens or creates `log.sqlite` in a folder. */
export const openDatabase = (folder: string): Database => {
  const file = join(folder, 'log.sqlite')
  const guarded = <T>(call: () => T): T => {
    try {
      return call()
    } catch (error) {
      throw logError(file, error)
    }
  }
  const database = guarded(() => {
    mkdirSync(folder, { recursive: true })
    return new DatabaseSync(file, { timeout: busyTimeoutMs })
  })
  const statements = new Map<string, StatementSync>()
  const prepare = (text: string): StatementSync => {
    const known = statements.get(text)
    if (known !== undefined) return known
    const statement = database.prepare(text)
    statements.set(text, statement)
    return statement
  }
  const transaction = <T>(work: () => T): T => {
    guarded(() => {
      database.exec('begin immediate')
    })
    try {
      const result = work()
      guarded(() => {
        database.exec('commit')
      })
      return result
    } catch (error) {
      if (database.isTransaction) database.exec('rollback')
      throw error
    }
  }
  const result: Database = {
    file,
    all: (text, ...values) =>
      guarded(() => prepare(text).all(...values) as unknown as readonly Row[]),
    first: (text, ...values) => guarded(() => prepare(text).get(...values) as Row | undefined),
    run: (text, ...values) => guarded(() => Number(prepare(text).run(...values).changes)),
    transaction,
    version: () => guarded(() => Number(prepare('pragma data_version').get()?.data_version)),
    close: () => {
      database.close()
    },
  }
  guarded(() => {
    // The order matters: incremental vacuum must be chosen before the first table, and WAL stays with the file.
    database.exec(
      'pragma auto_vacuum = incremental; pragma journal_mode = wal; pragma synchronous = full',
    )
  })
  transaction(() => {
    migrate(file, database)
  })
  return result
}

const migrate = (file: string, database: DatabaseSync): void => {
  const version = Number(database.prepare('pragma user_version').get()?.user_version)
  if (version === schemaVersion) return
  if (version > schemaVersion)
    throw new NotProvisionedError(
      `${file}: written by a newer Tidemark (version ${version} of the file, this one knows ${schemaVersion})`,
    )
  database.exec(`${schema} pragma user_version = ${schemaVersion}`)
}

const logError = (file: string, error: unknown): LogError => {
  if (error instanceof LogError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new UnavailableError(`${file}: ${message}`, { cause: error })
}
