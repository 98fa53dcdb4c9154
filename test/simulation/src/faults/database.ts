import { openSqlite, StoreError, type Sql, type SqlStatements } from '@tidemark/store'
import type { Chronicle } from './chronicle.ts'
import type { Process } from './client/process.ts'
import type { Faults } from './faults.ts'
import type { StoreCommit } from './run.ts'

/** The database of the snapshot store: it outlives the processes that use it, and their connections to it get lost. */
export type Database = {
  readonly connect: (process: Process) => Sql
  /** Without faults and waits, for whoever looks at the end. */
  readonly sql: Sql
  /** Everything in it, as text. */
  readonly dump: () => Promise<string>
}

export const openDatabase = (faults: Faults, chronicle: Chronicle): Database => {
  const sql = openSqlite(':memory:')
  const noteCommit = async (process: Process): Promise<void> => {
    if (!(await sql.hasTable('position'))) return
    const [positions, versions] = [await sql.all(positionQuery), await sql.all(versionQuery)]
    chronicle.storeCommits.push({
      process: process.name,
      positions: positions as unknown as StoreCommit['positions'],
      versions: versions as unknown as StoreCommit['versions'],
      at: chronicle.moment(),
    })
  }
  const transact = async <T>(
    process: Process,
    work: (tx: SqlStatements) => Promise<T>,
  ): Promise<T> => {
    const failAt = faults.strikes('store-statement-fails', 0.08) ? 1 : 0
    let result: T
    try {
      result = await sql.transaction(async (tx) => {
        requireLife(process)
        const done = await work(failing(tx, failAt))
        requireLife(process)
        if (faults.strikes('store-lost-before-commit', 0.06)) throw lost('before COMMIT')
        return done
      })
    } finally {
      if (!process.isAlive()) chronicle.sight('store-left-in-transaction')
    }
    await noteCommit(process)
    if (faults.strikes('store-lost-after-commit', 0.06)) throw lost('after COMMIT')
    return result
  }
  return {
    sql,
    connect: (process) => {
      const ask = <T>(work: () => Promise<T>): Promise<T> => process.request('store', work)
      const transaction: Sql['transaction'] = (work) => ask(() => transact(process, work))
      return {
        run: (statement, values) => ask(() => sql.run(statement, values)),
        insert: (into, rows) => transaction((tx) => tx.insert(into, rows)),
        all: (query, values) => ask(() => sql.all(query, values)),
        hasTable: (name) => ask(() => sql.hasTable(name)),
        transaction,
        exclusive: transaction,
        close: () => Promise.resolve(),
      }
    },
    dump: async () => {
      const tables = await sql.all("select name from sqlite_master where type = 'table' order by 1")
      const rows: string[] = []
      for (const { name } of tables)
        for (const row of await sql.all(`select * from ${String(name)}`))
          rows.push(JSON.stringify([name, ...Object.values(row).map(printable)]))
      return rows.sort().join('\n')
    },
  }
}

const positionQuery = 'select topic, partition, position from position order by topic, partition'
const versionQuery = `
  select 'assessment ' || service as row, window_end_us as version from assessment
  union all select 'advance ' || topic || ' ' || partition, position from partition_advance
  union all select 'alert ' || alert_id, version_window_end_us from alert order by 1`

const printable = (value: unknown): unknown =>
  value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value

/** A connection goes with its process, and what is not committed with the connection. */
const requireLife = (process: Process): void => {
  if (!process.isAlive()) throw lost('with its process')
}

const lost = (when: string): StoreError =>
  new StoreError(`store: the connection is lost ${when}`, { retriable: true })

/** Statements of which the `failAt`-th fails in a way that may pass; 0: none. */
const failing = (tx: SqlStatements, failAt: number): SqlStatements => {
  let count = 0
  const next = (): void => {
    if (++count === failAt)
      throw new StoreError('store: could not serialize access', { retriable: true })
  }
  return {
    ...tx,
    run: async (statement, values) => {
      next()
      await tx.run(statement, values)
    },
    insert: async (into, rows) => {
      next()
      await tx.insert(into, rows)
    },
  }
}
