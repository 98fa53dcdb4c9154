import { expect, it } from '@jest/globals'
import { openStore } from '../store.ts'
import { contentsOf } from './contents.ts'
import type { StoreWorld } from './describe-store.ts'
import {
  advanced,
  assessed,
  endOf,
  healthWindow,
  raised,
  reported,
  requestWindow,
  resolved,
  slice,
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

  it('of an empty store does nothing', async () => {
    const store = await world.store()
    await store.prune(endOf(5))
    expect((await contentsOf(store)).requestWindows).toEqual([])
  })
}
