import type { Delivery } from '@tidemark/log-kafka'
import { randomOf } from '../harness/random.ts'
import type { Promised, Row, Side } from '../harness/row.ts'
import { conditionsOf, openKafkaBench, partitions, services } from '../kafka/kafka-bench.ts'
import { singleRound } from '../kafka/request-round.ts'
import { roundsOfTopic } from '../kafka/requests-topic.ts'

// What exactly-once delivery costs: the same events with a transaction per commit and without. Timed to the last record that was worked off:
// the last commit waits for its turn, up to a whole interval, on both sides.

const usualEvents = 5_000_000
const intervalsMs = [1000, 100] as const
const deliveries: readonly Delivery[] = ['at-least-once', 'exactly-once']

const sideOf = (delivery: Delivery, commitIntervalMs: number): string =>
  `${delivery}, ${commitIntervalMs} ms`

const promisesAt = (commitIntervalMs: number, atLeast: number): readonly Promised[] => {
  const side = sideOf('exactly-once', commitIntervalMs)
  const against = sideOf('at-least-once', commitIntervalMs)
  return [
    {
      what: 'events per second',
      side,
      figure: 'eventsPerWorkedSecond',
      against,
      goal: { atLeast },
    },
    { what: 'events per CPU-second', side, figure: 'eventsPerCpuSecond', against },
  ]
}

export const delivery: Row = {
  name: 'delivery',
  title: 'Exactly once against at least once',
  promises: [...promisesAt(1000, 0.95), ...promisesAt(100, 0.85)],
  open: async (setting) => {
    const bench = await openKafkaBench(setting)
    const events = Math.round((usualEvents * setting.scale) / roundsOfTopic)
    const random = randomOf(setting.seed)
    const topics = await bench.load(singleRound({ random, events, services, partitions }), 1)
    const sides = intervalsMs.flatMap((commitIntervalMs) =>
      deliveries.map((how): Side => ({
        name: sideOf(how, commitIntervalMs),
        run: async () => {
          const run = await topics.tidemark(commitIntervalMs, how)
          const eventsPerWorkedSecond = (1000 * run.events!) / run.workedMs!
          return { ...run, eventsPerWorkedSecond }
        },
      })),
    )
    return {
      conditions: conditionsOf(
        topics.events,
        'single events',
        'commit every 1000 and every 100 ms',
      ),
      sides,
      warmUps: 0,
      close: bench.close,
    }
  },
}
