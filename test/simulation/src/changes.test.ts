import { describe, expect, it } from '@jest/globals'
import { runInMemory, type InMemoryEntry, type InMemoryTopics } from '@tidemark/assembly'
import { decode, tick } from '@tidemark/codec'
import { catalogOf } from '@tidemark/evaluation'
import type { ConfigurationActivated } from '@tidemark/model'
import fc from 'fast-check'
import { processorsOf } from './processors.ts'
import { scenarioOf, type Scenario } from './scenarios/scenario.ts'

const run = async (
  { layout, catalog, configurations }: Scenario,
  inputs: readonly InMemoryEntry[],
): Promise<InMemoryTopics> =>
  runInMemory({
    layout,
    processors: await processorsOf(layout, catalogOf(configurations)),
    inputs: [...catalog, ...inputs],
  })

const activationIn = ({ topic, entry }: InMemoryEntry): ConfigurationActivated | null => {
  const decoded = topic === 'facts' ? decode(entry.value) : null
  return decoded?.ok === true && decoded.event.type === 'ConfigurationActivated'
    ? decoded.event
    : null
}

/** Start of the first window that any activation of a partition may be in force for. */
const firstStartUs = (inputs: readonly InMemoryEntry[], partition: number): number => {
  let clockMs = 0
  let firstUs = Number.MAX_SAFE_INTEGER
  for (const input of inputs) {
    if (input.topic !== 'facts' || input.partition !== partition) continue
    clockMs = Math.max(clockMs, input.entry.timestampMs)
    const activation = activationIn(input)
    if (activation !== null)
      firstUs = Math.min(firstUs, Math.max(clockMs * 1000, activation.effectiveFromUs))
  }
  return firstUs
}

/** What a partition's evaluator says of windows that start before a time. */
const saidBefore = (topics: InMemoryTopics, partition: number, startUs: number) =>
  (['assessments', 'alerts', 'fleet'] as const).flatMap((topic) =>
    topics.records(topic, topic === 'fleet' ? 0 : partition).flatMap(({ value }) => {
      const decoded = decode(value)
      if (!decoded.ok || !('windowStartUs' in decoded.event))
        throw new Error(`a record of ${topic}`)
      const { event } = decoded
      const isOurs = 'partition' in event.cause && event.cause.partition === partition
      return isOurs && event.windowStartUs < startUs ? [event] : []
    }),
  )

describe('a change of configuration', () => {
  it('changes nothing that is said of windows before the one from which it is in force', async () => {
    let compared = 0
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1000 }), async (seed) => {
        const scenario = scenarioOf(seed)
        const { inputs, layout } = scenario
        // Positions stay what they are.
        const unchanged = inputs.map((input) =>
          activationIn(input) === null
            ? input
            : { ...input, entry: { ...input.entry, key: null, value: tick } },
        )
        const [changed, plain] = [await run(scenario, inputs), await run(scenario, unchanged)]
        for (let partition = 0; partition < layout.partitions; partition++) {
          const startUs = firstStartUs(inputs, partition)
          const said = saidBefore(changed, partition, startUs)
          compared += said.length
          expect(said).toEqual(saidBefore(plain, partition, startUs))
        }
      }),
      { numRuns: 12 },
    )
    expect(compared).toBeGreaterThan(100)
  })
})
