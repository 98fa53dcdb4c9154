import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { EntryRefusedError, LogFullError, UnavailableError } from '@tidemark/log'
import type { Database } from './database.ts'
import { openStore, type Store } from './store.ts'
import { openWorld, type World } from './testing/world.ts'
import { writeQueue, type WriteQueue } from './write-queue.ts'

let world: World
let store: Store
let queue: WriteQueue
let commits = 0
let notified: string[]

beforeEach(async () => {
  world = openWorld()
  store = await openStore({ folder: world.folder })
  store.database.run('create table t (n integer not null unique)')
  commits = 0
  notified = []
  // The real one, with its commits counted.
  const counted: Database = {
    ...store.database,
    run: (text, ...values) => {
      if (text === 'commit') commits++
      return store.database.run(text, ...values)
    },
  }
  queue = writeQueue(counted, store.settings, (names) => notified.push(...names))
})
afterEach(() => {
  store.database.close()
  return world.end()
})

const insert = (n: number): number => store.database.run('insert into t values (?)', n)
const numbers = (): readonly unknown[] =>
  store.database.all('select n from t order by rowid').map(({ n }) => n)

it('writes what is asked for at the same time in one transaction, in its order', async () => {
  await Promise.all(Array.from({ length: 200 }, (_, n) => queue.write(() => insert(n))))
  expect(numbers()).toEqual(Array.from({ length: 200 }, (_, n) => n))
  expect(commits).toBe(1)
})

it('bounds a transaction by count and by bytes', async () => {
  await Promise.all(Array.from({ length: 1000 }, (_, n) => queue.write(() => insert(n))))
  expect(commits).toBe(4)
  const megabytes = Array.from({ length: 20 }, (_, n) =>
    queue.write(() => insert(1000 + n), { bytes: 1024 * 1024 }),
  )
  await Promise.all(megabytes)
  expect(commits).toBe(7)
})

it('takes back what failed, and nothing else', async () => {
  const results = await Promise.allSettled([
    queue.write(() => insert(1)),
    queue.write(() => {
      insert(2)
      throw new EntryRefusedError('after a write')
    }),
    queue.write(() => insert(1)),
    queue.write(() => insert(3)),
  ])
  expect(results.map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'rejected',
    'fulfilled',
  ])
  expect(numbers()).toEqual([1, 3])
  expect(commits).toBe(1)
})

it('tells of what has changed after it is written, and of nothing that failed', async () => {
  const seen: unknown[] = []
  const watching = writeQueue(store.database, store.settings, (names) => {
    seen.push([...names], numbers(), store.database.isInTransaction())
  })
  await Promise.allSettled([
    watching.write((changed) => {
      changed('a')
      changed('b')
      return insert(1)
    }),
    watching.write((changed) => {
      changed('c')
      throw new EntryRefusedError('no')
    }),
  ])
  expect(seen).toEqual([['a', 'b'], [1], false])
})

it('fails all that share a transaction when the disk is full, and goes on when there is room', async () => {
  const pages = Number(store.database.first('pragma page_count')?.page_count)
  store.database.run('create table large (b blob)')
  store.database.all(`pragma max_page_count = ${pages + 3}`)
  const fill = () => store.database.run('insert into large values (zeroblob(1000000))')
  const results = await Promise.allSettled([queue.write(() => insert(1)), queue.write(fill)])
  // SQLite may give up the whole transaction or only the statement: either way nothing is half there.
  expect(results[1]).toMatchObject({ status: 'rejected', reason: expect.any(LogFullError) })
  expect(numbers()).toEqual(results[0].status === 'fulfilled' ? [1] : [])
  expect(store.database.isInTransaction()).toBe(false)
  store.database.all('pragma max_page_count = 1000000')
  await queue.write(fill)
  await queue.write(() => insert(2))
  expect(numbers()).toContain(2)
})

it('answers everybody even when neither commit nor rollback works', async () => {
  const broken: Database = {
    ...store.database,
    run: (text, ...values) => {
      if (text === 'commit' || text === 'rollback') throw new UnavailableError(`no ${text}`)
      return store.database.run(text, ...values)
    },
  }
  const failing = writeQueue(broken, store.settings, (names) => notified.push(...names))
  const write = (n: number) =>
    failing.write((changed) => {
      changed('a')
      return insert(n)
    })
  const together = await Promise.allSettled([write(1), write(2)])
  for (const result of together)
    expect(result).toMatchObject({ status: 'rejected', reason: new UnavailableError('no commit') })
  await expect(write(3)).rejects.toThrow(UnavailableError)
  await failing.idle()
  expect(notified).toEqual([])
})

it('is idle when everything is written', async () => {
  await queue.idle()
  const writes = Array.from({ length: 600 }, (_, n) => queue.write(() => insert(n)))
  await queue.idle()
  expect(numbers()).toHaveLength(600)
  await Promise.all(writes)
})
