import { randomOf } from '../harness/random.ts'
import type { Promised, Row, Setting, Side } from '../harness/row.ts'
import { short } from '../harness/table.ts'
import { conditionsOf, openKafkaBench, partitions, services } from '../kafka/kafka-bench.ts'
import { singleRound } from '../kafka/request-round.ts'
import { roundsOfTopic } from '../kafka/requests-topic.ts'

// Single events from a real broker, exactly once, with everything on that production has on; beside Kafka Streams on the same topic.

const perCpuSecond = { what: 'events per CPU-second', figure: 'eventsPerCpuSecond' } as const
const perSecond = { what: 'events per second', figure: 'eventsPerSecond' } as const
const resident = { what: 'bytes of resident memory', figure: 'residentBytesMax' } as const

const figures = (side: string): readonly Promised[] => [
  { ...perCpuSecond, side },
  { ...perSecond, side },
  { ...resident, side },
]

const usualEvents = 10_000_000
/** Kafka Streams' DSL takes twenty times as long as the rest together. */
const dslShare = 0.1
const dslRepetitions = 2

const roundOf = ({ seed }: Setting, events: number) =>
  singleRound({
    random: randomOf(seed),
    events: Math.round(events / roundsOfTopic),
    ...{ services, partitions },
  })

const howOf = (commitIntervalMs: number): string =>
  `exactly once, commit every ${commitIntervalMs} ms, one thread each`

export const kafkaSingle: Row = {
  name: 'kafka-single',
  title: 'Aggregator, single events from Kafka',
  promises: [
    ...figures('tidemark'),
    ...figures('streams-live'),
    { ...perCpuSecond, side: 'streams-dsl' },
    { ...perCpuSecond, side: 'ceiling' },
    { ...perCpuSecond, side: 'tidemark', against: 'streams-live', goal: { atLeast: 4 } },
    { ...perSecond, side: 'tidemark', against: 'streams-live', goal: { atLeast: 3 } },
    { ...perCpuSecond, side: 'tidemark', against: 'streams-dsl', goal: { atLeast: 50 } },
  ],
  open: async (setting) => {
    const bench = await openKafkaBench(setting)
    const commitIntervalMs = 1000
    const events = usualEvents * setting.scale
    const topics = await bench.load(roundOf(setting, events), 1)
    const fewer = await bench.load(roundOf(setting, events * dslShare), 1)
    const sides: readonly Side[] = [
      { name: 'tidemark', run: () => topics.tidemark(commitIntervalMs) },
      { name: 'streams-live', run: () => topics.streams('streams-live', commitIntervalMs) },
      { name: 'ceiling', run: topics.bareLoop },
      {
        ...{ name: 'streams-dsl', repetitionsMax: dslRepetitions },
        run: () => fewer.streams('streams-dsl', commitIntervalMs),
      },
    ]
    return {
      conditions: conditionsOf(
        topics.events,
        'single events',
        `${howOf(commitIntervalMs)}; streams-dsl ${short(fewer.events)} events, ${dslRepetitions} repetitions; the ceiling is a bare loop that checks and keeps nothing`,
      ),
      sides,
      // Processes of their own begin cold every time; what they do before their first record is not measured.
      warmUps: 0,
      close: bench.close,
    }
  },
}

export const kafkaSingle100Ms: Row = {
  name: 'kafka-single-100ms',
  title: 'The same, commit every 100 ms',
  promises: [
    ...figures('tidemark'),
    ...figures('streams-live'),
    { ...perCpuSecond, side: 'tidemark', against: 'streams-live', goal: { atLeast: 4 } },
  ],
  open: async (setting) => {
    const bench = await openKafkaBench(setting)
    const commitIntervalMs = 100
    const topics = await bench.load(roundOf(setting, usualEvents * setting.scale), 1)
    return {
      conditions: conditionsOf(topics.events, 'single events', howOf(commitIntervalMs)),
      sides: [
        { name: 'tidemark', run: () => topics.tidemark(commitIntervalMs) },
        { name: 'streams-live', run: () => topics.streams('streams-live', commitIntervalMs) },
      ],
      warmUps: 0,
      close: bench.close,
    }
  },
}
