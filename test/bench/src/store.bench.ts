import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Offset } from '@tidemark/model'
import { startServer, urlOf } from '@tidemark/postgres'
import {
  openPostgres,
  openSqlite,
  openStore,
  postgresAddress,
  type SnapshotEvent,
  type SnapshotStore,
} from '@tidemark/store'
import { advanced, assessed, healthWindow, requestWindow } from '@tidemark/store/conformance/events'

// Rows a second into the snapshot store, on SQLite and on PostgreSQL, both waiting for the disk at every commit. A commit holds one window of
// 200 services with two operations each, all of its rows new but the assessments, which replace those before. Rounds of both databases take
// turns, since a shared disk is never the same twice. Prints one line of JSON. Run: node test/bench/src/store.bench.ts

const services = Array.from({ length: 200 }, (_, i) => `service-${i}`)
const commitsPerRound = 10
const rounds = 7
const histogramBytes = 300

const histogram = Uint8Array.from({ length: histogramBytes }, (_, i) => (i * 37) % 256)

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
/** Window, two operations, health window and assessment of each service; the advance and the position. */
const rowsPerCommit = services.length * 5 + 2

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'))
const server = await startServer({ isDurable: true })
const stores: Readonly<Record<'sqlite' | 'postgres', SnapshotStore>> = {
  sqlite: await openStore(openSqlite(join(folder, 'store.sqlite'))),
  postgres: await openStore(
    await openPostgres(postgresAddress(urlOf(server.address, 'postgres'))!),
  ),
}
try {
  const rates = { sqlite: [] as number[], postgres: [] as number[] }
  for (let round = -1; round < rounds; round++) {
    const first = (round + 1) * commitsPerRound
    const commits = Array.from({ length: commitsPerRound }, (_, i) => commitOf(first + i))
    for (const [name, store] of Object.entries(stores) as [
      'sqlite' | 'postgres',
      SnapshotStore,
    ][]) {
      const startMs = performance.now()
      for (const [i, events] of commits.entries()) {
        const position = (first + i) as Offset
        await store.apply(events, [{ topic: 'aggregates', partition: 0, position }])
      }
      const seconds = (performance.now() - startMs) / 1000
      // The first round warms up.
      if (round >= 0) rates[name].push((commitsPerRound * rowsPerCommit) / seconds)
    }
  }
  console.log(
    JSON.stringify({
      bench: 'store',
      rowsPerCommit,
      sqliteRowsPerSecond: Math.round(median(rates.sqlite)),
      postgresRowsPerSecond: Math.round(median(rates.postgres)),
      postgresOfSqlite: Number((median(rates.postgres) / median(rates.sqlite)).toFixed(2)),
    }),
  )
} finally {
  for (const store of Object.values(stores)) await store.close()
  await server.remove()
  rmSync(folder, { recursive: true, force: true })
}
