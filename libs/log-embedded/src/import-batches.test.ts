import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { CorruptLogError, EntryRefusedError, PositionError } from '@tidemark/log'
import type { Offset, RecordBatches } from '@tidemark/model'
import { hideBatch, writeRecordBatch } from '@tidemark/wire'
import type { EmbeddedLog } from './embedded-log.ts'
import { bytesOf, openWorld, provision, readAll, type World } from './testing/world.ts'

let world: World
let log: EmbeddedLog
beforeEach(async () => {
  world = openWorld()
  log = await world.open()
  await provision(log)
})
afterEach(() => world.end())

const batchOf = (baseOffset: number, values: readonly string[]): Uint8Array =>
  writeRecordBatch(
    values.map((value, i) => ({ key: null, value: bytesOf(value), timestampMs: 1000 + i })),
    baseOffset,
  )

const batches = (nextOffset: number, ...pieces: readonly Uint8Array[]): RecordBatches => ({
  topic: 'requests',
  partition: 1,
  bytes: new Uint8Array(Buffer.concat(pieces)),
  fromOffset: 0 as Offset,
  nextOffset: nextOffset as Offset,
  endOffset: nextOffset as Offset,
})

it('keeps offsets and timestamps, and leaves gaps where walkers skip', async () => {
  const hidden = batchOf(7, ['aborted', 'aborted'])
  hideBatch(hidden, 0)
  await log.importBatches(batches(9, batchOf(3, ['a', 'b']), hidden))
  await log.importBatches(batches(12, batchOf(10, ['c'])))
  expect((await log.bounds('requests'))[1]).toMatchObject({ startOffset: 0, endOffset: 12 })
  const records = await readAll(log, 'requests', 1)
  expect(records.map(({ offset, timestampMs, value }) => [offset, timestampMs, value])).toEqual([
    [3, 1000, 'a'],
    [4, 1001, 'b'],
    [10, 1000, 'c'],
  ])
  // From any position reading comes to the end.
  for (let from = 0; from <= 12; from++)
    expect((await readAll(log, 'requests', 1, from)).length).toBe(
      records.filter(({ offset }) => offset >= from).length,
    )
  const publisher = await log.publisher()
  const entry = { key: null, value: bytesOf('d') }
  expect(await publisher.append('requests', 1, [entry])).toMatchObject({ baseOffset: 12 })
})

it('knows the timestamp of the last record, which need not be the largest', async () => {
  const entries = [5000, 3000].map((timestampMs) => ({
    key: null,
    value: bytesOf('x'),
    timestampMs,
  }))
  await log.importBatches(batches(2, writeRecordBatch(entries, 0)))
  expect((await log.bounds('requests'))[1]!.lastTimestampMs).toBe(3000)
  // Nothing new: as before.
  await log.importBatches(batches(2, writeRecordBatch(entries, 0)))
  expect((await log.bounds('requests'))[1]!.lastTimestampMs).toBe(3000)
})

it('begins where the batches do, as long as it is empty', async () => {
  const at = (from: number, next: number, piece: Uint8Array) => ({
    ...batches(next, piece),
    fromOffset: from as Offset,
  })
  await log.importBatches(at(4, 6, batchOf(3, ['a', 'b', 'c'])))
  await log.importBatches(at(6, 8, batchOf(6, ['d', 'e'])))
  expect((await log.bounds('requests'))[1]).toMatchObject({ startOffset: 4, endOffset: 8 })
  expect((await readAll(log, 'requests', 1, 4)).map(({ value }) => value)).toEqual([
    ...['b', 'c', 'd', 'e'],
  ])
  await expect(readAll(log, 'requests', 1, 3)).rejects.toThrow(PositionError)
})

it('takes nothing twice', async () => {
  const piece = batches(2, batchOf(0, ['a', 'b']))
  await log.importBatches(piece)
  await log.importBatches(piece)
  expect(await readAll(log, 'requests', 1)).toHaveLength(2)
  await expect(log.importBatches(batches(3, batchOf(1, ['b', 'c'])))).rejects.toThrow(
    EntryRefusedError,
  )
})

it('takes nothing that is damaged, and only inputs', async () => {
  const damaged = batchOf(0, ['a'])
  damaged[damaged.length - 1]! ^= 1
  await expect(log.importBatches(batches(1, damaged))).rejects.toThrow(CorruptLogError)
  await expect(
    log.importBatches({ ...batches(1, batchOf(0, ['a'])), topic: 'alerts' }),
  ).rejects.toThrow(EntryRefusedError)
  expect(await readAll(log, 'requests', 1)).toEqual([])
})
