import { expect, it } from '@jest/globals'
import { openStore } from '../store.ts'
import { everything } from './contents.ts'
import type { StoreWorld } from './describe-store.ts'
import {
  assessed,
  endOf,
  healthWindow,
  raised,
  reported,
  requestWindow,
  resolved,
  severityChanged,
  slice,
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
}
