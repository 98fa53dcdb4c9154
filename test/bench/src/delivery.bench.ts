import { aggregator } from '@tidemark/aggregator'
import { systemClock } from '@tidemark/assembly'
import { startBroker } from '@tidemark/broker'
import { encode, encodeOutput, layoutRecord } from '@tidemark/codec'
import { catchUp } from '@tidemark/engine'
import type { Entry } from '@tidemark/log'
import { openKafkaLog, type Delivery } from '@tidemark/log-kafka'
import { defaultLayout, epochMs, type Layout, type Processor } from '@tidemark/model'
import { spread } from './spread.ts'

// What exactly-once delivery costs: the aggregator works off the same single events of two partitions on a real broker, with a transaction
// per commit and without (the baseline), at two paces of commits. Each run is a processor of its own name, so that it begins at the
// beginning. Measured from the first task acquired to the last commit. Prints one line of JSON, then rows of a table.
// Run: node test/bench/src/delivery.bench.ts [millions of events] [rounds]

const events = Number(process.argv[2] ?? 3) * 1_000_000
const rounds = Number(process.argv[3] ?? 5)
const services = 1000
const eventsPerSecond = 100_000
const batchRecords = 5000
const startMs = 1_700_000_000_000

const broker = await startBroker()
const prefix = `bench-${Date.now()}.`
const layout: Layout = { ...defaultLayout, prefix, partitions: 2, timestamps: 'producer' }
const open = (delivery: Delivery) =>
  openKafkaLog({ brokers: broker.brokers, prefix, delivery, sessionTimeoutMs: 6000 })
const logs = {
  'exactly-once': await open('exactly-once'),
  'at-least-once': await open('at-least-once'),
} as const

/** Every service of the partition in turn. */
const entriesAt = (partition: number, first: number): readonly Entry[] =>
  Array.from({ length: batchRecords }, (_, k) => {
    const i = first + k
    const atMs = startMs + Math.floor((i * 1000) / (eventsPerSecond / layout.partitions))
    const service = `service-${partition}-${i % services}`
    const request = { operation: 'GET /cart', status: 200, success: true, id: null } as const
    const latencyUs = 5000 + ((i * 48_271) % 40_000)
    const event = { type: 'RequestObserved', service, atUs: atMs * 1000, latencyUs, ...request }
    return {
      key: Buffer.from(service),
      value: encode(event as Parameters<typeof encode>[0]),
      timestampMs: epochMs(atMs),
    }
  })

const publish = async (): Promise<void> => {
  const publisher = await logs['exactly-once'].publisher()
  const ofPartition = async (partition: number): Promise<void> => {
    for (let i = 0; i < events / layout.partitions; i += batchRecords)
      await publisher.append('requests', partition, entriesAt(partition, i))
  }
  await Promise.all(Array.from({ length: layout.partitions }, (_, p) => ofPartition(p)))
  await publisher.close()
}

type Run = {
  readonly perSecond: number
  /** Of this process; the broker's is not in it. */
  readonly perCpuSecond: number
  readonly commits: number
}

let runs = 0

const eventsASecond = async (
  processor: Processor,
  delivery: Delivery,
  commitIntervalMs: number,
): Promise<Run> => {
  let begunMs = 0
  let cpu = process.cpuUsage()
  let usedUs = 0
  let endedMs = 0
  let commits = 0
  await catchUp(
    logs[delivery],
    { ...processor, name: `aggregator-${runs++}` },
    {
      encode: encodeOutput,
      partitions: layout.partitions,
      clock: systemClock,
      ticks: null,
      commitIntervalMs,
      observe: ({ kind }) => {
        if (kind === 'acquired' && begunMs === 0) {
          begunMs = performance.now()
          cpu = process.cpuUsage()
        }
        if (kind !== 'committed') return
        commits++
        endedMs = performance.now()
        const { user, system } = process.cpuUsage(cpu)
        usedUs = user + system
      },
    },
    new AbortController().signal,
  )
  return {
    perSecond: events / ((endedMs - begunMs) / 1000),
    perCpuSecond: events / (usedUs / 1_000_000),
    commits,
  }
}

await logs['exactly-once'].provision(layout, layoutRecord(layout))
await publish()
const { processor, close } = await aggregator.open({ layout, store: '' })
const results = []
// The first run of all warms up.
await eventsASecond(processor, 'at-least-once', 1000)
for (const commitIntervalMs of [1000, 100]) {
  const measured = { 'exactly-once': [] as Run[], 'at-least-once': [] as Run[] }
  for (let round = 0; round < rounds; round++)
    for (const delivery of ['at-least-once', 'exactly-once'] as const)
      measured[delivery].push(await eventsASecond(processor, delivery, commitIntervalMs))
  const exactlyOnce = measured['exactly-once']
  const atLeastOnce = measured['at-least-once']
  // Runs side by side meet the same load of the machine, so their ratios say more than those of medians.
  const ratioOf = (of: (run: Run) => number) =>
    spread(exactlyOnce.map((run, i) => (100 * of(run)) / of(atLeastOnce[i]!)))
  results.push({
    commitIntervalMs,
    commits: exactlyOnce[0]!.commits,
    exactlyOnce: spread(exactlyOnce.map(({ perSecond }) => perSecond)),
    atLeastOnce: spread(atLeastOnce.map(({ perSecond }) => perSecond)),
    percent: ratioOf(({ perSecond }) => perSecond),
    cpuPercent: ratioOf(({ perCpuSecond }) => perCpuSecond),
  })
}
await close()
for (const log of Object.values(logs)) await log.close()
broker.stop()

console.log(JSON.stringify({ bench: 'delivery', events, rounds, results }))
console.log('| commit every | exactly once, events/s | at least once | of it, % | by CPU time, % |')
console.log('| --- | --- | --- | --- | --- |')
for (const { commitIntervalMs, ...measured } of results) {
  const { exactlyOnce, atLeastOnce, percent, cpuPercent } = measured
  const cells = [exactlyOnce, atLeastOnce, percent, cpuPercent].map(
    ({ min, median, max }) => `${min}, ${median}, ${max}`,
  )
  console.log(`| ${commitIntervalMs} ms | ${cells.join(' | ')} |`)
}
console.log('Each cell: least, median, largest of the rounds.')
