import { expect, it } from '@jest/globals'
import type { Offset } from '@tidemark/model'
import { PositionError } from '../errors.ts'
import type { LogPublisher } from '../log.ts'
import type { LogFeatures } from './log-under-test.ts'
import { bytesOf, readAll, recordsIn, valuesIn } from './records.ts'
import { itIf, type World } from './world.ts'

const topic = 'requests'
const partition = 0
const at = (position: number) => ({ topic, partition, fromOffset: position as Offset }) as const

/** Longer than any test: who waits so long was not woken. */
const longWaitMs = 3_600_000

const appendBatches = async (publisher: LogPublisher, batches: number, each: number) => {
  for (let i = 0; i < batches; i++)
    await publisher.append(
      topic,
      partition,
      Array.from({ length: each }, (_, j) => ({ key: null, value: bytesOf(`${i * each + j}`) })),
    )
}

export const describeReading = (world: World, features: LogFeatures): void => {
  it('starts in the middle of a batch when it is told to', async () => {
    const { log } = await world.provisioned()
    await appendBatches(await log.publisher(), 3, 10)
    const batches = await log.read(at(15))
    expect(batches).toMatchObject({ topic, partition, fromOffset: 15, endOffset: 30 })
    const records = await readAll(log, topic, partition, 15)
    expect(records.map(({ offset }) => offset)).toEqual(
      Array.from({ length: 15 }, (_, i) => 15 + i),
    )
    expect(records.map(({ value }) => value)).toEqual(records.map(({ offset }) => `${offset}`))
  })

  it('goes on at the next offset, whatever little is read at a time', async () => {
    const { log } = await world.provisioned()
    await appendBatches(await log.publisher(), 7, 3)
    const values: string[] = []
    for (let position = 0; position < 21;) {
      const batches = await log.read({ ...at(position), bytesMax: 1 })
      expect(batches.nextOffset).toBeGreaterThan(position)
      const records = recordsIn(batches)
      expect(records.at(-1)!.offset).toBe(batches.nextOffset - 1)
      values.push(...records.map(({ value }) => value))
      position = batches.nextOffset
    }
    expect(values).toEqual(Array.from({ length: 21 }, (_, i) => `${i}`))
  })

  it('returns nothing at the end', async () => {
    const { log } = await world.provisioned()
    for (const end of [0, 2]) {
      const batches = await log.read(at(end))
      expect(batches.bytes).toHaveLength(0)
      expect(batches).toMatchObject({ fromOffset: end, nextOffset: end, endOffset: end })
      await appendBatches(await log.publisher(), 1, 2)
    }
  })

  it('waits at the end until another client appends', async () => {
    const { log, open } = await world.provisioned()
    const waiting = log.read({ ...at(0), maxWaitMs: longWaitMs })
    const publisher = await (await open()).publisher()
    await publisher.append(topic, partition, [{ key: null, value: bytesOf('news') }])
    expect(valuesIn(await waiting)).toEqual(['news'])
  })

  it('waits at the end until the same client appends', async () => {
    const { log } = await world.provisioned()
    const publisher = await log.publisher()
    const waiting = log.read({ ...at(0), maxWaitMs: longWaitMs })
    await publisher.append(topic, partition, [{ key: null, value: bytesOf('news') }])
    expect(valuesIn(await waiting)).toEqual(['news'])
  })

  it('ends a wait with nothing when its signal aborts', async () => {
    const { log } = await world.provisioned()
    const controller = new AbortController()
    const { signal } = controller
    const waiting = log.read({ ...at(0), maxWaitMs: longWaitMs, signal })
    controller.abort()
    expect((await waiting).bytes).toHaveLength(0)
    expect((await log.read({ ...at(0), maxWaitMs: longWaitMs, signal })).bytes).toHaveLength(0)
  })

  it('refuses a position above the end', async () => {
    const { log } = await world.provisioned()
    await appendBatches(await log.publisher(), 1, 2)
    await expect(log.read(at(3))).rejects.toThrow(PositionError)
  })

  itIf(features.trim, 'refuses a position below what is kept', async () => {
    const { log, trim } = await world.provisioned()
    await appendBatches(await log.publisher(), 4, 5)
    await trim!(topic, partition, 10 as Offset)
    expect((await log.bounds(topic))[partition]).toMatchObject({ startOffset: 10, endOffset: 20 })
    const error: unknown = await log.read(at(9)).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(PositionError)
    expect(error).toMatchObject({ topic, partition, position: 9, startOffset: 10, endOffset: 20 })
    expect((await readAll(log, topic, partition, 10)).map(({ offset }) => offset)).toEqual(
      Array.from({ length: 10 }, (_, i) => 10 + i),
    )
  })
}
