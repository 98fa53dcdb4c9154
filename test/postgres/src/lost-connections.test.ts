import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { StoreError, type SnapshotEvent, type SnapshotStore } from '@tidemark/store'
import { contentsOf } from '@tidemark/store/conformance'
import { assessed, raised, reported, requestWindow } from '@tidemark/store/conformance/events'
import { setTimeout } from 'node:timers/promises'
import { startCommitProxy, type CommitProxy } from './commit-proxy.ts'
import { describeWithServers } from './describe-with-postgres.ts'
import { guardVersions } from './guards.ts'
import { query, untilReady, urlOf } from './server-address.ts'
import { startServer, type PostgresServer } from './server.ts'
import { postgresAt } from './start-postgres.ts'
import { openStores, positionAt } from './store-world.ts'

const eventsOf = (window: number): readonly SnapshotEvent[] => [
  requestWindow('checkout', window),
  assessed('checkout', window),
  raised(`alert ${window}`, window),
  reported(window),
]

/** What it rejects with, which must be worth trying again. */
const retriableFailure = async (work: Promise<unknown>): Promise<string> => {
  const outcome = await work.then(
    () => 'no failure',
    (error: unknown) => error,
  )
  expect(outcome).toBeInstanceOf(StoreError)
  expect(outcome).toMatchObject({ retriable: true })
  return (outcome as StoreError).message
}

describeWithServers('a store whose connection breaks', () => {
  let server: PostgresServer
  let proxy: CommitProxy
  let url: string
  let store: SnapshotStore
  const stores = openStores()
  beforeAll(async () => {
    server = await startServer()
    proxy = await startCommitProxy(server.address)
  }, 60_000)
  beforeEach(async () => {
    url = await postgresAt(server.address, async () => undefined).createDatabase()
    store = await stores.store(urlOf(proxy.address, nameIn(url)))
    await guardVersions(url)
    await store.apply(eventsOf(0), positionAt(1))
  })
  afterEach(async () => {
    proxy.setFate(() => 'answered')
    await stores.close()
  })
  afterAll(async () => {
    await proxy.stop()
    await server.remove()
  })

  const nameIn = (of: string): string => new URL(of).pathname.slice(1)
  const directly = () => stores.store(url)

  const backends = async (): Promise<readonly number[]> => {
    const rows = await query(
      url,
      "select pid from pg_stat_activity where application_name = 'tidemark' and datname = current_database()",
    )
    return rows.map(({ pid }) => Number(pid))
  }

  const expectSettled = async (window: number): Promise<void> => {
    await store.apply(eventsOf(window), positionAt(window + 1))
    const whole = await (async () => {
      const other = await stores.store(
        await postgresAt(server.address, async () => undefined).createDatabase(),
      )
      for (let w = 0; w <= window; w++) await other.apply(eventsOf(w), positionAt(w + 1))
      return contentsOf(other)
    })()
    expect(await contentsOf(store)).toEqual(whole)
  }

  it('before COMMIT keeps nothing of it, says so, and goes on', async () => {
    proxy.setFate(() => 'lost')
    await retriableFailure(store.apply(eventsOf(1), positionAt(2)))
    proxy.setFate(() => 'answered')
    expect(await store.positions()).toEqual(positionAt(1))
    expect(await store.reports({ limit: 9 })).toEqual([reported(0)])
    await expectSettled(1)
  })

  it('after COMMIT says the same, though all of it is there; and once more changes nothing (I9)', async () => {
    proxy.setFate(() => 'unanswered')
    await retriableFailure(store.apply(eventsOf(1), positionAt(2)))
    proxy.setFate(() => 'answered')
    expect(await store.positions()).toEqual(positionAt(2))
    const before = await contentsOf(store)
    await expectSettled(1)
    expect(await contentsOf(store)).toEqual(before)
  })

  it('because its backend was killed between the rows and COMMIT keeps nothing of them', async () => {
    const killed = await backends()
    expect(killed.length).toBeGreaterThan(0)
    const kill = (): void => {
      for (const pid of killed) process.kill(pid, 'SIGKILL')
    }
    await retriableFailure(store.apply(eventsOf(1), positionAt(2), kill))
    expect(await untilReady(url)).toBeNull()
    expect(await (await directly()).positions()).toEqual(positionAt(1))
    await expectSettled(1)
  })

  it('because the server stops and starts says that it stops, and goes on after that', async () => {
    await server.stop('immediate')
    expect(await retriableFailure(store.apply(eventsOf(1), positionAt(2)))).toContain(
      'store postgres://',
    )
    await retriableFailure(store.positions())
    await server.start()
    await expectSettled(1)
    await server.stop('kill')
    await retriableFailure(store.apply(eventsOf(2), positionAt(3)))
    await server.start()
    await expectSettled(2)
  })

  it('because an administrator ends it says who did', async () => {
    for (const pid of await backends()) await query(url, `select pg_terminate_backend(${pid})`)
    while ((await backends()).length > 0) await setTimeout(20)
    // Noticed while nobody asked: the next statement gets a connection of its own.
    await expectSettled(1)
    const pids = await backends()
    const message = await retriableFailure(
      store.apply(eventsOf(2), positionAt(3), () => {
        for (const pid of pids) process.kill(pid, 'SIGTERM')
      }),
    )
    expect(message).toContain('terminating connection due to administrator command')
    await expectSettled(2)
  })

  it('never does when a server hangs, but gives up, and closes within its deadline', async () => {
    const timeouts = { answerMs: 300, closeMs: 300 }
    const sql = await stores.sql(url, { timeouts })
    await sql.transaction((tx) => tx.all('select 1'))
    const hanging = await backends()
    for (const pid of hanging) process.kill(pid, 'SIGSTOP')
    try {
      await retriableFailure(sql.transaction((tx) => tx.all('select 1')))
      const waiting = sql.run('select 1').catch(() => undefined)
      await sql.close()
      await waiting
    } finally {
      for (const pid of hanging) process.kill(pid, 'SIGCONT')
    }
  })
})
