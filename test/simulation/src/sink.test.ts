import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { aggregator } from '@tidemark/aggregator'
import { derivedReader, runApp } from '@tidemark/assembly'
import { evaluator } from '@tidemark/evaluator'
import { UnavailableError, type Log } from '@tidemark/log'
import { defaultLayout, type Layout } from '@tidemark/model'
import { reporter } from '@tidemark/reporter'
import { liveServices } from '@tidemark/simulator'
import { sink } from '@tidemark/sink'
import {
  openSqlite,
  openStore,
  type SnapshotEvent,
  type SnapshotStore,
  type StoredPosition,
} from '@tidemark/store'
import { faultByName, live, services, trafficOf, virtualStartUs } from '@tidemark/traffic'
import { fill, temporaryFolders, withFolder } from './folders.ts'

const layout: Layout = {
  ...defaultLayout,
  partitions: 2,
  timestamps: 'producer',
  configuration: { ...defaultLayout.configuration, services: liveServices },
}
const sinkTopics = ['aggregates', 'assessments', 'alerts', 'fleet', 'platform-reports'] as const
const never = new AbortController().signal

const folders = temporaryFolders()
const derived = folders.empty()

beforeAll(async () => {
  const fromUs = virtualStartUs + 20_000_000
  const [service] = services
  const outage = faultByName('down', service!.service, fromUs, fromUs + 60_000_000)
  const scenario = live({ durationUs: 150_000_000, rate: 0.3 })
  await fill(derived, layout, trafficOf(scenario, { seed: 5, faults: [outage] }))
  await withFolder(derived, async (log) => {
    for (const app of [aggregator, evaluator, reporter])
      await runApp(app, { log, layout, store: '' }, { untilCaughtUp: true }, never)
  })
})
afterAll(() => folders.remove())

const everything = { service: null, fromUs: 0, toUs: Number.MAX_SAFE_INTEGER }

const contentsOf = async (store: SnapshotStore) => ({
  requestWindows: await store.requestWindows(everything),
  healthWindows: await store.healthWindows(everything),
  assessments: await store.assessments(),
  advances: await store.advances(),
  alertEvents: await store.alertEvents({ state: 'any', limit: 0 }),
  firing: await store.alertEvents({ state: 'firing', limit: 0 }),
  slices: await store.slices(Number.MAX_SAFE_INTEGER),
  reports: await store.reports({ limit: 1000 }),
  sloHours: await store.sloHours(everything),
  statusChanges: await store.statusChanges(everything),
  latencyHours: await store.latencyHours(everything),
  facts: await store.facts({ type: null, service: null, alertId: null }),
  positions: await store.positions(),
})

const stored = async (file: string) => {
  const store = await openStore(openSqlite(file, { readOnly: true }), { readOnly: true })
  const contents = await contentsOf(store)
  await store.close()
  return contents
}

/** The fold of the topics: every event of every topic in one transaction. */
const folded = async (log: Log) => {
  const events: SnapshotEvent[] = []
  const positions: StoredPosition[] = []
  for (const topic of sinkTopics)
    for (const { partition, startOffset, endOffset } of await log.bounds(topic)) {
      const reader = derivedReader()
      for (let fromOffset = startOffset; fromOffset < endOffset;) {
        const batches = await log.read({ topic, partition, fromOffset })
        reader.open(batches)
        for (let record = reader.next(); record !== null; record = reader.next())
          events.push(record.event as SnapshotEvent)
        fromOffset = batches.nextOffset
      }
      positions.push({ topic, partition, position: endOffset })
    }
  const store = await openStore(openSqlite(':memory:'))
  await store.apply(events, positions)
  const contents = await contentsOf(store)
  await store.close()
  return contents
}

describe('the sink', () => {
  it('holds what the topics say, and where it stands in them (I9)', async () => {
    const folder = folders.copyOf(derived)
    const file = join(folder, 'store.sqlite')
    await withFolder(folder, async (log) => {
      await runApp(sink, { log, layout, store: file }, { untilCaughtUp: true }, never)
      const contents = await stored(file)
      expect(contents).toEqual(await folded(log))
      // There are no facts in this traffic.
      const { facts, ...rest } = contents
      expect(facts).toEqual([])
      for (const rows of Object.values(rest)) expect(rows.length).toBeGreaterThan(0)
    })
  })

  it('loses and doubles nothing when it is cut off between its store and the log', async () => {
    const folder = folders.copyOf(derived)
    const file = join(folder, 'store.sqlite')
    await withFolder(folder, async (log) => {
      let cuts = 0
      const cut: Log = {
        ...log,
        host: (spec, run, signal) =>
          log.host(
            spec,
            (session, taskSignal) => {
              const commit: typeof session.commit = async (what) => {
                // The store has it, the log is not told.
                if (cuts++ % 2 === 0) throw new UnavailableError('cut off')
                await session.commit(what)
              }
              // A batch of each source at a time, so that there is much to be cut off.
              const poll: typeof session.poll = (wants, options) =>
                session.poll(wants, { ...options, bytesMax: 1 })
              return run({ ...session, commit, poll }, taskSignal)
            },
            signal,
          ),
      }
      const options = { untilCaughtUp: true, commitIntervalMs: 0 }
      await runApp(sink, { log: cut, layout, store: file }, options, never)
      expect(cuts).toBeGreaterThan(4)
      expect(await stored(file)).toEqual(await folded(log))
    })
  })

  it('fills a new store from the beginning, whatever the log knows of an older one', async () => {
    const folder = folders.copyOf(derived)
    const [first, second] = [join(folder, 'first.sqlite'), join(folder, 'second.sqlite')]
    await withFolder(folder, async (log) => {
      for (const store of [first, second])
        await runApp(sink, { log, layout, store }, { untilCaughtUp: true }, never)
    })
    expect(await stored(second)).toEqual(await stored(first))
  })

  it('fills a new store even where joining takes long', async () => {
    const folder = folders.copyOf(derived)
    const [first, second] = [join(folder, 'first.sqlite'), join(folder, 'second.sqlite')]
    await withFolder(folder, async (log) => {
      await runApp(sink, { log, layout, store: first }, { untilCaughtUp: true }, never)
      // The log has been asked several times where the older one stands before this member has any task.
      let looks = 0
      let joins = (): void => undefined
      const looked = new Promise<void>((resolve) => (joins = resolve))
      const slow: Log = {
        ...log,
        checkpoints: async (processor, tasks) => {
          const states = await log.checkpoints(processor, tasks)
          if (++looks === 3) joins()
          return states
        },
        host: async (spec, run, signal) => {
          await looked
          await log.host(spec, run, signal)
        },
      }
      await runApp(sink, { log: slow, layout, store: second }, { untilCaughtUp: true }, never)
    })
    expect(await stored(second)).toEqual(await stored(first))
  })
})
