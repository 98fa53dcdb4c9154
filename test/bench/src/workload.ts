import { encode } from '@tidemark/codec'
import { offset, type RecordBatches, type RequestBatch } from '@tidemark/model'
import { encodeUtf8, writeRecordBatch } from '@tidemark/wire'
import { latencyUs, uuid, type Random } from './harness/random.ts'

/** Requests as a log hands them out: record batches, in pieces of about 1 MB. */
export type Workload = { readonly events: number; readonly pieces: readonly RecordBatches[] }

export const startMs = 1_700_000_000_000
const usualOperations = ['GET /cart', 'POST /cart', 'GET /health']
const failureShare = 0.02

export type Shape = {
  readonly random: Random
  readonly events: number
  readonly services: number
  /** Number of the first service, where others have been used elsewhere. Default 0. */
  readonly firstService?: number
  readonly eventsPerSecond: number
  /** By default three. */
  readonly operations?: readonly string[]
  /** Whether single events have one each. Default true. */
  readonly ids?: boolean
}

/** Single events with an id each, of all services in turn, up to 2 s out of order. */
export const singleEvents = ({
  random,
  events,
  services,
  firstService = 0,
  eventsPerSecond,
  operations = usualOperations,
  ids = true,
}: Shape): Workload =>
  workload(events, 1, (i) => {
    const service = `service-${firstService + (i % services)}`
    const failed = random() < failureShare
    const timestampMs = startMs + Math.floor((i * 1000) / eventsPerSecond)
    const value = encode({
      type: 'RequestObserved',
      id: ids ? uuid(random) : null,
      service,
      operation: operations[Math.floor(random() * operations.length)]!,
      atUs: timestampMs * 1000 - Math.floor(random() * 2_000_000),
      latencyUs: latencyUs(random),
      status: failed ? 500 : 200,
      success: !failed,
    })
    return { service, value, timestampMs }
  })

export const batchEvents = 1000

/** Batches of 1000 events of a service. */
export const eventBatches = ({
  random,
  events,
  services,
  firstService = 0,
  eventsPerSecond,
  operations = usualOperations,
}: Shape): Workload =>
  workload(events / batchEvents, batchEvents, (i) => {
    const timestampMs = startMs + Math.floor((i * batchEvents * 1000) / eventsPerSecond)
    const column = <T>(of: (k: number) => T): T[] =>
      Array.from({ length: batchEvents }, (_, k) => of(k))
    const failures = column((k) => k).filter(() => random() < failureShare)
    const failed = new Set(failures)
    const event: RequestBatch = {
      type: 'RequestBatch',
      batchId: uuid(random),
      service: `service-${firstService + (i % services)}`,
      baseUs: timestampMs * 1000 - 1_000_000,
      operations,
      deltaUs: column((k) => k * 1000),
      latencyUs: column(() => latencyUs(random)),
      status: column((k) => (failed.has(k) ? 500 : 200)),
      operation: column(() => Math.floor(random() * operations.length)),
      failures,
    }
    return { service: event.service, value: encode(event), timestampMs }
  })

const pieceBytes = 1_000_000

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
    if (bytes < pieceBytes && i < records) continue
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
