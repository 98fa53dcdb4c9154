import { ownProcess } from '../harness/own-process.ts'
import { randomOf } from '../harness/random.ts'
import type { Row, Run } from '../harness/row.ts'
import { conditionsOf, openKafkaBench, partitions, services } from '../kafka/kafka-bench.ts'
import type { Reading } from '../kafka/reading-meter.ts'
import { singleRound } from '../kafka/request-round.ts'
import { roundsOfTopic } from '../kafka/requests-topic.ts'

// Reading alone: records from a real broker by the polls of a task, checked and walked in place, beside kafkajs's own consumer on the same topic.

const usualEvents = 4_000_000
const polls = 'polls of a task'
const kafkajs = "kafkajs's eachBatch"
const scripts = { [polls]: '../kafka/read-by-polls.ts', [kafkajs]: '../kafka/read-by-kafkajs.ts' }

export const kafkaRead: Row = {
  name: 'kafka-read',
  title: 'Reading from Kafka, nothing done with it',
  promises: [
    ...[polls, kafkajs].flatMap((side) => [
      { what: 'records per CPU-second', side, figure: 'eventsPerCpuSecond' },
      { what: 'bytes of resident memory', side, figure: 'residentBytesMax' },
    ]),
    {
      ...{ what: 'records per CPU-second', side: polls, figure: 'eventsPerCpuSecond' },
      against: kafkajs,
    },
    { what: 'records per second', side: polls, figure: 'eventsPerSecond', against: kafkajs },
  ],
  open: async (setting) => {
    const bench = await openKafkaBench(setting)
    const events = Math.round((usualEvents * setting.scale) / roundsOfTopic)
    const random = randomOf(setting.seed)
    const topics = await bench.load(singleRound({ random, events, services, partitions }), 1)
    const { brokers } = bench
    const { prefix, records } = topics
    let runs = 0
    let valueBytes: number | undefined
    const read = async (script: string): Promise<Run> => {
      const reading: Reading = { brokers, prefix, partitions, records, processor: `read-${runs++}` }
      const run = await ownProcess({ script, args: [JSON.stringify(reading)] })
      // The two know nothing of each other, and read the same.
      valueBytes ??= run.valueBytes
      if (run.seen !== records || run.valueBytes !== valueBytes)
        throw new Error(
          `${script}: ${run.seen} records with ${run.valueBytes} bytes; there are ${records} with ${valueBytes}`,
        )
      return run
    }
    return {
      conditions: conditionsOf(
        topics.events,
        'single events',
        'a process of its own for each repetition, from its second fetch on; kafkajs with its defaults, without checksums and commits',
      ),
      sides: Object.entries(scripts).map(([name, script]) => ({ name, run: () => read(script) })),
      warmUps: 0,
      close: bench.close,
    }
  },
}
