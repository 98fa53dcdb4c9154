import { join } from 'node:path'
import { DatabaseSync, StatementSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { temporaryFolder } from '@tidemark/e2e'
import { describeWithPostgres } from '@tidemark/postgres/jest'
import type { Offset } from '@tidemark/model'
import {
  openPostgres,
  openSqlite,
  openStore,
  postgresAddress,
  type SnapshotStore,
} from '@tidemark/store'
import { advanced, assessed, healthWindow, requestWindow } from '@tidemark/store/conformance/events'
import { Client } from 'pg'

// Statements that a commit of the sink runs, which holds a window of so many services: windows of both kinds, four operations and an assessment
// of each, the advance, and the position.

const rowsPerService = 7
const rowsBeside = 2

const commit = async (store: SnapshotStore, services: number, window: number): Promise<void> => {
  const names = Array.from({ length: services }, (_, i) => `service-${i}`)
  const events = names.flatMap((service) => [
    requestWindow(service, window),
    healthWindow(service, window),
    assessed(service, window),
  ])
  const position = { topic: 'aggregates', partition: 0, position: (window + 1) as Offset } as const
  await store.apply([...events, advanced(window)], [position])
}

afterEach(() => {
  jest.restoreAllMocks()
})

describe('a commit of the sink to SQLite', () => {
  it('is one transaction, a row is one statement, and each was prepared before', async () => {
    const folder = temporaryFolder()
    const store = await openStore(openSqlite(join(folder.path, 'store.sqlite')))
    await commit(store, 50, 0)
    const run = jest.spyOn(StatementSync.prototype, 'run')
    const others = [
      jest.spyOn(DatabaseSync.prototype, 'prepare'),
      jest.spyOn(StatementSync.prototype, 'all'),
      jest.spyOn(StatementSync.prototype, 'get'),
    ]
    const exec = jest.spyOn(DatabaseSync.prototype, 'exec')
    await commit(store, 200, 1)
    expect(run).toHaveBeenCalledTimes(200 * rowsPerService + rowsBeside)
    expect(others.map(({ mock }) => mock.calls.length)).toEqual([0, 0, 0])
    // Begin and commit.
    expect(exec).toHaveBeenCalledTimes(2)
    await store.close()
    folder.remove()
  })
})

describeWithPostgres('a commit of the sink to PostgreSQL', (postgres) => {
  let store: SnapshotStore
  beforeAll(async () => {
    store = await openStore(await openPostgres(postgresAddress(await postgres().createDatabase())!))
  })
  afterAll(() => store.close())

  it('is one transaction, in statements of up to 64 rows', async () => {
    await commit(store, 50, 0)
    const query = jest.spyOn(Client.prototype, 'query')
    await commit(store, 192, 1)
    // 7 rows of each of 3 times 64 services; the advance and the position; begin and commit.
    expect(query).toHaveBeenCalledTimes(3 * rowsPerService + rowsBeside + 2)
  })
})
