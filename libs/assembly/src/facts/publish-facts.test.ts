import { randomUUID } from 'node:crypto'
import { encode, partitionOfService, tick } from '@tidemark/codec'
import { UnavailableError, type Log } from '@tidemark/log'
import {
  epochMs,
  type DeploymentFinished,
  type InputTopic,
  type LossAccepted,
  type SilenceCreated,
} from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import type { Connection } from '../connection.ts'
import { eventsIn, openLogs } from '../testing/log-world.ts'
import { FactError } from './fact-record.ts'
import { publishFacts } from './publish-facts.ts'

const open = openLogs()
const startMs = 1_700_000_000_000

const deployed = (service: string, atUs: number, n = 0): DeploymentFinished => ({
  ...{ type: 'DeploymentFinished', id: randomUUID(), atUs, by: 'ada', note: null },
  ...{ service, deployment: `v${n}` },
})
const silenced = (atUs: number): SilenceCreated => ({
  ...{ type: 'SilenceCreated', id: randomUUID(), atUs, by: null, note: null },
  ...{ matchers: 'team="shop"', fromUs: 1, toUs: 2, maintenance: false },
})

const append = async ({ log }: Connection, topic: InputTopic, partition: number, ms: number) => {
  const publisher = await log.publisher()
  await publisher.append(topic, partition, [
    { key: null, value: tick, timestampMs: epochMs(startMs + ms) },
  ])
  await publisher.close()
}

const factsIn = async (connection: Connection) =>
  Promise.all(
    Array.from({ length: connection.layout.partitions }, (_, p) =>
      eventsIn(connection, 'facts', p),
    ),
  )

describe('publishing facts', () => {
  it('puts those about a service into its partition, and control facts into every one, in their order', async () => {
    const connection = await open()
    const nowUs = Date.now() * 1000
    const facts = [deployed('checkout', nowUs), silenced(nowUs), deployed('search', nowUs)]
    const published = await publishFacts(connection, facts)
    expect(published.map(({ fact }) => fact)).toEqual(facts)
    const found = await factsIn(connection)
    for (const [i, { places }] of published.entries()) {
      const fact = facts[i]!
      const expected =
        fact.type === 'SilenceCreated' ? [0, 1, 2] : [partitionOfService(fact.service, 3).partition]
      expect(places.map(({ partition }) => partition)).toEqual(expected)
      for (const { partition, offset, timestampMs } of places)
        expect(found[partition]![offset]).toEqual({ offset, timestampMs, event: fact })
    }
    for (const records of found) {
      const order = records.map(({ event }) => facts.indexOf(event as (typeof facts)[number]))
      expect(order).toEqual(order.toSorted((a, b) => a - b))
    }
  })

  it('takes more than one append holds, and keeps their order', async () => {
    const connection = await open()
    const nowUs = Date.now() * 1000
    const note = 'n'.repeat(2048)
    const facts = Array.from({ length: 3000 }, (_, n) => ({
      ...deployed('checkout', nowUs, n),
      note,
    }))
    const published = await publishFacts(connection, facts)
    const { partition } = partitionOfService('checkout', 3)
    expect(published.map(({ places }) => places[0]!.offset)).toEqual(facts.map((_, i) => i))
    const records = await eventsIn(connection, 'facts', partition)
    expect(records.map(({ event }) => event)).toEqual(facts)
  })

  it('looks at all of them before it appends the first', async () => {
    const connection = await open()
    const nowUs = Date.now() * 1000
    const bad = [
      { ...silenced(nowUs), toUs: 1 },
      { ...silenced(nowUs), matchers: 'x'.repeat(5000) },
      silenced(nowUs + 3_600_000_000),
    ]
    for (const fact of bad)
      await expect(publishFacts(connection, [silenced(nowUs), fact])).rejects.toThrow(FactError)
    expect((await factsIn(connection)).flat()).toEqual([])
  })

  it('can be done again after it failed half way', async () => {
    const connection = await open()
    let appends = 0
    const log: Log = {
      ...connection.log,
      publisher: async () => {
        const publisher = await connection.log.publisher()
        return {
          ...publisher,
          append: async (...given) => {
            if (++appends === 2) throw new UnavailableError('no answer')
            return publisher.append(...given)
          },
        }
      },
    }
    const facts = [silenced(Date.now() * 1000)]
    await expect(publishFacts({ ...connection, log }, facts)).rejects.toThrow(UnavailableError)
    const [published] = await publishFacts(connection, facts)
    expect(published!.places).toHaveLength(3)
    const found = await factsIn(connection)
    for (const records of found) expect(records.at(-1)!.event).toEqual(facts[0])
    expect(found.flat().length).toBeGreaterThan(3)
  })

  it('does nothing for none', async () => {
    const connection = await open()
    expect(await publishFacts(connection, [])).toEqual([])
  })
})

describe('publishing facts where producers stamp the records', () => {
  it('stamps with their own time, not before what is there and not ahead of the log', async () => {
    const connection = await open({ timestamps: 'producer' })
    const at = (ms: number): number => (startMs + ms) * 1000
    await append(connection, 'requests', 0, 60_000)
    for (const partition of [0, 1]) await append(connection, 'facts', partition, 10_000)
    const facts = [silenced(at(5_000)), silenced(at(30_000)), silenced(at(65_000))]
    const published = await publishFacts(connection, facts)
    const stamps = published.map(({ places }) =>
      places.map(({ timestampMs }) => timestampMs - startMs),
    )
    // Partition 2 holds no fact, so what comes first stands where the log does.
    expect(stamps).toEqual([
      [10_000, 10_000, 60_000],
      [30_000, 30_000, 60_000],
      [60_000, 60_000, 60_000],
    ])
    const found = await factsIn(connection)
    expect(found.map((records) => records.at(-1)!.timestampMs)).toEqual([
      ...Array<number>(3).fill(startMs + 60_000),
    ])
  })

  it('refuses what the log would take for the future', async () => {
    const connection = await open({ timestamps: 'producer' })
    await append(connection, 'requests', 0, 0)
    const fact = silenced((startMs + 10_001) * 1000)
    await expect(publishFacts(connection, [fact])).rejects.toThrow(
      'is in the future of this log, which stands at 2023-11-14T22:13:20Z',
    )
  })

  it('leaves the clock where it is for a loss that was accepted', async () => {
    const connection = await open({ timestamps: 'producer' })
    await append(connection, 'requests', 1, 60_000)
    await append(connection, 'facts', 1, 10_000)
    const loss: LossAccepted = {
      ...{ type: 'LossAccepted', topic: 'requests', partition: 1, by: null, note: null },
      ...{ fromOffset: 0, toOffset: 1 },
    }
    const [published] = await publishFacts(connection, [loss])
    expect(published!.places).toEqual([{ partition: 1, offset: 1, timestampMs: startMs + 10_000 }])
    expect((await eventsIn(connection, 'facts', 1))[1]!.event).toEqual(loss)
    expect(encode(loss).length).toBeGreaterThan(0)
  })
})
