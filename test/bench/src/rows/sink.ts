import { join } from 'node:path'
import { offset } from '@tidemark/model'
import { startServer, urlOf } from '@tidemark/postgres'
import {
  openPostgres,
  openSqlite,
  openStore,
  postgresAddress,
  type SnapshotEvent,
  type Sql,
  type SqlValue,
} from '@tidemark/store'
import { advanced, assessed, healthWindow, requestWindow } from '@tidemark/store/conformance/events'
import { measured } from '../harness/measured.ts'
import type { Row, Run, Side } from '../harness/row.ts'

// Rows into the snapshot store, on SQLite and on PostgreSQL, both waiting for the disk at every commit. A commit holds one window of 200 services
// with two operations each; all of its rows are new but the assessments, which take the place of those before.

const services = Array.from({ length: 200 }, (_, i) => `service-${i}`)
const commits = 20
const histogram = Uint8Array.from({ length: 300 }, (_, i) => (i * 37) % 256)
/** Window, two operations, health window and assessment of each service; the advance and the position. */
const rowsPerCommit = services.length * 5 + 2

const requestsOf = (service: string, window: number): SnapshotEvent => {
  const event = requestWindow(service, window, { histogram })
  const operations = event.operations.slice(0, 2).map((counts) => ({ ...counts, histogram }))
  return { ...event, operations }
}

const commitOf = (window: number): readonly SnapshotEvent[] => [
  ...services.flatMap((service) => [
    requestsOf(service, window),
    healthWindow(service, window),
    assessed(service, window),
  ]),
  advanced(window),
]

const perSecond = (rows: number, took: { wallMs: number; cpuMs: number }): Run => ({
  ...{ rows, ...took, rowsPerSecond: (1000 * rows) / took.wallMs },
  rowsPerCpuSecond: (1000 * rows) / took.cpuMs,
})

const storing = async (sql: Sql, scale: number): Promise<(repetition: number) => Promise<Run>> => {
  const store = await openStore(sql)
  const count = Math.max(1, Math.round(commits * scale))
  let next = 0
  return async () => {
    const batches = Array.from({ length: count }, (_, i) => commitOf(next + i))
    const took = await measured(async () => {
      for (const events of batches)
        await store.apply(events, [{ topic: 'aggregates', partition: 0, position: offset(next++) }])
    })
    const [stored] = await sql.all('select count(*) as rows from request_operation')
    const expected = next * services.length * 2
    const operations = Number(stored!.rows)
    if (operations !== expected)
      throw new Error(`${operations} operations are stored, not ${expected}`)
    return perSecond(count * rowsPerCommit, took)
  }
}

const bare = { table: 'bare_row', columns: ['id', 'place', 'total', 'name', 'body'] } as const
/** About what a row of the store takes on average. */
const body = Uint8Array.from({ length: 350 }, (_, i) => (i * 37) % 256)

/** The same number of rows a commit, of about as many bytes, into one table without an index but that of its key. */
const inserting = async (
  sql: Sql,
  scale: number,
): Promise<(repetition: number) => Promise<Run>> => {
  const blob = (await isPostgres(sql)) ? 'bytea' : 'blob'
  await sql.run(
    `create table bare_row (id bigint primary key, place bigint, total bigint, name text, body ${blob})`,
  )
  const count = Math.max(1, Math.round(commits * scale))
  let id = 0
  return async () => {
    const rows = (): SqlValue[][] =>
      Array.from({ length: rowsPerCommit }, (_, i) => [id++, i, 40, services[i % 200]!, body])
    const batches = Array.from({ length: count }, rows)
    const took = await measured(async () => {
      for (const batch of batches)
        await sql.transaction((tx) => tx.insert({ ...bare, onConflict: 'do nothing' }, batch))
    })
    return perSecond(count * rowsPerCommit, took)
  }
}

const isPostgres = async (sql: Sql): Promise<boolean> =>
  sql.all('select pg_backend_pid()').then(
    () => true,
    () => false,
  )

export const sink: Row = {
  name: 'sink',
  title: 'Sink into the snapshot store',
  promises: [
    { what: 'rows a second', side: 'SQLite', figure: 'rowsPerSecond', goal: { atLeast: 20_000 } },
    {
      ...{ what: 'rows a second', side: 'PostgreSQL', figure: 'rowsPerSecond' },
      goal: { atLeast: 10_000 },
    },
    ...['SQLite', 'PostgreSQL'].map((side) => ({
      ...{ what: 'rows a second', side, figure: 'rowsPerSecond', against: `bare ${side}` },
    })),
  ],
  open: async ({ folder, scale }) => {
    const server = await startServer({ isDurable: true })
    const url = postgresAddress(urlOf(server.address, 'postgres'))!
    const [sqlite, bareSqlite] = ['store', 'bare'].map((name) =>
      openSqlite(join(folder, `${name}.sqlite`)),
    ) as [Sql, Sql]
    const postgres = await openPostgres(url)
    const sides: readonly Side[] = [
      { name: 'SQLite', run: await storing(sqlite, scale) },
      { name: 'bare SQLite', run: await inserting(bareSqlite, scale) },
      { name: 'PostgreSQL', run: await storing(postgres, scale) },
      { name: 'bare PostgreSQL', run: await inserting(postgres, scale) },
    ]
    return {
      conditions: `${Math.max(1, Math.round(commits * scale))} commits of ${rowsPerCommit} rows: a window of 200 services with two operations each; durable, on one machine`,
      sides,
      close: async () => {
        for (const sql of [sqlite, bareSqlite, postgres]) await sql.close()
        await server.remove()
      },
    }
  },
}
