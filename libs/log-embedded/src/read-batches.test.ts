import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { TaskSession } from '@tidemark/log'
import type { Offset, RecordBatches } from '@tidemark/model'
import type { EmbeddedLog } from './embedded-log.ts'
import { roomForReads } from './read-batches.ts'
import { bytesOf, openWorld, provision, recordsIn, type World } from './testing/world.ts'

let world: World
let log: EmbeddedLog
beforeEach(async () => {
  world = openWorld()
  log = await world.open()
  await provision(log)
})
afterEach(() => world.end())

const append = async (...texts: readonly string[]): Promise<void> => {
  const publisher = await log.publisher()
  for (const text of texts)
    await publisher.append('requests', 0, [{ key: null, value: bytesOf(text) }])
}
const valuesIn = (batches: RecordBatches): readonly string[] =>
  recordsIn(batches).map(({ value }) => value)
/** What two polls bring, each looked at before the next, and whether both read into the same memory. */
const polledTwice = async (bytesMax: number) => {
  const stop = new AbortController()
  const values: (readonly string[])[] = []
  const memory: unknown[] = []
  const work = async ({ poll }: TaskSession): Promise<void> => {
    let position = 0 as Offset
    for (let i = 0; i < 2; i++) {
      const want = { topic: 'requests', partition: 0, position } as const
      const [batches] = await poll([want], { maxWaitMs: 1000, bytesMax })
      values.push(valuesIn(batches!))
      memory.push(batches!.bytes.buffer)
      position = batches!.nextOffset
    }
    stop.abort()
  }
  const spec = { processor: 'aggregator', topics: ['requests'], tasks: 1 } as const
  await log.host(spec, work, stop.signal)
  return { values, isSame: memory[0] === memory[1] }
}

describe('a poll', () => {
  it('reads batches into the memory of the last one', async () => {
    await append('first', 'second', 'third', 'fourth')
    const { length } = (
      await log.read({ topic: 'requests', partition: 0, fromOffset: 0 as Offset })
    ).bytes
    expect(await polledTwice(Math.ceil(length / 2))).toEqual({
      values: [
        ['first', 'second'],
        ['third', 'fourth'],
      ],
      isSame: true,
    })
  })

  it('hands a single batch on as it was read', async () => {
    await append('first', 'second')
    expect(await polledTwice(1)).toEqual({ values: [['first'], ['second']], isSame: false })
  })
})

it('gives every other reader memory of its own', async () => {
  await append('first', 'second')
  const read = () => log.read({ topic: 'requests', partition: 0, fromOffset: 0 as Offset })
  const [one, other] = [await read(), await read()]
  expect([valuesIn(one), valuesIn(other)]).toEqual([valuesIn(other), ['first', 'second']])
  expect(one.bytes.buffer).not.toBe(other.bytes.buffer)
})

it('lets go of what one long read took when reads have become short', () => {
  const room = roomForReads()
  const long = room(1_000_000)
  expect(room(900_000).buffer).toBe(long.buffer)
  const short = room(1000)
  expect(short.buffer).not.toBe(long.buffer)
  expect(room(500).buffer).toBe(short.buffer)
  expect([long, short].map(({ length }) => length)).toEqual([1_000_000, 1000])
})
