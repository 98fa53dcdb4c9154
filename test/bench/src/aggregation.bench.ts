import { aggregatorFold, ledgerOf } from '@tidemark/aggregation'
import { encode, encodeOutput, inputSchemas } from '@tidemark/codec'
import {
  defaultLayout,
  offset,
  type Layout,
  type Output,
  type RecordBatches,
  type RequestBatch,
  type TaskFold,
} from '@tidemark/model'
import { encodeUtf8, writeRecordBatch } from '@tidemark/wire'

// Folds requests from memory: cursor, frame, reader, names, identities, digest, histogram, closing of windows. Prints one line of JSON
// with events per second of CPU time (user and system), the median of several rounds and their range. Three shapes: single events of
// 50 services, batches of 1000 events, and 10,000 services with 20 requests a window each, for which the memory counts.

const rounds = 5
const startMs = 1_700_000_000_000
const layout: Layout = {
  ...defaultLayout,
  limits: { ...defaultLayout.limits, identitiesPerWindow: 4_000_000 },
}
/** Lehmer's generator: the same data every time. */
const random = (() => {
  let state = 42
  return (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
})()

/** Log-normal, median 20 ms. */
const latencyUs = (): number => {
  const normal = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
  return Math.round(20_000 * Math.exp(0.8 * normal))
}
const statusOf = (failed: boolean): number => (failed ? 500 : 200)
const operations = ['GET /cart', 'POST /cart', 'GET /health']
const uuid = (): string => {
  const hex = () =>
    Math.floor(random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0')
  const [a, b, c, d] = [hex(), hex(), hex(), hex()]
  return `${a}-${b.slice(0, 4)}-${b.slice(4)}-${c.slice(0, 4)}-${c.slice(4)}${d}`
}

type Workload = { readonly events: number; readonly pieces: readonly RecordBatches[] }

/** Records of `service(i)` at `timestampMs(i)`, in record batches, handed out in pieces of about 1 MB. */
const workload = (
  records: number,
  eventsPerRecord: number,
  record: (i: number) => { service: string; value: Uint8Array; timestampMs: number },
): Workload => {
  const pieces: RecordBatches[] = []
  let batches: Uint8Array[] = []
  let bytes = 0
  let from = 0
  for (let i = 0; i < records;) {
    const count = Math.min(eventsPerRecord > 1 ? 20 : 500, records - i)
    const entries = Array.from({ length: count }, (_, k) => {
      const { service, value, timestampMs } = record(i + k)
      return { key: encodeUtf8(service), value, timestampMs }
    })
    const batch = writeRecordBatch(entries, i)
    batches.push(batch)
    bytes += batch.length
    i += count
    if (bytes < 1_000_000 && i < records) continue
    pieces.push({
      topic: 'requests',
      partition: 0,
      bytes: new Uint8Array(Buffer.concat(batches)),
      fromOffset: offset(from),
      nextOffset: offset(i),
      endOffset: offset(records),
    })
    batches = []
    bytes = 0
    from = i
  }
  return { events: records * eventsPerRecord, pieces }
}

const singles = (records: number, services: number, perSecond: number): Workload =>
  workload(records, 1, (i) => {
    const service = `service-${i % services}`
    const failed = random() < 0.02
    const timestampMs = startMs + Math.floor((i * 1000) / perSecond)
    const value = encode({
      type: 'RequestObserved',
      id: uuid(),
      service,
      operation: operations[Math.floor(random() * operations.length)]!,
      atUs: timestampMs * 1000 - Math.floor(random() * 2_000_000),
      latencyUs: latencyUs(),
      status: statusOf(failed),
      success: !failed,
    })
    return { service, value, timestampMs }
  })

const batched = (records: number, size: number, perSecond: number): Workload =>
  workload(records, size, (i) => {
    const timestampMs = startMs + Math.floor((i * size * 1000) / perSecond)
    const column = <T>(of: (k: number) => T): T[] => Array.from({ length: size }, (_, k) => of(k))
    const failures = column((k) => k).filter(() => random() < 0.02)
    const failed = new Set(failures)
    const event: RequestBatch = {
      type: 'RequestBatch',
      batchId: uuid(),
      service: `service-${i % 50}`,
      baseUs: timestampMs * 1000 - 1_000_000,
      operations,
      deltaUs: column((k) => k * 1000),
      latencyUs: column(latencyUs),
      status: column((k) => statusOf(failed.has(k))),
      operation: column(() => Math.floor(random() * operations.length)),
      failures,
    }
    return { service: event.service, value: encode(event), timestampMs }
  })

const fold = (pieces: readonly RecordBatches[], emit: (output: Output) => void): TaskFold => {
  const task = aggregatorFold({ layout, partition: 0, schemas: inputSchemas, checkpoint: null })
  for (const piece of pieces) {
    task.feed(piece)
    while (task.work(512, emit));
  }
  return task
}

const measured = ({ events, pieces }: Workload, expectedRowsMin: number) => {
  const perCpuSecond: number[] = []
  let rows = 0
  for (let round = 0; round <= rounds; round++) {
    rows = 0
    const before = process.cpuUsage()
    const task = fold(pieces, ({ topic }) => {
      if (topic === 'aggregates') rows++
    })
    const { user, system } = process.cpuUsage(before)
    const { ledger, open } = ledgerOf(task.checkpoint())[0]!
    if (ledger.aggregated !== events || open > events || rows < expectedRowsMin)
      throw new Error(`${events} events, ${rows} rows: ${JSON.stringify(ledger)}`)
    // The first round warms up.
    if (round > 0) perCpuSecond.push(Math.round((events * 1e6) / (user + system)))
  }
  perCpuSecond.sort((a, b) => a - b)
  return {
    events,
    rows,
    eventsPerCpuSecond: perCpuSecond[Math.floor(rounds / 2)],
    range: [perCpuSecond[0], perCpuSecond.at(-1)],
  }
}

/** What open windows weigh: one window full of services, and another one in its grace. */
const weighed = (services: number, perService: number) => {
  const { pieces, events } = singles(
    services * perService * 2,
    services,
    (services * perService) / 10,
  )
  globalThis.gc?.()
  const before = process.memoryUsage()
  let bytes = 0
  let rows = 0
  const task = fold(pieces, ({ event }) => {
    rows++
    bytes += encodeOutput(event).value.length
  })
  globalThis.gc?.()
  const after = process.memoryUsage()
  const held = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
  return {
    services,
    events,
    rows,
    bytesPerRow: Math.round(bytes / Math.max(1, rows)),
    heldMB: Math.round(held / 1e5) / 10,
    rssMB: Math.round(after.rss / 1e6),
    open: ledgerOf(task.checkpoint())[0]!.open,
  }
}

console.log(
  JSON.stringify({
    row: 'aggregation',
    memory: weighed(10_000, 20),
    single: measured(singles(1_000_000, 50, 50_000), 100),
    manyServices: measured(singles(1_000_000, 10_000, 20_000), 10_000),
    batched: measured(batched(5000, 1000, 200_000), 100),
  }),
)
