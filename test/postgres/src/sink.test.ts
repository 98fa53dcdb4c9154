import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals'
import { connect, openStoreAt, runApp, type App } from '@tidemark/assembly'
import { apps } from '@tidemark/cli'
import type { EngineEvent } from '@tidemark/engine'
import { sink } from '@tidemark/sink'
import { contentsOf } from '@tidemark/store/conformance'
import { tidemark } from './command-line.ts'
import { startCommitProxy, type CommitFate } from './commit-proxy.ts'
import { describeWithPostgres, describeWithServers } from './describe-with-postgres.ts'
import { guardVersions } from './guards.ts'
import { urlOf } from './server-address.ts'
import { startServer, type PostgresServer } from './server.ts'
import { postgresAt } from './start-postgres.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidemark-'))

const fileStore = join(folder, 'store.sqlite')

type Watching = {
  readonly observe?: (event: EngineEvent) => void
  /** Of a task, which will be taken up again. */
  readonly failed?: () => void
}

const never = new AbortController().signal
type Log = Awaited<ReturnType<typeof connect>>['log']

const pieceBytes = 40_000

/** Hands out little at a time, so that there are many commits. */
const inSmallPieces = (log: Log): Log => ({
  ...log,
  host: (spec, run, signal) =>
    log.host(
      spec,
      (session, taskSignal) =>
        run(
          {
            ...session,
            poll: (wants, options) => session.poll(wants, { ...options, bytesMax: pieceBytes }),
          },
          taskSignal,
        ),
      signal,
    ),
})

/** Runs one processor until it has read all there is, committing as often as it can. */
const run = async (app: App, store: string, watching: Watching = {}) => {
  const { observe = () => undefined, failed } = watching
  const { log, layout } = await connect({ kind: 'embedded', folder }, null, ({ kind }) => {
    if (kind === 'task-failed') failed?.()
  })
  try {
    const options = { untilCaughtUp: true, commitIntervalMs: 0, observe }
    await runApp(app, { log: inSmallPieces(log), layout, store }, options, never)
  } finally {
    await log.close()
  }
}

/** Traffic of some virtual minutes, processed; and its snapshots in the file that goes with the log. */
beforeAll(async () => {
  const traffic = ['--scenario', 'live', '--minutes', '4', '--seed', '9']
  const simulated = await tidemark('simulate', '--to-log', ...traffic, '--data', folder)
  expect(simulated).toMatchObject({ code: 0, complained: [] })
  for (const app of apps) await run(app, fileStore)
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true }))

const snapshotsAt = async (address: string) => {
  const store = await openStoreAt(address, { readOnly: true })
  try {
    return await contentsOf(store)
  } finally {
    await store.close()
  }
}

const ofFile = () => snapshotsAt(fileStore)
const fill = (url: string, watching?: Watching) => run(sink, url, watching)

describeWithPostgres('the sink', (postgres) => {
  it('writes into PostgreSQL what it writes into a file: the fold of the topics (I9)', async () => {
    const url = await postgres().createDatabase()
    await fill(url)
    const contents = await snapshotsAt(url)
    expect(contents).toEqual(await ofFile())
    // There are no facts in this traffic.
    const { facts, ...rest } = contents
    expect(facts).toEqual([])
    for (const rows of Object.values(rest)) expect(rows.length).toBeGreaterThan(0)
  })
})

describeWithServers('the sink, while PostgreSQL', () => {
  let server: PostgresServer
  const ends: (() => Promise<void>)[] = []
  beforeAll(async () => {
    server = await startServer()
  }, 60_000)
  afterEach(async () => {
    for (const end of ends.splice(0)) await end()
  })
  afterAll(() => server.remove())

  const emptyStore = async (): Promise<string> => {
    const url = await postgresAt(server.address, async () => undefined).createDatabase()
    await (await openStoreAt(url)).close()
    await guardVersions(url)
    return url
  }

  it('loses every third COMMIT and every third answer to one, loses and doubles nothing (I9)', async () => {
    const url = await emptyStore()
    const proxy = await startCommitProxy(server.address)
    ends.push(proxy.stop)
    const fates: CommitFate[] = ['unanswered', 'answered', 'lost']
    let commits = 0
    proxy.setFate(() => fates[commits++ % fates.length]!)
    await fill(urlOf(proxy.address, new URL(url).pathname.slice(1)))
    expect(commits).toBeGreaterThan(3 * fates.length)
    expect(await snapshotsAt(url)).toEqual(await ofFile())
  })

  it('stops and starts again, waits for it and goes on, without loss or repeat (I9)', async () => {
    const url = await emptyStore()
    const stops = ['immediate', 'kill', 'fast'] as const
    let count = 0
    let downtime = Promise.resolve()
    const restart = async (): Promise<void> => {
      const how = stops[count++]
      if (how === undefined) return
      await server.stop(how)
      await server.start()
    }
    // While it works: the server is taken away at a commit, and again at the first one after it has come back.
    let isUp = true
    const observe = ({ kind }: EngineEvent): void => {
      if (kind !== 'committed' || !isUp) return
      isUp = false
      downtime = restart().finally(() => {
        isUp = true
      })
    }
    await fill(url, { observe })
    await downtime
    expect(count).toBeGreaterThanOrEqual(stops.length)
    expect(await snapshotsAt(url)).toEqual(await ofFile())
  })

  it('is not there when it begins, waits for it as well', async () => {
    const url = await emptyStore()
    await server.stop('fast')
    const { promise: hasFailed, resolve: failed } = Promise.withResolvers<undefined>()
    const filling = fill(url, { failed: () => failed(undefined) })
    await hasFailed
    await server.start()
    await filling
    expect(await snapshotsAt(url)).toEqual(await ofFile())
  })
})
