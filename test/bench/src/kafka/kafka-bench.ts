import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { provision } from '@tidemark/assembly'
import { startBroker } from '@tidemark/broker'
import type { Log } from '@tidemark/log'
import { openKafkaLog, type Delivery } from '@tidemark/log-kafka'
import { defaultLayout, type Layout } from '@tidemark/model'
import { ownProcess } from '../harness/own-process.ts'
import type { Run, Setting } from '../harness/row.ts'
import { short } from '../harness/table.ts'
import {
  aggregatesEnds,
  closedByBareLoop,
  closedByPeer,
  closedByTidemark,
} from './closed-windows.ts'
import { deleteTopics } from './delete-topics.ts'
import { checkWindows } from './expected-windows.ts'
import type { RequestRound } from './request-round.ts'
import { loadRequests, type LoadedRequests } from './requests-topic.ts'
import { sharedWork } from './shared-work.ts'
import { runStreams, type StreamsRun } from './streams.ts'

/** A real broker with topics of its own, and the contenders that work them off. */
export type KafkaBench = {
  readonly brokers: readonly string[]
  /** Provisions topics and loads `requests`; `eventsPerRecord` is 1 for single events. */
  readonly load: (round: RequestRound, eventsPerRecord: number) => Promise<BenchTopics>
  readonly close: () => Promise<void>
}

export type BenchTopics = LoadedRequests & {
  readonly prefix: string
  /** Each works everything off in a process of its own and is checked against the expected windows. */
  readonly tidemark: (commitIntervalMs: number, delivery?: Delivery) => Promise<Run>
  /** The ceiling, which keeps nothing; single events only. */
  readonly bareLoop: () => Promise<Run>
  /** The same by so many processes together; figures are sums, without the first `recordsBefore` records of each. */
  readonly shared: (
    members: number,
    commitIntervalMs: number,
    recordsBefore: number,
  ) => Promise<Run>
  readonly streams: (contender: StreamsRun['contender'], commitIntervalMs: number) => Promise<Run>
}

export const partitions = 4
export const services = 200

/** What is the same for all contenders, in words. */
export const conditionsOf = (events: number, of: string, how: string): string =>
  `${short(events)} ${of} of ${services} services, ${partitions} partitions, ${how}; Kafka 4.3.1 on the same cores, as started by default (G1) with 1 GB`

export const openKafkaBench = async ({ note }: Setting): Promise<KafkaBench> => {
  const { brokers, stop } = await startBroker('benches')
  const run = `bench-${Date.now().toString(36)}`
  const logs: Log[] = []
  let topics = 0
  const load: KafkaBench['load'] = async (round, eventsPerRecord) => {
    const prefix = `${run}-${topics++}.`
    const log = await openKafkaLog({ brokers, prefix })
    logs.push(log)
    const layout: Layout = { ...defaultLayout, prefix, partitions, timestamps: 'producer' }
    await provision(log, layout)
    const startMs = performance.now()
    const loaded = await loadRequests(brokers[0]!, `${prefix}requests`, round, eventsPerRecord)
    note(`loaded ${loaded.records} records in ${Math.round(performance.now() - startMs)} ms`)
    return { ...loaded, prefix, ...contenders(brokers, prefix, log, loaded) }
  }
  const close = async (): Promise<void> => {
    for (const log of logs) await log.close()
    await deleteTopics(brokers, run)
    stop()
  }
  return { brokers, load, close }
}

const contenders = (
  brokers: readonly string[],
  prefix: string,
  log: Log,
  { records, events, expected }: LoadedRequests,
): Pick<BenchTopics, 'tidemark' | 'bareLoop' | 'shared' | 'streams'> => {
  let runs = 0
  return {
    tidemark: async (commitIntervalMs, delivery = 'exactly-once') => {
      const from = await aggregatesEnds(log)
      const name = `aggregator-${runs++}`
      const run = { brokers, prefix, name, delivery, commitIntervalMs, recordsBefore: 0, records }
      const took = await ownProcess({
        script: '../kafka/aggregate.ts',
        args: [JSON.stringify(run)],
      })
      checkWindows(await closedByTidemark(log, from), expected)
      return { events, ...took }
    },
    bareLoop: async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'))
      try {
        const file = join(folder, 'closed')
        const args = [brokers[0]!, `${prefix}requests`, String(partitions), String(records), file]
        const took = await ownProcess({ script: '../baselines/bare-loop.ts', args })
        checkWindows(closedByBareLoop(readFileSync(file, 'utf8')), expected)
        return { events, ...took }
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
    shared: async (members, commitIntervalMs, recordsBefore) => {
      const from = await aggregatesEnds(log)
      const name = `aggregator-${runs++}`
      const took = await sharedWork({
        ...{ brokers, prefix, name, delivery: 'exactly-once', commitIntervalMs, recordsBefore },
        ...{ members, partitions, records },
      })
      checkWindows(await closedByTidemark(log, from), expected)
      return took
    },
    streams: async (contender, commitIntervalMs) => {
      const application = `${prefix}${contender}-${runs++}`
      const output = `${application}.aggregates`
      const took = await runStreams({
        ...{ contender, brokers, application, output, commitIntervalMs },
        topic: `${prefix}requests`,
        records: records === events ? 'singles' : 'batches',
      })
      const outputLog = await openKafkaLog({ brokers, prefix: `${application}.` })
      try {
        checkWindows(await closedByPeer(outputLog), expected)
      } finally {
        await outputLog.close()
      }
      return { events, ...took }
    },
  }
}
