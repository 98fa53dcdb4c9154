import { afterEach, expect, it } from '@jest/globals'
import { describeWithBroker } from '@tidemark/broker/jest'
import type { Message, Producer, Transaction } from 'kafkajs'
import { openWorld, plainClient, readAll } from './kafka-world.ts'

describeWithBroker('reading what transactions wrote', (brokers) => {
  const world = openWorld(brokers)
  afterEach(() => world.close(), 20_000)

  const producersOn = async (prefix: string, count: number): Promise<readonly Producer[]> => {
    const producers = Array.from({ length: count }, (_, i) =>
      plainClient(brokers()).producer({
        transactionalId: `${prefix}${i}`,
        idempotent: true,
        maxInFlightRequests: 1,
        createPartitioner:
          () =>
          ({ message }) =>
            message.partition ?? 0,
      }),
    )
    for (const producer of producers) {
      await producer.connect()
      world.finally(() => producer.disconnect())
    }
    return producers
  }

  /** Keys of four zero bytes look like an abort marker's: kafkajs's own consumer ends a transaction at one. */
  const messages = (from: number, count: number): Message[] =>
    Array.from({ length: count }, (_, i) => ({
      key: (from + i) % 3 === 0 ? Buffer.alloc(4) : `key ${from + i}`,
      value: `value ${from + i}`,
      partition: 0,
    }))

  it('shows what was committed, in order, at any size of a read', async () => {
    const { log, prefix } = await world.provisioned({ timestamps: 'producer' })
    const producers = await producersOn(prefix, 3)
    const publisher = await log.publisher()
    const topic = `${prefix}requests`
    const open = new Map<number, { readonly tx: Transaction; readonly values: string[] }>()
    const visible = new Set<string>()
    const written: string[] = []
    const random = randomNumbers(7)
    let count = 0
    for (let round = 0; round < 60; round++) {
      const i = random(producers.length + 1)
      if (i === producers.length) {
        const value = `value plain ${count++}`
        await publisher.append('requests', 0, [
          { key: null, value: Buffer.from(value), timestampMs: 5 as never },
        ])
        written.push(value)
        visible.add(value)
        continue
      }
      const ours = open.get(i) ?? { tx: await producers[i]!.transaction(), values: [] }
      open.set(i, ours)
      const some = messages(count, 1 + random(4))
      count += some.length
      await ours.tx.send({ topic, messages: some })
      for (const { value } of some) {
        written.push(String(value))
        ours.values.push(String(value))
      }
      const end = random(3)
      if (end === 0) continue
      await (end === 1 ? ours.tx.commit() : ours.tx.abort())
      if (end === 1) for (const value of ours.values) visible.add(value)
      open.delete(i)
    }
    for (const { tx } of open.values()) await tx.abort()
    const expected = written.filter((value) => visible.has(value))
    expect(expected.length).toBeGreaterThan(20)
    expect(expected.length).toBeLessThan(written.length - 20)
    for (const bytesMax of [1_000_000, 2000, 300, 1]) {
      const records = await readAll(log, 'requests', 0, { bytesMax })
      expect(records.map(({ value }) => value)).toEqual(expected)
      // From anywhere, the rest is the same.
      const middle = records[Math.floor(records.length / 2)]!
      expect(await readAll(log, 'requests', 0, { fromOffset: middle.offset, bytesMax })).toEqual(
        records.filter(({ offset }) => offset >= middle.offset),
      )
    }
    const [bounds] = await log.bounds('requests')
    expect(bounds).toMatchObject({ startOffset: 0, partition: 0 })
    // The markers behind the last record have no timestamp that anybody reads.
    const last = (await readAll(log, 'requests', 0)).at(-1)!
    expect(bounds!.endOffset).toBeGreaterThan(last.offset + 1)
    expect(bounds!.lastTimestampMs).toBe(last.timestampMs)
  })

  it('ends before a transaction that is open, and goes on when it has ended', async () => {
    const { log, prefix } = await world.provisioned()
    const [producer] = await producersOn(prefix, 1)
    const topic = `${prefix}requests`
    const publisher = await log.publisher()
    const append = (value: string) =>
      publisher.append('requests', 0, [{ key: null, value: Buffer.from(value) }])
    await append('before')
    const tx = await producer!.transaction()
    await tx.send({ topic, messages: [{ key: null, value: 'inside', partition: 0 }] })
    await append('behind')
    expect((await readAll(log, 'requests', 0)).map(({ value }) => value)).toEqual(['before'])
    expect((await log.bounds('requests'))[0]).toMatchObject({ endOffset: 1 })
    const waiting = log.read({
      topic: 'requests',
      partition: 0,
      fromOffset: 1 as never,
      maxWaitMs: 20_000,
    })
    await tx.commit()
    expect((await waiting).fromOffset).toBe(1)
    expect((await readAll(log, 'requests', 0)).map(({ value }) => value)).toEqual([
      'before',
      'inside',
      'behind',
    ])
  })
})

/** Numbers below `limit` from a linear congruential generator: the same in every run. */
const randomNumbers = (seed: number) => {
  let state = seed
  return (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}
