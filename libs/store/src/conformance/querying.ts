import { expect, it } from '@jest/globals'
import { contentId } from '@tidemark/model'
import { openStore } from '../store.ts'
import { everything } from './contents.ts'
import type { StoreWorld } from './describe-store.ts'
import {
  acknowledged,
  answer,
  applied,
  assessed,
  deployment,
  endOf,
  healthWindow,
  marked,
  raised,
  reported,
  requestWindow,
  resolved,
  severityChanged,
  silence,
  slice,
  startUs,
  tellingSlice,
  windowUs,
} from './events.ts'

export const describeQuerying = (world: StoreWorld): void => {
  it('for windows take a service and a stretch, ends included', async () => {
    const store = await world.store()
    for (const window of [2, 0, 1])
      await store.apply(
        ['b', 'a', 'B'].flatMap((name) => [
          requestWindow(name, window),
          healthWindow(name, window),
        ]),
        [],
      )
    const query = { service: 'b', fromUs: endOf(0), toUs: endOf(2) }
    expect(await store.requestWindows(query)).toEqual([
      requestWindow('b', 1),
      requestWindow('b', 2),
    ])
    expect(await store.healthWindows({ ...query, toUs: endOf(2) - 1 })).toEqual([
      healthWindow('b', 1),
    ])
    const all = await store.requestWindows({ ...query, service: null })
    expect(all.map(({ service }) => service)).toEqual(['B', 'a', 'b', 'B', 'a', 'b'])
    expect(await store.requestWindows({ ...query, service: 'c' })).toEqual([])
  })

  it('for windows give them with all their operations, though they are removed meanwhile', async () => {
    const database = await world.database()
    const [sql, other] = [await database.open(), await openStore(await database.open())]
    let removes = false
    const store = await openStore({
      ...sql,
      all: async (query, values) => {
        const rows = await sql.all(query, values)
        if (removes) await other.prune(endOf(9))
        return rows
      },
    })
    await store.apply([requestWindow('a', 0)], [])
    removes = true
    expect(await store.requestWindows(everything)).toEqual([requestWindow('a', 0)])
    expect(await store.requestWindows(everything)).toEqual([])
  })

  it('for assessments give the latest of each service, in the order of UTF-8', async () => {
    const store = await world.store()
    await store.apply(
      [assessed('b', 1), assessed('B', 0), assessed('a_', 0), assessed('a/', 1), assessed('b', 0)],
      [],
    )
    expect(await store.assessments()).toEqual([
      assessed('B', 0),
      assessed('a/', 1),
      assessed('a_', 0),
      assessed('b', 1),
    ])
  })

  it('for alerts give whole histories in order of raising, all or those that fire', async () => {
    const store = await world.store()
    const over = [raised('over', 0), resolved('over', 3, 0)]
    const firing = [raised('firing', 1), severityChanged('firing', 2, 1)]
    const last = [raised('last', 2), resolved('last', 4, 2)]
    await store.apply([...last, ...firing, ...over].toReversed(), [])
    expect(await store.alertEvents({ state: 'any', limit: 0 })).toEqual([
      ...over,
      ...firing,
      ...last,
    ])
    expect(await store.alertEvents({ state: 'firing', limit: 0 })).toEqual(firing)
    expect(await store.alertEvents({ state: 'any', limit: 2 })).toEqual([...firing, ...last])
    expect(await store.alertEvents({ state: 'firing', limit: 5 })).toEqual(firing)
  })

  it('for slices give the newest of each partition whose parts are all there', async () => {
    const store = await world.store()
    expect(await store.newestSlices(endOf(9))).toEqual([])
    await store.apply(
      [
        ...[slice(0, 0, 1, 2), slice(0, 0, 0, 2), slice(0, 1, 1, 2)],
        ...[slice(1, 0), slice(1, 2), slice(2, 3)],
      ],
      [],
    )
    expect(await store.newestSlices(endOf(2))).toEqual([
      { partition: 0, windowEndUs: endOf(0) },
      { partition: 1, windowEndUs: endOf(2) },
    ])
    expect(await store.slices(endOf(1))).toEqual([
      slice(0, 0, 0, 2),
      slice(0, 0, 1, 2),
      slice(1, 0),
    ])
    await store.apply([slice(0, 1, 0, 2)], [])
    expect(await store.slices(endOf(3))).toEqual([
      slice(0, 1, 0, 2),
      slice(0, 1, 1, 2),
      slice(1, 2),
      slice(2, 3),
    ])
  })

  it('for reports give the newest first', async () => {
    const store = await world.store()
    await store.apply([reported(1), reported(3), reported(2)], [])
    expect(await store.reports({ limit: 2 })).toEqual([reported(3), reported(2)])
  })

  it('for alerts take those that were still up after a moment, and the beginning of an id', async () => {
    const store = await world.store()
    const over = [raised('over', 0), resolved('over', 3, 0)]
    const firing = [raised('firing', 1), marked('firing', 2, 1), acknowledged('firing', 4, 1)]
    await store.apply([...over, ...firing], [])
    const upAfter = (upAfterUs: number) => store.alertEvents({ state: 'any', limit: 0, upAfterUs })
    expect(await upAfter(endOf(3) - 1)).toEqual([...over, ...firing])
    expect(await upAfter(endOf(3))).toEqual(firing)
    for (const length of [1, 4, 32]) {
      const idPrefix = contentId('alert over').slice(0, length)
      const found = await store.alertEvents({ state: 'any', limit: 0, idPrefix })
      expect(found.slice(0, 2)).toEqual(over)
    }
    expect(await store.alertEvents({ state: 'any', limit: 0, idPrefix: 'f'.repeat(32) })).toEqual(
      [],
    )
  })

  it('for hours give the newest counts and the highest p99 of each', async () => {
    const store = await world.store()
    // The last of these windows is the first of the next hour.
    for (const window of [359, 10, 360]) await store.apply([tellingSlice(window)], [])
    const slowest = tellingSlice(20)
    const [row] = slowest.rows
    const latency = { ...row!.signals.latency!, p99: { valueUs: 900, lowUs: 890, highUs: 900 } }
    await store.apply(
      [{ ...slowest, rows: [{ ...row!, signals: { ...row!.signals, latency } }] }],
      [],
    )
    const hour = { service: 'checkout', hourStartUs: startUs }
    const next = { ...hour, hourStartUs: startUs + 360 * windowUs }
    const objective = { slo: 'availability', objectiveId: contentId('objective'), valid: 100 }
    const query = { service: 'checkout', fromUs: startUs, toUs: endOf(360) }
    expect(await store.sloHours(query)).toEqual([
      { ...hour, ...objective, bad: 359 },
      { ...next, ...objective, bad: 360 },
    ])
    expect(await store.latencyHours(query)).toEqual([
      { ...hour, p99UsMax: 900 },
      { ...next, p99UsMax: 501 },
    ])
    expect(await store.sloHours({ ...query, fromUs: startUs + 1 })).toHaveLength(1)
    expect(await store.sloHours({ ...query, toUs: startUs })).toHaveLength(1)
    expect(await store.sloHours({ ...query, service: 'cart' })).toEqual([])
    expect(await store.latencyHours({ ...query, service: null })).toHaveLength(2)
  })

  it('for status changes give each once, from the one that held at the beginning on', async () => {
    const store = await world.store()
    const at = (window: number, since: number, status: 'healthy' | 'down') =>
      tellingSlice(window, { sinceUs: endOf(since), status })
    await store.apply(
      [at(3, 3, 'healthy'), at(4, 3, 'healthy'), at(7, 7, 'down'), at(8, 7, 'down')],
      [],
    )
    // Nobody saw it begin, but it holds at the full hour.
    await store.apply([at(359, 100, 'healthy')], [])
    const changes = [
      { service: 'checkout', sinceUs: endOf(3), status: 'healthy' },
      { service: 'checkout', sinceUs: endOf(7), status: 'down' },
      { service: 'checkout', sinceUs: endOf(100), status: 'healthy' },
    ]
    const within = (fromUs: number, toUs: number) =>
      store.statusChanges({ service: null, fromUs, toUs })
    expect(await within(0, endOf(400))).toEqual(changes)
    expect(await within(endOf(6), endOf(99))).toEqual(changes.slice(0, 2))
    expect(await within(endOf(7), endOf(99))).toEqual(changes.slice(1, 2))
    expect(await within(0, endOf(2))).toEqual([])
  })

  it('for facts take a type, a service and an alert, in the order of their clocks', async () => {
    const store = await world.store()
    const quiet = [1, 0].map((partition) => applied(silence('quiet'), 4, partition))
    const released = applied(deployment('checkout'), 2)
    const answered = applied(answer('cart'), 3)
    await store.apply([...quiet, answered, released], [])
    const all = { type: null, service: null, alertId: null }
    expect(await store.facts(all)).toEqual([released, answered, quiet[1], quiet[0]])
    expect(await store.facts({ ...all, type: 'SilenceCreated' })).toEqual(quiet.toReversed())
    expect(await store.facts({ ...all, service: 'checkout' })).toEqual([released])
    expect(await store.facts({ ...all, alertId: contentId('alert cart') })).toEqual([answered])
    expect(await store.facts({ ...all, alertId: contentId('alert none') })).toEqual([])
  })
}
