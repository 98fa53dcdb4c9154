import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { CorruptLogError, type Log } from '@tidemark/log'
import type { Offset } from '@tidemark/model'
import { bytesOf, openWorld, provision, readAll, type World } from './testing/world.ts'

let world: World
beforeEach(() => {
  world = openWorld()
})
afterEach(() => world.end())

/** Replaces what a query finds by the same with one bit turned over. */
const flip = (table: string, column: string, where: string, at: number): void => {
  const database = new DatabaseSync(world.file)
  const row = database.prepare(`select ${column} as bytes from ${table} where ${where}`).get()
  const bytes = row!.bytes as Uint8Array
  bytes[at < 0 ? bytes.length + at : at]! ^= 0x10
  database.prepare(`update ${table} set ${column} = ? where ${where}`).run(bytes)
  database.close()
}

const change = (text: string): void => {
  const database = new DatabaseSync(world.file)
  database.exec(text)
  database.close()
}

const filled = async (): Promise<Log & Awaited<ReturnType<World['open']>>> => {
  const log = await world.open()
  await provision(log)
  const publisher = await log.publisher()
  for (let i = 0; i < 3; i++)
    await publisher.append('requests', 1, [
      { key: bytesOf('a'), value: bytesOf(`${i}`) },
      { key: bytesOf('b'), value: bytesOf(`${i}`) },
    ])
  return log
}

/** Rows of the second partition of `requests`. */
const secondBatch = `base_offset = 2 and partition_id =
  (select partition_id from partition_state where topic = 'requests' and partition = 1)`

describe('a damaged batch', () => {
  it.each([
    ['its base offset', 7, /offsets 3 to 4|offset/],
    ['its length', 11, /header says|cut/],
    ['its format', 16, /format v18/],
    ['its checksum', 18, /checksum/],
    ['its count', 60, /records at offsets|checksum/],
    ['its first record', 65, /checksum/],
    ['its last byte', -1, /checksum/],
  ])('is found by %s, and named', async (_what, at, reason) => {
    const log = await filled()
    flip('batch', 'bytes', secondBatch, at)
    expect(
      await log.read({ topic: 'requests', partition: 1, fromOffset: 0 as Offset, bytesMax: 1 }),
    ).toMatchObject({ nextOffset: 2 })
    const reading = readAll(log, 'requests', 1)
    await expect(reading).rejects.toThrow(CorruptLogError)
    await expect(readAll(log, 'requests', 1)).rejects.toThrow(/requests\/1, batch at offset 2: /)
    await expect(readAll(log, 'requests', 1)).rejects.toThrow(reason)
  })

  it('is found when it stands in the place of another one', async () => {
    const log = await filled()
    change(
      `update batch set bytes = (select bytes from batch where base_offset = 4) where ${secondBatch}`,
    )
    await expect(readAll(log, 'requests', 1)).rejects.toThrow(/its header says offsets 4 to 5/)
  })

  it('ends the host of the task that reads it', async () => {
    const log = await filled()
    flip('batch', 'bytes', secondBatch, -1)
    const hosting = log.host(
      { processor: 'aggregator', topics: ['requests'], tasks: 2 },
      async ({ task, poll }) => {
        const want = { topic: 'requests', partition: 1, position: 0 as Offset } as const
        if (task === 1) await poll([want], { maxWaitMs: 0 })
      },
      new AbortController().signal,
    )
    await expect(hosting).rejects.toThrow(CorruptLogError)
  })
})

describe('a checkpoint', () => {
  const spec = { processor: 'aggregator', topics: ['requests'], tasks: 1 } as const

  const commit = async (log: Log): Promise<void> => {
    const stop = new AbortController()
    await log.host(
      spec,
      async (session) => {
        const checkpoint = new Map([
          ['a', bytesOf('state a')],
          ['b', bytesOf('state b')],
        ])
        await session.commit({ outputs: [], checkpoint, positions: [] })
        stop.abort()
      },
      stop.signal,
    )
  }

  const damages: readonly (readonly [string, () => void])[] = [
    ['a part is damaged', () => flip('checkpoint_part', 'bytes', `part = 'a'`, 2)],
    ['a part is missing', () => change(`delete from checkpoint_part where part = 'b'`)],
    [
      'a part is left over',
      () => change(`insert into checkpoint_part values ('aggregator', 0, 'c', x'00')`),
    ],
    [
      'parts changed places',
      () => change(`update checkpoint_part set part = iif(part = 'a', 'z', 'a')`),
    ],
    [
      'it is that of another task',
      () => change(`update checkpoint_part set task = 1; update task set task = 1`),
    ],
  ]

  it.each(damages)('is refused when %s', async (_what, damage) => {
    const log = await filled()
    await commit(log)
    damage()
    await expect(log.checkpoints('aggregator', 2)).rejects.toThrow(CorruptLogError)
    const hosting = log.host(
      { ...spec, tasks: 2 },
      async () => undefined,
      new AbortController().signal,
    )
    await expect(hosting).rejects.toThrow(/checkpoint of aggregator\/[01]/)
  })
})

it('a damaged layout is not taken for another one', async () => {
  const log = await filled()
  flip(
    'batch',
    'bytes',
    `partition_id = (select partition_id from partition_state where topic = 'catalog')`,
    -3,
  )
  await expect(log.layoutRecord()).rejects.toThrow(CorruptLogError)
  await expect(provision(log)).rejects.toThrow(CorruptLogError)
})
