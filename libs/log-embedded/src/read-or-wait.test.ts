import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { readOrWait } from './read-or-wait.ts'
import { openStore, type Store } from './store.ts'
import { openWorld, type World } from './testing/world.ts'

let world: World
let store: Store
let reads: number
beforeEach(async () => {
  world = openWorld()
  store = await openStore({ folder: world.folder })
  store.database.run('create table t (n integer)')
  reads = 0
})
afterEach(() => {
  store.watch.close()
  store.database.close()
  return world.end()
})

const look = (): number => {
  reads++
  return Number(store.database.first('select count(*) as found from t')!.found)
}
const found = (maxWaitMs: number): Promise<number> =>
  readOrWait(store, { names: ['t'], maxWaitMs }, look, (count) => count > 0)

it('reads once where nothing comes', async () => {
  // What was written before shows as a change once.
  await found(100)
  reads = 0
  expect(await found(100)).toBe(0)
  expect(reads).toBe(1)
})

it('reads again at once when something came, long before the wait is over', async () => {
  const reading = found(600_000)
  store.database.run('insert into t values (1)')
  store.watch.notify(['t'])
  expect(await reading).toBe(1)
})

it('finds what another connection wrote during the wait', async () => {
  const reading = found(600_000)
  const other = new DatabaseSync(world.file)
  other.exec('insert into t values (1)')
  other.close()
  expect(await reading).toBe(1)
})
