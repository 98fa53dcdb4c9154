import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { runInMemory, type InMemoryTopics, type Schedule } from '@tidemark/assembly'
import { decode } from '@tidemark/codec'
import { defaultLayout, derivedTopics, type Layout } from '@tidemark/model'
import { virtualEntries, type VirtualEntry } from '@tidemark/simulator'
import {
  faultByName,
  loneFaultNames,
  live,
  services,
  trafficOf,
  virtualStartUs,
} from '@tidemark/traffic'
import fc from 'fast-check'
import { processorsOf } from './processors.ts'

const second = 1_000_000
const layout: Layout = { ...defaultLayout, partitions: 3, timestamps: 'producer' }

/** Two minutes in which every fault has its turn. */
const traffic = trafficOf(live({ durationUs: 120 * second, rate: 0.5, rhythm: null }), {
  faults: loneFaultNames.map((fault, i) => {
    const fromUs = virtualStartUs + (10 + 12 * i) * second
    return faultByName(fault, services[i % services.length]!.service, fromUs, fromUs + 15 * second)
  }),
})
const inputs: readonly VirtualEntry[] = [...virtualEntries(traffic, layout)]

const run = async (schedule?: Schedule): Promise<InMemoryTopics> =>
  runInMemory({
    layout,
    processors: await processorsOf(layout),
    inputs,
    ...(schedule !== undefined && { schedule }),
  })

/** Keys and values of everything that was derived. Those of `aggregates` and `rejected` by source: how sources interleave is free. */
const digestsOf = (topics: InMemoryTopics): Readonly<Record<string, string>> => {
  const digests = new Map<string, ReturnType<typeof createHash>>()
  for (const topic of derivedTopics)
    for (let partition = 0; partition < layout.partitions; partition++)
      for (const { key, value } of topics.records(topic, partition)) {
        const decoded = decode(value)
        if (!decoded.ok) throw new Error(`${topic}/${partition}: ${decoded.detail}`)
        const { event } = decoded
        const source =
          'cause' in event && 'topic' in event.cause ? ` from ${event.cause.topic}` : ''
        const name = `${topic}/${partition}${source}`
        const digest = digests.get(name) ?? createHash('sha256')
        digest
          .update(key ?? '')
          .update('\n')
          .update(value ?? '')
          .update('\n')
        digests.set(name, digest)
      }
  return Object.fromEntries(
    [...digests].sort().map(([name, digest]) => [name, digest.digest('hex')]),
  )
}

const cycle = <T>(values: readonly T[]): (() => T) => {
  let at = 0
  return () => values[at++ % values.length]!
}

const anySchedule = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 9 }),
  sources: fc.array(fc.nat(), { minLength: 1, maxLength: 9 }),
  // After these everything goes on: who crashes again and again before it has read again what it lost gets nowhere.
  fates: fc.array(fc.constantFrom('go-on', 'commit', 'restart', 'crash'), { maxLength: 60 }),
})

describe('what is derived (I6)', () => {
  it('does not depend on batches, on the order of sources, on restarts or crashes', async () => {
    const expected = digestsOf(await run())
    expect(Object.keys(expected)).toContain('platform-reports/0')
    await fc.assert(
      fc.asyncProperty(anySchedule, async ({ sizes, sources, fates }) => {
        const sourceOf = cycle(sources)
        let fate = 0
        const topics = await run({
          batchRecords: cycle(sizes),
          source: (count) => sourceOf() % count,
          after: () => fates[fate++] ?? 'go-on',
        })
        expect(digestsOf(topics)).toEqual(expected)
      }),
      { numRuns: 10 },
    )
  })
})
