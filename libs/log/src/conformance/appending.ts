import { expect, it } from '@jest/globals'
import { sendBytesMax, type EpochMs } from '@tidemark/model'
import { EntryRefusedError } from '../errors.ts'
import type { Entry } from '../log.ts'
import { bytesOf, readAll, textOf } from './records.ts'
import { partitions, provision, recordOf, type World } from './world.ts'

const entry = (value: string, timestampMs?: number): Entry => ({
  key: null,
  value: bytesOf(value),
  ...(timestampMs === undefined ? {} : { timestampMs: timestampMs as EpochMs }),
})

export const describeAppending = (world: World): void => {
  it('gives back keys and values as they were, null and empty ones included', async () => {
    const { log, open } = await world.provisioned()
    const publisher = await log.publisher()
    const pairs = [
      [null, 'no key'],
      ['', 'an empty key'],
      ['checkout', ''],
      ['ключ', 'значение \u0000 \u{1f30a}'],
    ] as const
    await publisher.append(
      'requests',
      1,
      pairs.map(([key, value]) => ({
        key: key === null ? null : bytesOf(key),
        value: bytesOf(value),
      })),
    )
    const records = await readAll(await open(), 'requests', 1)
    expect(records.map(({ key, value }) => [key, value])).toEqual(pairs)
    expect(await readAll(log, 'requests', 0)).toEqual([])
  })

  it('numbers the entries of a partition without gaps, in the order of the calls', async () => {
    const { log } = await world.provisioned()
    const publisher = await log.publisher()
    const appended = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        publisher.append('facts', i % partitions, [entry(`${i}a`), entry(`${i}b`)]),
      ),
    )
    expect(appended.map(({ baseOffset }) => baseOffset)).toEqual(
      Array.from({ length: 30 }, (_, i) => 2 * Math.floor(i / partitions)),
    )
    for (let partition = 0; partition < partitions; partition++) {
      const records = await readAll(log, 'facts', partition)
      expect(records.map(({ offset }) => offset)).toEqual(records.map((_, i) => i))
      expect(records.map(({ value }) => value)).toEqual(
        Array.from({ length: 10 }, (_, i) => i * partitions + partition).flatMap((i) => [
          `${i}a`,
          `${i}b`,
        ]),
      )
    }
  })

  it('takes appends of several publishers', async () => {
    const { log, open } = await world.provisioned()
    const publishers = await Promise.all([log.publisher(), (await open()).publisher()])
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        publishers[i % 2]!.append('requests', 0, [entry(`${i}`)]),
      ),
    )
    const values = (await readAll(log, 'requests', 0)).map(({ value }) => Number(value))
    expect(values.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i))
    // Each publisher's own order is kept.
    for (const parity of [0, 1]) {
      const own = values.filter((value) => value % 2 === parity)
      expect(own).toEqual(own.toSorted((a, b) => a - b))
    }
  })

  it('takes the largest send, in one value or many, and refuses a larger one whole', async () => {
    const { log } = await world.provisioned()
    const publisher = await log.publisher()
    const large = (bytes: number): Entry => ({ key: null, value: new Uint8Array(bytes) })
    await publisher.append('requests', 0, [large(sendBytesMax)])
    await publisher.append(
      'requests',
      0,
      Array.from({ length: 9000 }, () => large(sendBytesMax / 9000)),
    )
    await expect(publisher.append('requests', 0, [large(sendBytesMax + 1)])).rejects.toThrow(
      EntryRefusedError,
    )
    await expect(publisher.append('requests', 0, [large(sendBytesMax), large(1)])).rejects.toThrow(
      EntryRefusedError,
    )
    expect((await log.bounds('requests'))[0]).toMatchObject({ endOffset: 9001 })
  })

  it('refuses what does not belong there', async () => {
    const { log } = await world.provisioned()
    const publisher = await log.publisher()
    for (const [topic, partition, entries] of [
      ['requests', 0, []],
      ['requests', partitions, [entry('x')]],
      ['requests', -1, [entry('x')]],
      ['alerts', 0, [entry('x')]],
      ['catalog', 1, [entry('x')]],
      ['catalog', 0, [entry('x', 1000)]],
    ] as const)
      await expect(publisher.append(topic, partition, entries)).rejects.toThrow(EntryRefusedError)
  })

  it('takes records of the catalog behind the layout, whoever stamps inputs', async () => {
    for (const timestamps of ['broker', 'producer'] as const) {
      const { log, open, prefix } = await world.provisioned({ timestamps })
      const beforeMs = Date.now()
      const publisher = await log.publisher()
      const second = { key: bytesOf('second'), value: bytesOf('2') }
      expect(await publisher.append('catalog', 0, [second])).toMatchObject({ baseOffset: 1 })
      await publisher.append('catalog', 0, [entry('3'), entry('4')])
      const other = await open()
      const records = await readAll(other, 'catalog', 0)
      expect(records.slice(1).map(({ key, value }) => [key, value])).toEqual([
        ['second', '2'],
        [null, '3'],
        [null, '4'],
      ])
      // Clocks of brokers may differ a little.
      for (const { timestampMs } of records) expect(timestampMs).toBeGreaterThan(beforeMs - 60_000)
      const layout = world.layout(prefix, { timestamps })
      expect(textOf((await other.layoutRecord())!)).toBe(textOf(recordOf(layout).value))
      expect(await provision(other, layout)).toBe('unchanged')
    }
  })

  it('stamps records itself, the same for all of an append and never going back', async () => {
    const { log } = await world.provisioned()
    const publisher = await log.publisher()
    const stamps: number[] = []
    for (let i = 0; i < 5; i++) {
      const { timestampMs } = await publisher.append('requests', 0, [entry('a'), entry('b')])
      stamps.push(timestampMs, timestampMs)
    }
    const records = await readAll(log, 'requests', 0)
    expect(records.map(({ timestampMs }) => timestampMs)).toEqual(stamps)
    expect(stamps.toSorted((a, b) => a - b)).toEqual(stamps)
    expect((await log.bounds('requests'))[0]!.lastTimestampMs).toBe(stamps.at(-1))
    await expect(publisher.append('requests', 0, [entry('a'), entry('b', 1000)])).rejects.toThrow(
      EntryRefusedError,
    )
  })

  it('keeps the timestamps of producers, in any order, where they stamp', async () => {
    const { log } = await world.provisioned({ timestamps: 'producer' })
    const publisher = await log.publisher()
    const stamps = [5000, 3000, 1_700_000_000_000, 4000]
    const appended = await publisher.append(
      'health-checks',
      2,
      stamps.map((timestampMs) => entry('x', timestampMs)),
    )
    expect(appended).toEqual({ baseOffset: 0, timestampMs: 1_700_000_000_000 })
    const records = await readAll(log, 'health-checks', 2)
    expect(records.map(({ timestampMs }) => timestampMs)).toEqual(stamps)
    expect((await log.bounds('health-checks'))[2]!.lastTimestampMs).toBe(4000)
    await expect(
      publisher.append('health-checks', 2, [entry('x', 5000), entry('y')]),
    ).rejects.toThrow(EntryRefusedError)
  })
}
