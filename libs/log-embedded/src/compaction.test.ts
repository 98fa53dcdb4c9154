import { afterEach, beforeEach, expect, it } from '@jest/globals'
import type { Log } from '@tidemark/log'
import type { Offset } from '@tidemark/model'
import fc from 'fast-check'
import {
  bytesOf,
  openWorld,
  provision,
  readAll,
  type ReadRecord,
  type World,
} from './testing/world.ts'

let world: World
beforeEach(() => {
  world = openWorld()
})
afterEach(() => world.end())

/** Large enough that some hundred are worth a pass. */
const valueOf = (n: number): Uint8Array => bytesOf(`${n} ${'x'.repeat(5000)}`)

type Write = { readonly keys: readonly number[] }

/** Commits records under these keys to `assessments`, as the evaluator does; each commit is a batch. */
const write = async (log: Log, writes: readonly Write[], readFrom?: number): Promise<void> => {
  const stop = new AbortController()
  let n = 0
  await log.host(
    { processor: 'evaluator', topics: ['aggregates'], tasks: 1 },
    async ({ commit }) => {
      for (const { keys } of writes)
        await commit({
          outputs: keys.map((key) => ({
            topic: 'assessments',
            partition: 0,
            key: bytesOf(`service ${key}`),
            value: valueOf(n++),
          })),
          checkpoint: new Map(),
          positions: [],
        })
      stop.abort()
    },
    stop.signal,
  )
  if (readFrom !== undefined) await readAs(log, readFrom)
}

const readAs = async (log: Log, from: number): Promise<void> => {
  const stop = new AbortController()
  const position = from as Offset
  await log.host(
    { processor: 'sink', topics: ['assessments'], tasks: 1 },
    async ({ commit }) => {
      await commit({
        outputs: [],
        checkpoint: new Map(),
        positions: [{ topic: 'assessments', partition: 0, position, from: position }],
      })
      stop.abort()
    },
    stop.signal,
  )
}

/** Of the records below `before`, the last of each key; all others. */
const compacted = (records: readonly ReadRecord[], before: number): readonly ReadRecord[] => {
  const last = new Map<string | null, number>()
  for (const { key, offset } of records) if (offset < before) last.set(key, offset)
  return records.filter(({ key, offset }) => offset >= before || last.get(key) === offset)
}

it('keeps the last record of every key, with its offset and timestamp', async () => {
  const keys = fc.array(fc.nat(30), { minLength: 1, maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(fc.array(keys, { minLength: 16, maxLength: 24 }), async (batches) => {
      const own = openWorld()
      const log = await own.open()
      await provision(log)
      await write(
        log,
        batches.map((batch) => ({ keys: batch })),
      )
      const before = await readAll(log, 'assessments')
      const { partitionsCompacted } = await log.maintain()
      const bytes = before.reduce((sum, { value }) => sum + value.length, 0)
      if (bytes > 1_100_000) expect(partitionsCompacted).toBe(1)
      const after = await readAll(log, 'assessments')
      expect(after).toEqual(partitionsCompacted === 1 ? compacted(before, before.length) : before)
      await own.end()
    }),
    { numRuns: 8 },
  )
})

it('reads on from any position, in a gap or not', async () => {
  const log = await world.open()
  await provision(log)
  await write(
    log,
    Array.from({ length: 60 }, (_, i) => ({ keys: [i % 7, 7 + (i % 3), i % 2, 100 + i, 5] })),
  )
  const before = await readAll(log, 'assessments')
  await log.maintain()
  const after = await readAll(log, 'assessments')
  expect(after.length).toBeLessThan(before.length / 2)
  for (let from = 0; from <= before.length; from++)
    expect((await readAll(log, 'assessments', 0, from)).map(({ offset }) => offset)).toEqual(
      after.map(({ offset }) => offset).filter((offset) => offset >= from),
    )
  expect((await log.bounds('assessments'))[0]).toMatchObject({
    startOffset: 0,
    endOffset: before.length,
  })
})

it('leaves alone what a processor has not read', async () => {
  const log = await world.open()
  await provision(log)
  const writes = Array.from({ length: 300 }, (_, i) => ({ keys: [i % 4] }))
  await write(log, writes, 250)
  const before = await readAll(log, 'assessments')
  await log.maintain()
  expect(await readAll(log, 'assessments')).toEqual(compacted(before, 250))
  await readAs(log, 300)
  // Fifty more are too few for another pass.
  expect(await log.maintain()).toMatchObject({ partitionsCompacted: 0 })
})

it('goes on where the last pass stopped, and forgets nothing of it', async () => {
  const log = await world.open()
  await provision(log)
  for (const round of [0, 1, 2]) {
    await write(
      log,
      Array.from({ length: 400 }, (_, i) => ({ keys: [1000 * round + (i % 5), i % 11] })),
    )
    const before = await readAll(log, 'assessments')
    expect(await log.maintain()).toMatchObject({ partitionsCompacted: 1 })
    expect(await readAll(log, 'assessments')).toEqual(compacted(before, Number.POSITIVE_INFINITY))
  }
})

it('does not touch topics that keep every record', async () => {
  const log = await world.open()
  await provision(log)
  const publisher = await log.publisher()
  const key = bytesOf('the same')
  for (let i = 0; i < 300; i++) await publisher.append('facts', 0, [{ key, value: valueOf(i) }])
  await log.maintain()
  expect(await readAll(log, 'facts')).toHaveLength(300)
})
