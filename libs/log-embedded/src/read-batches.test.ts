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

describe('a read', () => {
  const readFrom = (fromOffset: number, bytesMax?: number) =>
    log.read({
      ...{ topic: 'requests', partition: 0, fromOffset: fromOffset as Offset },
      ...(bytesMax === undefined ? {} : { bytesMax }),
    })

  it('takes batches that become longer and longer, whatever the first ones let it expect', async () => {
    const texts = Array.from({ length: 12 }, (_, i) => String(i).repeat(2 ** i))
    await append(...texts)
    expect(valuesIn(await readFrom(0))).toEqual(texts)
  })

  it('takes what fits, to the byte, and nothing of what does not', async () => {
    await append('first', 'second', 'third')
    const all = await readFrom(0)
    const two = all.bytes.length - (await readFrom(2)).bytes.length
    for (const [bytesMax, values] of [
      [two - 1, ['first']],
      [two, ['first', 'second']],
      [two + 1, ['first', 'second']],
    ] as const) {
      const read = await readFrom(0, bytesMax)
      expect([valuesIn(read), read.nextOffset]).toEqual([values, values.length])
    }
  })

  it('begins with the batch that holds its position, and ends with its partition', async () => {
    const publisher = await log.publisher()
    const entriesOf = (...texts: string[]) =>
      texts.map((text) => ({ key: null, value: bytesOf(text) }))
    await publisher.append('requests', 0, entriesOf('a', 'b', 'c'))
    await publisher.append('requests', 0, entriesOf('d', 'e'))
    await publisher.append('requests', 1, entriesOf('of another partition'))
    const whole = await readFrom(0)
    for (const fromOffset of [0, 1, 2])
      expect((await readFrom(fromOffset)).bytes).toEqual(whole.bytes)
    const second = await readFrom(3)
    expect((await readFrom(4)).bytes).toEqual(second.bytes)
    expect([second.bytes.length < whole.bytes.length, second.nextOffset]).toEqual([true, 5])
    expect((await readFrom(5)).bytes.length).toBe(0)
  })
})
