import { offset } from '@tidemark/model'
import {
  addIdentity,
  batchBytesAt,
  crc32c,
  crc64Avro,
  encodeUtf8,
  frameReader,
  identitySet,
  nameTable,
  recordCursor,
  requestObservedReader,
  singleObjectHeader,
  sum64,
  writeRecordBatch,
} from '@tidemark/wire'

// Walks a million RequestObserved in place. Prints one line of JSON: nanoseconds a record of each stage, best of several rounds, and
// the ratio to a plain loop over the same bytes in the same run, which says more than the figure itself on a shared machine.

const records = 1_000_000
const recordsPerBatch = 500
const rounds = 15

const varint = (value: number): number[] => {
  const bytes: number[] = []
  for (let rest = BigInt(value) * 2n; ; rest >>= 7n) {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0))
    if (rest <= 0x7fn) return bytes
  }
}

const text = (value: string): number[] => [...varint(value.length), ...encodeUtf8(value)]

const fingerprint = crc64Avro(encodeUtf8('RequestObserved'))
const frame = [...singleObjectHeader(fingerprint)]
const serviceOf = (i: number): string => `service-${i % 50}`

/** A value of about 65 bytes, frame and id included. */
const valueOf = (i: number): Uint8Array =>
  Uint8Array.from([
    ...frame,
    ...[2, i, i >>> 8, i >>> 16, 0, ...Array.from({ length: 12 }, (_, k) => (i * (k + 7)) >>> 3)],
    ...text(serviceOf(i)),
    ...text('GET /cart'),
    ...varint(1_700_000_000_000_000 + 1000 * i),
    ...varint(20_000 + (i % 1000) * 97),
    ...varint(200),
    1,
  ])

const written = (): Uint8Array => {
  const batches: Uint8Array[] = []
  for (let i = 0; i < records; i += recordsPerBatch)
    batches.push(
      writeRecordBatch(
        Array.from({ length: recordsPerBatch }, (_, k) => ({
          key: encodeUtf8(serviceOf(i + k)),
          value: valueOf(i + k),
          timestampMs: 1_700_000_000_000 + i + k,
        })),
        i,
      ),
    )
  return new Uint8Array(Buffer.concat(batches))
}

const bytes = written()
const fromOffset = offset(0)
const frames = frameReader({
  fingerprints: [{ fingerprint, schema: 'RequestObserved' }],
  registryIds: null,
})

const stages = {
  /** The yardstick: the sum of all bytes. */
  plainLoop: (): number => {
    let sum = 0
    for (let i = 0; i < bytes.length; i++) sum = (sum + bytes[i]!) | 0
    return sum
  },
  crc32c: (): number => {
    let sum = 0
    for (let at = 0, length; (length = batchBytesAt(bytes, at)) !== 0; at += length)
      sum ^= crc32c(bytes, at, at + length)
    return sum
  },
  cursor: (): number => {
    const cursor = recordCursor()
    let sum = 0
    cursor.open({ bytes, fromOffset })
    while (cursor.next()) sum += cursor.valueEnd - cursor.valueStart
    return sum
  },
  cursorAndReader: (): number => {
    const cursor = recordCursor()
    const request = requestObservedReader()
    let sum = 0
    cursor.open({ bytes, fromOffset })
    while (cursor.next()) {
      if (frames.read(bytes, cursor.valueStart, cursor.valueEnd) === null) throw new Error('frame')
      const result = request.read(bytes, frames.bodyStart, cursor.valueEnd)
      if (result !== 'ok') throw new Error(request.detail)
      sum += request.latencyUs
    }
    return sum
  },
  cursorReaderNamesIdentities: (): number => {
    const cursor = recordCursor()
    const request = requestObservedReader()
    const services = nameTable(1000)
    const identities = identitySet()
    const digest = sum64()
    let sum = 0
    cursor.open({ bytes, fromOffset })
    while (cursor.next()) {
      if (frames.read(bytes, cursor.valueStart, cursor.valueEnd) === null) throw new Error('frame')
      request.read(bytes, frames.bodyStart, cursor.valueEnd)
      const { serviceStart, serviceEnd } = request
      let service = services.lookup(bytes, serviceStart, serviceEnd)
      if (service === -1) service = services.add(bytes, serviceStart, serviceEnd, 'service')
      if (identities.add(bytes, request.idStart, 0)) addIdentity(digest, bytes, request.idStart)
      // Windows of some thousand identities each, as in an aggregator.
      if (identities.size() === 20_000) identities.clear()
      sum += service
    }
    return sum + digest.low
  },
}

const nsPerRecord = (stage: () => number): number => {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const start = process.hrtime.bigint()
    stage()
    best = Math.min(best, Number(process.hrtime.bigint() - start) / records)
  }
  return best
}

const measured = Object.entries(stages).map(([name, stage]) => [name, nsPerRecord(stage)] as const)
const yardstick = measured[0]![1]
console.log(
  JSON.stringify({
    records,
    bytesPerValue: valueOf(1).length,
    bytesPerRecord: Math.round((10 * bytes.length) / records) / 10,
    nsPerRecord: Object.fromEntries(measured.map(([name, ns]) => [name, Math.round(10 * ns) / 10])),
    timesPlainLoop: Object.fromEntries(
      measured.map(([name, ns]) => [name, Math.round((100 * ns) / yardstick) / 100]),
    ),
  }),
)
