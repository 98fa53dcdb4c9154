import { afterEach, expect, it } from '@jest/globals'
import { describeWithBroker } from '@tidemark/broker/jest'
import { EntryRefusedError, NotProvisionedError, UnavailableError } from '@tidemark/log'
import type { EpochMs } from '@tidemark/model'
import { newPrefix, openWorld, plainClient, readAll } from './kafka-world.ts'

describeWithBroker('publishing to Kafka', (brokers) => {
  const world = openWorld(brokers)
  afterEach(() => world.close(), 20_000)

  const entries = (count: number, value = 'v') =>
    Array.from({ length: count }, (_, i) => ({
      key: Buffer.from(`k${i % 7}`),
      value: Buffer.from(`${value}${i}`),
    }))

  it('keeps tens of thousands of small entries together, in order', async () => {
    const { log } = await world.provisioned()
    const publisher = await log.publisher()
    const { baseOffset, timestampMs } = await publisher.append('requests', 1, entries(30_000))
    const records = await readAll(log, 'requests', 1)
    expect(baseOffset).toBe(0)
    expect(records.map(({ value }) => value)).toEqual(
      entries(30_000).map(({ value }) => value.toString()),
    )
    expect(new Set(records.map((record) => record.timestampMs))).toEqual(new Set([timestampMs]))
  })

  it('lets appends to a partition follow one another in the order of the calls', async () => {
    const { log } = await world.provisioned()
    const publisher = await log.publisher()
    const appended = await Promise.all(
      Array.from({ length: 40 }, (_, i) => publisher.append('facts', i % 2, entries(3, `${i}-`))),
    )
    expect(appended.map(({ baseOffset }) => baseOffset)).toEqual(
      Array.from({ length: 40 }, (_, i) => Math.floor(i / 2) * 3),
    )
    const values = (await readAll(log, 'facts', 1)).map(({ value }) => value)
    expect(values.slice(0, 6)).toEqual(['1-0', '1-1', '1-2', '3-0', '3-1', '3-2'])
  })

  it('lets 64 MiB wait for their turn and refuses what is above, until some are through', async () => {
    const { log } = await world.provisioned()
    const publisher = await log.publisher()
    const large = [{ key: null, value: new Uint8Array(900_000) }]
    const outcomes = await Promise.allSettled(
      Array.from({ length: 75 }, () => publisher.append('requests', 0, large)),
    )
    const refused = outcomes.flatMap((outcome, i) =>
      outcome.status === 'rejected' ? [{ i, reason: outcome.reason as unknown }] : [],
    )
    expect(refused).toEqual([{ i: 74, reason: expect.any(UnavailableError) }])
    expect(await publisher.append('requests', 0, large)).toMatchObject({ baseOffset: 74 })
  }, 60_000)

  it('keeps the timestamps of producers, from 1970 on and in any order', async () => {
    const { log } = await world.provisioned({ timestamps: 'producer' })
    const publisher = await log.publisher()
    const stamps = [9, 0, 10, 1_700_000_000_000, 100, 4_102_444_800_000, 7]
    const appended = await publisher.append(
      'requests',
      0,
      stamps.map((timestampMs) => ({
        key: null,
        value: Buffer.from('x'),
        timestampMs: timestampMs as EpochMs,
      })),
    )
    expect(appended).toEqual({ baseOffset: 0, timestampMs: 4_102_444_800_000 })
    expect((await readAll(log, 'requests', 0)).map(({ timestampMs }) => timestampMs)).toEqual(
      stamps,
    )
    expect((await log.bounds('requests'))[0]!.lastTimestampMs).toBe(7)
  })

  it('takes the largest send there may be, and refuses a larger one before it is sent', async () => {
    const { log } = await world.provisioned()
    const publisher = await log.publisher()
    const small = Array.from({ length: 22_500 }, () => ({
      key: Buffer.alloc(10),
      value: Buffer.alloc(30),
    }))
    for (const all of [[{ key: null, value: Buffer.alloc(900_000) }], small])
      await publisher.append('requests', 0, all)
    expect(await readAll(log, 'requests', 0)).toHaveLength(22_501)
    await expect(
      publisher.append('requests', 0, [{ key: null, value: Buffer.alloc(900_001) }]),
    ).rejects.toThrow(EntryRefusedError)
  })

  it('appends nothing to a catalog in which no layout stands yet', async () => {
    const prefix = newPrefix()
    const admin = plainClient(brokers()).admin()
    await admin.connect()
    const topics = ['requests', 'health-checks', 'facts', 'catalog']
    await admin.createTopics({
      waitForLeaders: true,
      topics: topics.map((topic) => ({ topic: prefix + topic, numPartitions: 1 })),
    })
    await admin.disconnect()
    const log = await world.open(prefix)
    const publisher = await log.publisher()
    await expect(publisher.append('catalog', 0, entries(1))).rejects.toThrow(NotProvisionedError)
    expect(await log.layoutRecord()).toBeNull()
    expect(await readAll(log, 'catalog', 0)).toEqual([])
  })

  it('is refused by a log that is closed', async () => {
    const { log } = await world.provisioned()
    const publisher = await log.publisher()
    await log.close()
    await expect(publisher.append('requests', 0, entries(1))).rejects.toThrow(UnavailableError)
  })
})
