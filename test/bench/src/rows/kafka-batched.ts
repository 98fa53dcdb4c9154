import { randomOf } from '../harness/random.ts'
import type { Row } from '../harness/row.ts'
import { conditionsOf, openKafkaBench, partitions, services } from '../kafka/kafka-bench.ts'
import { batchEvents, batchRound } from '../kafka/request-round.ts'
import { roundsOfTopic } from '../kafka/requests-topic.ts'

const usualEvents = 100_000_000
const commitIntervalMs = 1000

export const kafkaBatched: Row = {
  name: 'kafka-batched',
  title: 'Aggregator, batches of 1000 events from Kafka',
  promises: [
    ...['tidemark', 'streams-live'].flatMap((side) => [
      { what: 'events per CPU-second', side, figure: 'eventsPerCpuSecond' },
      { what: 'events per second', side, figure: 'eventsPerSecond' },
      { what: 'bytes of resident memory', side, figure: 'residentBytesMax' },
    ]),
    {
      ...{ what: 'events per CPU-second', side: 'tidemark', figure: 'eventsPerCpuSecond' },
      ...{ against: 'streams-live', goal: { atLeast: 1.6 } },
    },
  ],
  open: async (setting) => {
    const bench = await openKafkaBench(setting)
    const events = Math.round((usualEvents * setting.scale) / roundsOfTopic)
    const random = randomOf(setting.seed)
    const round = batchRound({ random, events, services, partitions })
    const topics = await bench.load(round, batchEvents)
    return {
      conditions: conditionsOf(
        topics.events,
        `events in batches of ${batchEvents}`,
        `exactly once, commit every ${commitIntervalMs} ms, one thread each`,
      ),
      sides: [
        { name: 'tidemark', run: () => topics.tidemark(commitIntervalMs) },
        { name: 'streams-live', run: () => topics.streams('streams-live', commitIntervalMs) },
      ],
      warmUps: 0,
      close: bench.close,
    }
  },
}
