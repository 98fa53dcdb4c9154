import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { encode, tick } from '@tidemark/codec'
import type { Log } from '@tidemark/log'
import { openEmbeddedLog } from '@tidemark/log-embedded'
import {
  closedThrough,
  defaultLayout,
  windowStartOf,
  type EpochMs,
  type Layout,
} from '@tidemark/model'
import fc from 'fast-check'
import { backfillOf, StampedByLogError } from './backfill.ts'
import { provision } from './connection.ts'

const startUs = 1_795_230_000_000_000
const layout: Layout = { ...defaultLayout, partitions: 2, timestamps: 'producer' }

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

const logOf = async (what: Layout): Promise<Log> => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-backfill-'))
  const log = await openEmbeddedLog({ folder })
  closers.push(async () => {
    await log.close()
    rmSync(folder, { recursive: true })
  })
  await provision(log, what)
  return log
}

const check = (atUs: number): Uint8Array =>
  encode({
    ...{ type: 'HealthChecked', id: null, service: 'a', check: '', atUs, passed: true },
    ...{ latencyUs: null, reason: null },
  })

describe('a backfill', () => {
  it('stamps with the largest time of the partition so far, cut to milliseconds', async () => {
    const { stamp, largestUs } = await backfillOf(await logOf(layout), layout)
    expect(largestUs()).toBeNull()
    const times = [1_999, 1_000, 5_500, 4_000].map((us) => startUs + us)
    expect(times.map((us) => stamp('requests', 0, us))).toEqual(
      [1, 1, 5, 5].map((ms) => startUs / 1000 + ms),
    )
    expect(stamp('requests', 1, startUs)).toBe(startUs / 1000)
    expect(stamp('health-checks', 0, startUs + 2000)).toBe(startUs / 1000 + 2)
    expect(largestUs()).toBe(startUs + 5_500)
  })

  it('goes on from where the log stands: stamps from any record, the largest time from events', async () => {
    const log = await logOf(layout)
    const publisher = await log.publisher()
    const at = (ms: number) => (startUs / 1000 + ms) as EpochMs
    await publisher.append('health-checks', 1, [
      { key: Buffer.from('a'), value: check(startUs), timestampMs: at(7000) },
    ])
    // More ticks than the first look back takes in.
    for (let i = 1; i <= 20; i++)
      await publisher.append('health-checks', 1, [
        { key: null, value: tick, timestampMs: at(10_000 * i) },
      ])
    const { stamp, largestUs } = await backfillOf(log, layout)
    expect(largestUs()).toBe(startUs + 7_000_000)
    expect(stamp('health-checks', 1, startUs)).toBe(at(200_000))
    expect(stamp('health-checks', 0, startUs)).toBe(at(0))
  })

  it('ends with the least time that closes every window', async () => {
    const log = await logOf(layout)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 100_000_000 }), { minLength: 1, maxLength: 5 }),
        async (times) => {
          const { stamp, flushMs } = await backfillOf(log, layout)
          for (const [i, us] of times.entries()) stamp('requests', i % 2, startUs + us)
          const { windowUs, graceUs } = layout
          const endUs = windowStartOf(startUs + Math.max(...times), windowUs) + windowUs
          expect(closedThrough(flushMs()!, windowUs, graceUs)).toBe(endUs)
          expect(closedThrough(flushMs()! - 1, windowUs, graceUs)).toBeLessThan(endUs)
        },
      ),
      { numRuns: 20 },
    )
  })

  it('has nothing to close in an empty log', async () => {
    expect((await backfillOf(await logOf(layout), layout)).flushMs()).toBeNull()
  })

  it('is refused by a log that stamps its records itself', async () => {
    const broker: Layout = { ...layout, timestamps: 'broker' }
    await expect(backfillOf(await logOf(broker), broker)).rejects.toThrow(StampedByLogError)
  })
})
