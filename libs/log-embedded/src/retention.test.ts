import { statSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { LogFullError, PositionError, type Log, type TaskSession } from '@tidemark/log'
import type { EpochMs, Offset, TopicName } from '@tidemark/model'
import type { EmbeddedLog } from './embedded-log.ts'
import type { EmbeddedLogOptions } from './options.ts'
import { bytesOf, openWorld, provision, readAll, type World } from './testing/world.ts'

const day = 86_400_000

let world: World
let nowMs: number
beforeEach(() => {
  world = openWorld()
  nowMs = 100 * day
})
afterEach(() => world.end())

const open = async (options: Partial<EmbeddedLogOptions> = {}): Promise<EmbeddedLog> => {
  const log = await world.open({ clock: () => nowMs as EpochMs, ...options })
  await provision(log)
  return log
}

const append = async (log: Log, topic: TopicName, count: number, bytes = 10): Promise<void> => {
  const publisher = await log.publisher()
  for (let i = 0; i < count; i++)
    await publisher.append(topic, 0, [{ key: null, value: new Uint8Array(bytes) }])
}

/** Runs `work` as the first task of a processor with two. */
const asProcessor = async (
  log: Log,
  processor: string,
  topic: TopicName,
  work: (session: TaskSession) => Promise<void>,
): Promise<void> => {
  const stop = new AbortController()
  await log.host(
    { processor, topics: [topic], tasks: 2 },
    async (session) => {
      if (session.task !== 0) return
      await work(session)
      stop.abort()
    },
    stop.signal,
  )
}

const readUpTo = (log: Log, processor: string, topic: TopicName, from: number): Promise<void> =>
  asProcessor(log, processor, topic, ({ commit }) =>
    commit({
      outputs: [],
      checkpoint: new Map(),
      positions: [{ topic, partition: 0, position: (from + 2) as Offset, from: from as Offset }],
    }),
  )

const startOf = async (log: Log, topic: TopicName): Promise<number> =>
  (await log.bounds(topic))[0]!.startOffset

describe('retention by time', () => {
  it('removes what is older than its topic keeps and nobody needs', async () => {
    const log = await open()
    await append(log, 'requests', 4)
    nowMs += 4 * day
    await append(log, 'requests', 3)
    await readUpTo(log, 'aggregator', 'requests', 7)
    nowMs += 3 * day
    expect(await log.maintain()).toMatchObject({ batchesRemoved: 0 })
    nowMs += 1
    expect(await log.maintain()).toMatchObject({ batchesRemoved: 4 })
    expect((await log.bounds('requests'))[0]).toMatchObject({ startOffset: 4, endOffset: 7 })
    expect((await readAll(log, 'requests', 0, 4)).map(({ offset }) => offset)).toEqual([4, 5, 6])
    await expect(readAll(log, 'requests', 0, 3)).rejects.toThrow(PositionError)
    nowMs += 30 * day
    expect(await log.maintain()).toMatchObject({ batchesRemoved: 3 })
    expect((await log.bounds('requests'))[0]).toMatchObject({ startOffset: 7, endOffset: 7 })
    await append(log, 'requests', 1)
    expect((await readAll(log, 'requests', 0, 7)).map(({ offset }) => offset)).toEqual([7])
  })

  it('keeps what any processor would read again', async () => {
    const log = await open()
    await append(log, 'requests', 10)
    await readUpTo(log, 'aggregator', 'requests', 6)
    await readUpTo(log, 'auditor', 'requests', 3)
    nowMs += 365 * day
    await log.maintain()
    expect(await startOf(log, 'requests')).toBe(3)
    await readUpTo(log, 'auditor', 'requests', 10)
    await log.maintain()
    expect(await startOf(log, 'requests')).toBe(6)
  })

  it('keeps everything of a topic that a known processor has not begun to read', async () => {
    const log = await open()
    await append(log, 'requests', 3)
    await readUpTo(log, 'aggregator', 'requests', 3)
    await asProcessor(log, 'auditor', 'requests', async () => undefined)
    nowMs += 365 * day
    await log.maintain()
    expect(await startOf(log, 'requests')).toBe(0)
  })

  it('keeps inputs that nobody has read yet, and lets outputs go that nobody reads', async () => {
    const log = await open()
    await append(log, 'requests', 3)
    await asProcessor(log, 'aggregator', 'health-checks', ({ commit }) =>
      commit({
        outputs: ['rejected', 'alerts'].map((topic) => ({
          topic: topic as TopicName,
          partition: 0,
          key: null,
          value: bytesOf('x'),
        })),
        checkpoint: new Map(),
        positions: [],
      }),
    )
    nowMs += 365 * day
    await log.maintain()
    expect(await startOf(log, 'requests')).toBe(0)
    expect(await startOf(log, 'rejected')).toBe(1)
    // Alerts are kept for ever.
    expect(await startOf(log, 'alerts')).toBe(0)
  })

  it('keeps facts, and whatever producers have stamped, for ever', async () => {
    const log = await world.open({ clock: () => nowMs as EpochMs })
    await provision(log, { timestamps: 'producer' })
    const publisher = await log.publisher()
    for (const topic of ['requests', 'facts'] as const) {
      const entry = { key: null, value: bytesOf('x'), timestampMs: 1000 as EpochMs }
      await publisher.append(topic, 0, [entry])
      await readUpTo(log, `reader of ${topic}`, topic, 1)
    }
    nowMs += 365 * day
    expect(await log.maintain()).toMatchObject({ batchesRemoved: 0 })
  })

  it('removes thousands of batches in one pass, and gives their space back', async () => {
    const log = await open()
    const publisher = await log.publisher()
    const entry = { key: null, value: new Uint8Array(5000) }
    await Promise.all(Array.from({ length: 3000 }, () => publisher.append('requests', 0, [entry])))
    await readUpTo(log, 'aggregator', 'requests', 3000)
    nowMs += 8 * day
    const { batchesRemoved, pagesFreed } = await log.maintain()
    expect(batchesRemoved).toBe(3000)
    expect(pagesFreed).toBeGreaterThan(400)
    await log.close()
    expect(statSync(world.file).size).toBeLessThan(8_000_000)
  })
})

describe('the size limit', () => {
  const bytesMax = 2 * 1024 * 1024
  const fill = async (log: Log, topic: TopicName): Promise<number> => {
    for (let count = 0; ; count++)
      try {
        await append(log, topic, 1, 50_000)
      } catch (error) {
        expect(error).toBeInstanceOf(LogFullError)
        return count
      }
  }

  it('refuses what is published when everything is needed, and takes it when it no longer is', async () => {
    const log = await open({ bytesMax })
    const count = await fill(log, 'requests')
    expect(count).toBeGreaterThan(20)
    expect(count).toBeLessThan(bytesMax / 50_000)
    await readUpTo(log, 'aggregator', 'requests', count - 10)
    await append(log, 'requests', 5, 50_000)
    expect(await startOf(log, 'requests')).toBeGreaterThanOrEqual(5)
    expect(await startOf(log, 'requests')).toBeLessThanOrEqual(count - 10)
    await fill(log, 'requests')
    expect(await startOf(log, 'requests')).toBe(count - 10)
  })

  it('does not keep processors from writing, since only they can make room', async () => {
    const log = await open({ bytesMax })
    const count = await fill(log, 'requests')
    await asProcessor(log, 'aggregator', 'requests', async ({ append: tick, commit }) => {
      await tick('requests', 0, { key: null, value: bytesOf('tick') })
      await commit({
        outputs: [{ topic: 'alerts', partition: 0, key: null, value: new Uint8Array(100_000) }],
        checkpoint: new Map([['state', new Uint8Array(200_000)]]),
        positions: [
          {
            topic: 'requests',
            partition: 0,
            position: count as Offset,
            from: count as Offset,
          },
        ],
      })
    })
    await append(log, 'requests', 10, 50_000)
  })

  it('takes the oldest records of all topics first', async () => {
    const log = await open({ bytesMax })
    for (const topic of ['requests', 'health-checks'] as const) {
      await append(log, topic, 15, 50_000)
      nowMs += 1000
    }
    for (const topic of ['requests', 'health-checks'] as const)
      await readUpTo(log, `reader of ${topic}`, topic, 15)
    await append(log, 'facts', 12, 50_000)
    expect(await startOf(log, 'requests')).toBeGreaterThan(0)
    expect(await startOf(log, 'health-checks')).toBe(0)
  })

  it('is kept by maintenance where a log was opened with a smaller one', async () => {
    const log = await open()
    await append(log, 'requests', 100, 50_000)
    await readUpTo(log, 'aggregator', 'requests', 100)
    const smaller = await world.open({ bytesMax, clock: () => nowMs as EpochMs })
    const { batchesRemoved } = await smaller.maintain()
    expect(batchesRemoved).toBeGreaterThan(55)
    expect(batchesRemoved).toBeLessThan(100)
  })
})
