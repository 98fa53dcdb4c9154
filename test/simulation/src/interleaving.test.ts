import { describe, expect, it } from '@jest/globals'
import { runInMemory, type InMemoryEntry, type InMemoryTopics } from '@tidemark/assembly'
import { decode } from '@tidemark/codec'
import { catalogOf } from '@tidemark/evaluation'
import fc from 'fast-check'
import { draws } from './faults/random.ts'
import { processorsOf } from './processors.ts'
import { scenarioOf, type Scenario } from './scenarios/scenario.ts'

const judged = ['assessments', 'alerts', 'fleet', 'platform-reports'] as const

const textOf = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString('base64')

/** Keys and values of all that evaluator and reporter say; slices of partitions share a topic, in which their order is free. */
const saidIn = (topics: InMemoryTopics, { layout }: Scenario): readonly string[] =>
  judged.flatMap((topic) =>
    Array.from({ length: layout.partitions }, (_, partition) => {
      const texts = topics
        .records(topic, partition)
        .map(({ key, value }) => `${topic}/${partition} ${textOf(key)} ${textOf(value)}`)
      return topic === 'fleet' ? texts.sort() : texts
    }).flat(),
  )

const run = async (
  { layout, catalog, configurations }: Scenario,
  names: readonly string[],
  inputs: readonly InMemoryEntry[],
): Promise<InMemoryTopics> => {
  const processors = await processorsOf(layout, catalogOf(configurations))
  return runInMemory({
    layout,
    processors: processors.filter(({ name }) => names.includes(name)),
    inputs: [...catalog, ...inputs],
  })
}

/** The records of a partition of `aggregates`, by the source that they are of. */
const bySource = (
  topics: InMemoryTopics,
  partition: number,
): readonly (readonly InMemoryEntry[])[] => [
  ...Map.groupBy(
    topics.records('aggregates', partition).map((entry): InMemoryEntry => ({
      ...{ topic: 'aggregates', partition, entry },
    })),
    ({ entry }) => {
      const decoded = decode(entry.value)
      if (!decoded.ok || !('cause' in decoded.event) || !('topic' in decoded.event.cause))
        throw new Error('an event of the aggregator')
      return decoded.event.cause.topic
    },
  ).values(),
]

/** Sources mixed in some order; each keeps its own. `pull`: how long one is read before the next, from every record to all at once. */
const mixed = (
  sources: readonly (readonly InMemoryEntry[])[],
  seed: number,
  pull: number,
): readonly InMemoryEntry[] => {
  const draw = draws(seed, 'interleaving')
  const left = sources.map((records) => [...records])
  const all: InMemoryEntry[] = []
  while (left.some((records) => records.length > 0)) {
    const source = draw.pick(left.filter((records) => records.length > 0))
    all.push(...source.splice(0, draw.between(1, pull)))
  }
  return all
}

describe('what is judged', () => {
  it('does not depend on how the sources of a partition of aggregates interleave, facts included', async () => {
    const one = fc.record({
      scenario: fc.integer({ min: 1, max: 1000 }),
      seed: fc.nat(),
      pull: fc.constantFrom(1, 7, 100, 100_000),
    })
    await fc.assert(
      fc.asyncProperty(one, async ({ scenario: number, seed, pull }) => {
        const scenario = scenarioOf(number)
        const before = await run(scenario, ['aggregator', 'evaluator', 'reporter'], scenario.inputs)
        const aggregates = Array.from({ length: scenario.layout.partitions }, (_, partition) =>
          mixed(bySource(before, partition), seed + partition, pull),
        ).flat()
        const after = await run(scenario, ['evaluator', 'reporter'], aggregates)
        expect(saidIn(after, scenario)).toEqual(saidIn(before, scenario))
      }),
      { numRuns: 12 },
    )
  })
})
