import type { InMemoryEntry } from '@tidemark/assembly'
import { defaultLayout, type AlertRaised, type Configuration, type Layout } from '@tidemark/model'
import { configurationPieces } from '../configuration-pieces.ts'
import { draws } from '../faults/random.ts'
import { changedConfiguration } from './changed-configuration.ts'
import { configurationOf } from './drawn-configuration.ts'
import { activationsOf, answersTo, factsOf } from './facts.ts'
import { timelineOf } from './timeline.ts'
import { ticksOf, trafficOf, type TimedRecord } from './traffic.ts'

/** A fleet, what became of it, what people did about it, and what they changed: everything that a seed stands for. */
export type Scenario = {
  readonly seed: number
  readonly layout: Layout
  /** That are put in force later, the first one perhaps again. */
  readonly configurations: readonly Configuration[]
  /** Of `catalog`: those, in parts. */
  readonly catalog: readonly InMemoryEntry[]
  readonly inputs: readonly InMemoryEntry[]
  /** With what people say to alerts that were raised without it; their answers change no alert's beginning or end. */
  readonly answered: (raised: readonly AlertRaised[]) => readonly InMemoryEntry[]
}

const partitions = 2

export const scenarioOf = (seed: number): Scenario => {
  const draw = draws(seed, 'configuration')
  const stretches = timelineOf(draws(seed, 'timeline'))
  const first = configurationOf(draw, stretches)
  const later: Configuration[] = []
  for (let i = draw.between(1, 3); i > 0; i--)
    later.push(
      later.length > 0 && draw.chance(0.2)
        ? first
        : changedConfiguration(later.at(-1) ?? first, draw, stretches),
    )
  const records = [
    ...trafficOf(draws(seed, 'traffic'), stretches, partitions),
    ...ticksOf(draws(seed, 'ticks'), stretches, partitions),
    ...factsOf(draws(seed, 'facts'), stretches, partitions),
    ...activationsOf(draws(seed, 'activations'), stretches, later, partitions),
  ]
  const answerDraws = draws(seed, 'answers')
  return {
    seed,
    layout: layoutOf(draw, first),
    configurations: later,
    catalog: later.flatMap((configuration) =>
      configurationPieces(configuration, draw.pick([300, 100_000])).map((piece) => ({
        ...{ topic: 'catalog', partition: 0, entry: { ...piece, timestampMs: 0 } },
      })),
    ),
    inputs: inOrder(records),
    answered: (raised) => inOrder([...records, ...answersTo(answerDraws, raised, partitions)]),
  }
}

const layoutOf = (draw: ReturnType<typeof draws>, configuration: Configuration): Layout => ({
  ...defaultLayout,
  partitions,
  windowUs: 60_000_000,
  graceUs: draw.pick([0, 5, 20]) * 1_000_000,
  tickIntervalMs: 60_000,
  timestamps: 'producer',
  configuration,
})

const inOrder = (records: readonly TimedRecord[]): readonly InMemoryEntry[] =>
  records
    .toSorted((a, b) => a.atMs - b.atMs)
    .map(({ topic, partition, atMs, key, value }) => ({
      ...{ topic, partition, entry: { key, value, timestampMs: atMs } },
    }))
