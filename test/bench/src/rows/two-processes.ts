import { randomOf } from '../harness/random.ts'
import type { Row } from '../harness/row.ts'
import { conditionsOf, openKafkaBench, partitions, services } from '../kafka/kafka-bench.ts'
import { singleRound } from '../kafka/request-round.ts'
import { roundsOfTopic } from '../kafka/requests-topic.ts'

// What a second process of the same aggregator costs. The broker is on the same cores, so wall time says nothing: CPU time of the processes does.

const usualEvents = 15_000_000
/** Each process works so many off before it is measured: twice the compiling is a cost of starting, not of events. */
const shareBefore = 0.1
const commitIntervalMs = 1000

export const twoProcesses: Row = {
  name: 'two-processes',
  title: 'Two aggregator processes against one',
  promises: [
    { what: 'CPU ns per event', side: 'one process', figure: 'cpuNsPerEvent' },
    { what: 'CPU ns per event', side: 'two processes', figure: 'cpuNsPerEvent' },
    {
      ...{ what: 'CPU per event', side: 'two processes', figure: 'cpuNsPerEvent' },
      ...{ against: 'one process', goal: { atMost: 1.05 } },
    },
  ],
  open: async (setting) => {
    const bench = await openKafkaBench(setting)
    const events = Math.round((usualEvents * setting.scale) / roundsOfTopic)
    const random = randomOf(setting.seed)
    const topics = await bench.load(singleRound({ random, events, services, partitions }), 1)
    const recordsBefore = Math.round(topics.records * shareBefore)
    return {
      conditions: conditionsOf(
        topics.events,
        'single events',
        `exactly once, commit every ${commitIntervalMs} ms; without the first ${100 * shareBefore} % in each process`,
      ),
      sides: [
        { name: 'one process', run: () => topics.shared(1, commitIntervalMs, recordsBefore) },
        { name: 'two processes', run: () => topics.shared(2, commitIntervalMs, recordsBefore) },
      ],
      warmUps: 0,
      close: bench.close,
    }
  },
}
