import { encode, partitionOfService } from '@tidemark/codec'
import { defaultLayout, invariant, offset, type RequestBatch } from '@tidemark/model'
import {
  attributesAt,
  crc32c,
  recordCursor,
  requestBatchReader,
  requestObservedReader,
  splitBySize,
  writeRecordBatch,
  type BatchEntry,
} from '@tidemark/wire'
import { latencyUs, uuid, type Random } from '../harness/random.ts'
import { sampleOf, type Sample } from './expected-windows.ts'

/**
 * Requests of all services for the length of one window. What takes long, drawing latencies and encoding, is done once; the same bytes are
 * then moved from window to window, and get other identities there. So tens of millions of events are loaded in seconds.
 */
export type RequestRound = {
  readonly events: number
  /** Of each partition, in the order of their timestamps. */
  readonly batches: readonly (readonly MovableBatch[])[]
  /** Latencies and failures of what falls into the window of the round, and into the one before it. */
  readonly own: ReadonlyMap<string, Sample>
  readonly before: ReadonlyMap<string, Sample>
}

/** A record batch, in Kafka's format, of which times and identities are changed in place when it is moved. */
export type MovableBatch = {
  readonly bytes: Uint8Array
  readonly records: number
  /** Timestamps of its first record and the largest of all, from the beginning of the round. */
  readonly baseAfterMs: number
  readonly maxAfterMs: number
  /** Of each record: where the time of the request, or the base time of the batch of requests, stands, and the identity; and that time. */
  readonly timeAt: Int32Array
  readonly idAt: Int32Array
  readonly atAfterUs: Float64Array
}

export type RoundShape = {
  readonly random: Random
  readonly events: number
  readonly services: number
  readonly partitions: number
}

export const roundMs = defaultLayout.windowUs / 1000
export const batchEvents = 1000

const roundUs = defaultLayout.windowUs
const operations = ['GET /cart', 'POST /cart', 'GET /health']
const failureShare = 0.02
const disorderUsMax = 2_000_000

/** Single requests, each with an id: all services in turn, up to 2 s out of order. */
export const singleRound = ({ random, events, services, partitions }: RoundShape): RequestRound => {
  const collected = collect(partitions)
  const heads = Array.from({ length: services }, (_, i) => singleHeads(`service-${i}`))
  const scratch = new Uint8Array(256)
  for (let i = 0; i < events; i++) {
    const service = i % services
    const afterMs = Math.floor((i * roundMs) / events)
    const atAfterUs = afterMs * 1000 - Math.floor(random() * disorderUsMax)
    const failed = random() < failureShare
    const latency = latencyUs(random)
    const head = heads[service]![Math.floor(random() * operations.length)]!
    scratch.set(head.bytes)
    for (let k = 0; k < 16; k++) scratch[head.idAt + k] = random() * 256
    let end = putLong(scratch, head.timeAt, firstRoundUs + atAfterUs)
    end = putLong(scratch, end, latency)
    end = putLong(scratch, end, failed ? 500 : 200)
    scratch[end++] = failed ? 0 : 1
    const placed = { timestampMs: afterMs, atAfterUs, timeAt: head.timeAt, idAt: head.idAt }
    collected.add(`service-${service}`, scratch.slice(0, end), placed)
    collected.count(`service-${service}`, atAfterUs, latency, failed)
  }
  return collected.round(events)
}

/** Batches of 1000 requests of one service each, all services in turn; those of a batch happened one after the other. */
export const batchRound = ({ random, events, services, partitions }: RoundShape): RequestRound => {
  const collected = collect(partitions)
  const batches = Math.floor(events / batchEvents)
  const turns = Math.ceil(batches / services)
  const spanUs = Math.floor(roundUs / turns)
  const reader = requestBatchReader()
  for (let i = 0; i < batches; i++) {
    const service = `service-${i % services}`
    const baseAfterUs = Math.floor(i / services) * spanUs
    const column = <T>(of: (k: number) => T): T[] =>
      Array.from({ length: batchEvents }, (_, k) => of(k))
    const latencies = column(() => latencyUs(random))
    const failures = column((k) => k).filter(() => random() < failureShare)
    const failed = new Set(failures)
    const event: RequestBatch = {
      ...{ type: 'RequestBatch', batchId: uuid(random), service, operations, failures },
      baseUs: firstRoundUs + baseAfterUs,
      deltaUs: column((k) => Math.floor((k * spanUs) / batchEvents)),
      latencyUs: latencies,
      status: column((k) => (failed.has(k) ? 500 : 200)),
      operation: column(() => Math.floor(random() * operations.length)),
    }
    const value = encode(event)
    requireOk(reader.read(value, headerBytes, value.length), reader.detail)
    // A batch is sent when its last request is over.
    const afterMs = Math.floor((baseAfterUs + spanUs) / 1000) - 1
    const placed = { timestampMs: afterMs, atAfterUs: baseAfterUs, timeAt: reader.serviceEnd }
    collected.add(service, value, { ...placed, idAt: reader.batchIdStart })
    for (let k = 0; k < batchEvents; k++)
      collected.count(service, baseAfterUs + event.deltaUs[k]!, latencies[k]!, failed.has(k))
  }
  return collected.round(batches * batchEvents)
}

/** Moves a batch to the round that begins `rounds` windows after the first one. */
export const moveTo = (batch: MovableBatch, rounds: number): void => {
  const { bytes, baseAfterMs, maxAfterMs, timeAt, atAfterUs, idAt } = batch
  const startUs = firstRoundUs + rounds * roundUs
  for (let i = 0; i < timeAt.length; i++) {
    putLong(bytes, timeAt[i]!, startUs + atAfterUs[i]!)
    // The rest of an identity is random, so two bytes for the round keep it from being met twice.
    bytes[idAt[i]!] = rounds
    bytes[idAt[i]! + 1] = rounds >>> 8
  }
  const header = new DataView(bytes.buffer, bytes.byteOffset)
  header.setBigInt64(baseTimestampAt, BigInt(startUs / 1000 + baseAfterMs))
  header.setBigInt64(maxTimestampAt, BigInt(startUs / 1000 + maxAfterMs))
  header.setUint32(crcAt, crc32c(bytes, attributesAt))
}

const crcAt = 17
const baseTimestampAt = 27
const maxTimestampAt = 35

/** A window begins here. */
export const firstRoundUs = 1_700_000_000_000_000

const headerBytes = 10

/** The bytes of a single request up to its time, for each operation. */
const singleHeads = (service: string) =>
  operations.map((operation) => {
    const value = encode({
      ...{ type: 'RequestObserved', id: '00000000-0000-0000-0000-000000000000', service },
      ...{ operation, atUs: firstRoundUs, latencyUs: 1, status: 200, success: true },
    })
    const reader = requestObservedReader()
    requireOk(reader.read(value, headerBytes, value.length), reader.detail)
    const timeAt = reader.operationEnd
    return { bytes: value.slice(0, timeAt), timeAt, idAt: reader.idStart }
  })

const requireOk = (result: string, detail: string): void =>
  invariant(result === 'ok', `the reader says ${result} of what was encoded: ${detail}`)

/** Avro's long of a number from 0 to 2^52; times of this century all take eight bytes. Returns where it ends. */
const putLong = (bytes: Uint8Array, start: number, value: number): number => {
  let rest = 2 * value
  let at = start
  while (rest >= 128) {
    bytes[at++] = (rest % 128) | 128
    rest = Math.floor(rest / 128)
  }
  bytes[at++] = rest
  return at
}

type Placed = {
  /** From the beginning of the round, as all times here; positions are those in the value. */
  readonly timestampMs: number
  readonly atAfterUs: number
  readonly timeAt: number
  readonly idAt: number
}

type PlacedEntry = BatchEntry & Placed

const collect = (partitions: number) => {
  const entries: PlacedEntry[][] = Array.from({ length: partitions }, () => [])
  const own = new Map<string, Latencies>()
  const before = new Map<string, Latencies>()
  const places = new Map<string, ReturnType<typeof partitionOfService>>()
  const placeOf = (service: string) => {
    const place = places.get(service) ?? partitionOfService(service, partitions)
    places.set(service, place)
    return place
  }
  return {
    add: (service: string, value: Uint8Array, placed: Placed): void => {
      const { key, partition } = placeOf(service)
      entries[partition]!.push({ key, value, ...placed })
    },
    count: (service: string, afterUs: number, latency: number, failed: boolean): void => {
      const counts = afterUs < 0 ? before : own
      let of = counts.get(service)
      if (of === undefined) counts.set(service, (of = { latenciesUs: [], errors: 0 }))
      of.latenciesUs.push(latency)
      if (failed) of.errors++
    },
    round: (events: number): RequestRound => ({
      events,
      batches: entries.map(batchesOf),
      own: samplesOf(own),
      before: samplesOf(before),
    }),
  }
}

type Latencies = { readonly latenciesUs: number[]; errors: number }

const samplesOf = (counts: ReadonlyMap<string, Latencies>): ReadonlyMap<string, Sample> =>
  new Map(
    [...counts].map(([service, { latenciesUs, errors }]) => [
      service,
      sampleOf(latenciesUs, errors),
    ]),
  )

/** As large as a busy producer's. */
const batchBytesMax = 64 * 1024

const batchesOf = (entries: readonly PlacedEntry[]): readonly MovableBatch[] =>
  splitBySize(entries, batchBytesMax).map((some) => {
    const bytes = writeRecordBatch(some, 0)
    const starts = valueStarts(bytes)
    return {
      bytes,
      records: some.length,
      baseAfterMs: some[0]!.timestampMs,
      maxAfterMs: some.reduce((max, { timestampMs }) => Math.max(max, timestampMs), 0),
      timeAt: Int32Array.from(some, ({ timeAt }, i) => starts[i]! + timeAt),
      idAt: Int32Array.from(some, ({ idAt }, i) => starts[i]! + idAt),
      atAfterUs: Float64Array.from(some, ({ atAfterUs }) => atAfterUs),
    }
  })

const valueStarts = (bytes: Uint8Array): readonly number[] => {
  const cursor = recordCursor()
  cursor.open({ bytes, fromOffset: offset(0) })
  const starts: number[] = []
  while (cursor.next()) starts.push(cursor.valueStart)
  return starts
}
