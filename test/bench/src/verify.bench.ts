import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { aggregatorFold } from '@tidemark/aggregation'
import { provision, verifyLog } from '@tidemark/assembly'
import { encode, encodeOutput, inputSchemas, tick } from '@tidemark/codec'
import { openEmbeddedLog, type EmbeddedLog } from '@tidemark/log-embedded'
import { defaultLayout, offset, type InputTopic, type Layout } from '@tidemark/model'
import { encodeUtf8, writeRecordBatch, type BatchEntry } from '@tidemark/wire'

// Verifies a log in a folder, and folds the same log by the aggregator alone, in turns. Prints one line of JSON with events per second of CPU
// time (user and system) of both, the median of several rounds and their ratio. Two shapes: single events, and batches of 500.

const rounds = 3
const startMs = 1_767_225_600_000
const services = 50
const layout: Layout = { ...defaultLayout, partitions: 1, timestamps: 'producer' }
const main = join(import.meta.dirname, '../../../apps/cli/src/main.ts')

/** Lehmer's generator: the same data every time. */
const random = (() => {
  let state = 42
  return (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
})()
const below = (limit: number): number => Math.floor(random() * limit)
const uuid = (): string => {
  const hex = Array.from({ length: 32 }, () => below(16).toString(16)).join('')
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5')
}

const single = (timestampMs: number): BatchEntry => {
  const service = `service-${below(services)}`
  const value = encode({
    ...{ type: 'RequestObserved', id: uuid(), service, operation: `GET /${below(3)}` },
    ...{ atUs: timestampMs * 1000, latencyUs: 1000 + below(200_000), status: 200, success: true },
  })
  return { key: encodeUtf8(service), value, timestampMs }
}

const batchEvents = 500
const batch = (timestampMs: number): BatchEntry => {
  const service = `service-${below(services)}`
  const column = (of: () => number): number[] => Array.from({ length: batchEvents }, of)
  const value = encode({
    ...{ type: 'RequestBatch', batchId: uuid(), service, baseUs: timestampMs * 1000 },
    ...{ operations: ['GET /0', 'GET /1', 'GET /2'], deltaUs: column(() => -below(1_000_000)) },
    ...{ latencyUs: column(() => 1000 + below(200_000)), status: column(() => 200) },
    ...{ operation: column(() => below(3)), failures: [] },
  })
  return { key: encodeUtf8(service), value, timestampMs }
}

const fill = async (
  log: EmbeddedLog,
  topic: InputTopic,
  records: number,
  entryAt: (i: number) => BatchEntry,
): Promise<void> => {
  const size = 500
  for (let from = 0; from < records; from += size) {
    const count = Math.min(size, records - from)
    const bytes = writeRecordBatch(
      Array.from({ length: count }, (_, i) => entryAt(from + i)),
      from,
    )
    const nextOffset = offset(from + count)
    await log.importBatches({
      ...{ topic, partition: 0, bytes, fromOffset: offset(from), nextOffset },
      endOffset: nextOffset,
    })
  }
}

/** The aggregator alone: what it emits is encoded, and nothing else is done with it. */
const aggregate = async (log: EmbeddedLog): Promise<void> => {
  const fold = aggregatorFold({ layout, partition: 0, schemas: inputSchemas, checkpoint: null })
  const [bounds] = await log.bounds('requests')
  for (let at = bounds!.startOffset; at < bounds!.endOffset;) {
    const read = { topic: 'requests', partition: 0, fromOffset: at, bytesMax: 4 << 20 } as const
    const batches = await log.read(read)
    fold.feed(batches)
    while (fold.work(1024, ({ event }) => encodeOutput(event)));
    at = batches.nextOffset
  }
}

const verify = async (log: EmbeddedLog): Promise<void> => {
  const everything = { fromUs: null, toUs: null, partitions: null }
  const { signal } = new AbortController()
  const { outcome, unchecked } = await verifyLog(log, layout, { ...everything, signal })
  if (outcome !== 'equal' || unchecked.length > 0)
    throw new Error(`${outcome}: ${JSON.stringify(unchecked)}`)
}

const cpuSeconds = async (work: () => Promise<void>): Promise<number> => {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1]!

const measured = async (
  records: number,
  eventsPerRecord: number,
  perSecond: number,
  entryAt: (timestampMs: number) => BatchEntry,
) => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'))
  try {
    const log = await openEmbeddedLog({ folder })
    await provision(log, layout)
    const seconds = (records * eventsPerRecord) / perSecond
    await fill(log, 'requests', records, (i) =>
      entryAt(startMs + Math.floor((i * eventsPerRecord * 1000) / perSecond)),
    )
    for (const topic of ['health-checks', 'facts'] as const)
      await fill(log, topic, seconds, (i) => ({
        ...{ key: null, value: tick, timestampMs: startMs + i * 1000 },
      }))
    execFileSync(process.execPath, [main, 'start', '--exit-when-caught-up', '--data', folder])
    const events = records * eventsPerRecord
    const rates = { aggregated: [] as number[], verified: [] as number[] }
    for (let round = 0; round <= rounds; round++) {
      const aggregated = events / (await cpuSeconds(() => aggregate(log)))
      const verified = events / (await cpuSeconds(() => verify(log)))
      // The first round warms up.
      if (round === 0) continue
      rates.aggregated.push(Math.round(aggregated))
      rates.verified.push(Math.round(verified))
    }
    await log.close()
    const [aggregated, verified] = [median(rates.aggregated), median(rates.verified)]
    return {
      ...{ events, aggregatedPerCpuSecond: aggregated, verifiedPerCpuSecond: verified },
      ratio: Math.round((100 * verified) / aggregated) / 100,
      rssMB: Math.round(process.memoryUsage().rss / 1e6),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

console.log(
  JSON.stringify({
    row: 'verify',
    single: await measured(1_000_000, 1, 5000, single),
    batched: await measured(10_000, batchEvents, 100_000, batch),
  }),
)
