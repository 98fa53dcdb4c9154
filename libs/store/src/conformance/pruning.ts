import { expect, it } from '@jest/globals'
import { openStore } from '../store.ts'
import { contentsOf } from './contents.ts'
import type { StoreWorld } from './describe-store.ts'
import {
  advanced,
  applied,
  assessed,
  deployment,
  endOf,
  healthWindow,
  raised,
  reported,
  requestWindow,
  resolved,
  silence,
  slice,
  startUs,
  tellingSlice,
} from './events.ts'

export const describePruning = (world: StoreWorld): void => {
  it('removes what ended before, and nothing that may still be asked for', async () => {
    const store = await world.store()
    for (const window of [0, 1, 2])
      await store.apply(
        [requestWindow('a', window), healthWindow('a', window), slice(0, window), reported(window)],
        [],
      )
    await store.apply([assessed('a', 0), advanced(1), slice(1, 0), slice(1, 1)], [])
    await store.apply([raised('over', 0), resolved('over', 1, 0)], [])
    await store.apply([raised('late', 0), resolved('late', 2, 0), raised('firing', 0)], [])
    await store.prune(endOf(2))
    const contents = await contentsOf(store)
    expect(contents.requestWindows).toEqual([requestWindow('a', 2)])
    expect(contents.healthWindows).toEqual([healthWindow('a', 2)])
    expect(contents.reports).toEqual([reported(2)])
    // A partition that has been silent since is still told of.
    expect(contents.slices).toEqual([slice(0, 2), slice(1, 1)])
    expect(contents.assessments).toEqual([assessed('a', 0)])
    expect(contents.advances).toEqual([advanced(1)])
    expect(contents.firing).toEqual([raised('firing', 0)])
    expect(contents.alertEvents).toHaveLength(3)
    expect(contents.alertEvents).toEqual(
      expect.arrayContaining([raised('late', 0), resolved('late', 2, 0), raised('firing', 0)]),
    )
  })

  it('leaves no operations without their window', async () => {
    const database = await world.database()
    const sql = await database.open()
    const store = await openStore(sql)
    await store.apply([requestWindow('a', 0), requestWindow('a', 1), requestWindow('b', 0)], [])
    await store.prune(endOf(1))
    const [row] = await sql.all('select count(*) as operations from request_operation')
    expect(Number(row!.operations)).toBe(requestWindow('a', 1).operations.length)
  })

  it('keeps hours and changes of status for two months more, and facts for a year and one', async () => {
    const store = await world.store()
    await store.apply(
      [
        tellingSlice(0, { sinceUs: endOf(0), status: 'down' }),
        tellingSlice(360, { sinceUs: endOf(360), status: 'healthy' }),
        ...[applied(deployment('checkout')), applied(silence('quiet'), 1)],
      ],
      [],
    )
    const day = 86_400_000_000
    const kept = async () => {
      const { sloHours, latencyHours, statusChanges, facts } = await contentsOf(store)
      return [sloHours, latencyHours, statusChanges, facts].map((list) => list.length)
    }
    await store.prune(startUs + 62 * day)
    expect(await kept()).toEqual([2, 2, 2, 2])
    // Behind the first hour, but not behind what is newest.
    await store.prune(endOf(10) + 62 * day)
    expect(await kept()).toEqual([1, 1, 1, 2])
    await store.prune(startUs + 401 * day)
    expect(await kept()).toEqual([0, 0, 1, 1])
    expect((await contentsOf(store)).facts).toEqual([applied(silence('quiet'), 1)])
  })

  it('of an empty store does nothing', async () => {
    const store = await world.store()
    await store.prune(endOf(5))
    expect((await contentsOf(store)).requestWindows).toEqual([])
  })
}
