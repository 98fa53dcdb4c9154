import { inputSchemas, recordReader } from '@tidemark/codec'
import type { RecordBatches } from '@tidemark/model'
import {
  addIdentity,
  batchBytesAt,
  batchCrcMatches,
  frameReader,
  identitySet,
  nameTable,
  recordCursor,
  requestObservedReader,
  sum64,
} from '@tidemark/wire'
import { byteSum } from '../baselines/byte-sum.ts'
import { measured } from '../harness/measured.ts'
import { randomOf } from '../harness/random.ts'
import type { Row, Side } from '../harness/row.ts'
import { short } from '../harness/table.ts'
import { singleEvents, type Workload } from '../workload.ts'

// What walking records in place costs, stage by stage, each with those before it; beside a plain loop that adds up the same bytes, which says
// more than the figure itself on a shared machine. Each stage comes to a sum that avsc's reader of whole events comes to as well.

const usualRecords = 500_000
/** Windows of some thousand identities each, as in an aggregator. */
const identitiesPerWindow = 20_000
const services = 50

type Stage = {
  readonly name: string
  readonly work: (pieces: readonly RecordBatches[]) => number
  /** What that comes to. */
  readonly sum: (expected: Expected) => number
}

type Expected = {
  readonly records: number
  readonly bytes: number
  readonly byteSum: number
  readonly valueBytes: number
  readonly latencyUsTotal: number
}

const checksums = (pieces: readonly RecordBatches[]): number => {
  let checked = 0
  for (const { bytes } of pieces)
    for (let at = 0, length; (length = batchBytesAt(bytes, at)) !== 0; at += length)
      if (batchCrcMatches(bytes, at, length)) checked += length
  return checked
}

const records = (pieces: readonly RecordBatches[]): number => {
  const cursor = recordCursor()
  let sum = 0
  for (const piece of pieces) {
    cursor.open(piece)
    while (cursor.next()) sum += cursor.valueEnd - cursor.valueStart
  }
  return sum
}

const requests = (pieces: readonly RecordBatches[]): number => {
  const [cursor, frames, request] = readers()
  let sum = 0
  for (const piece of pieces) {
    const { bytes } = piece
    cursor.open(piece)
    while (cursor.next()) {
      if (frames.read(bytes, cursor.valueStart, cursor.valueEnd) !== 'RequestObserved') continue
      if (request.read(bytes, frames.bodyStart, cursor.valueEnd) === 'ok') sum += request.latencyUs
    }
  }
  return sum
}

const requestsByName = (pieces: readonly RecordBatches[]): number => {
  const [cursor, frames, request] = readers()
  const names = nameTable(1000)
  const identities = identitySet()
  const digest = sum64()
  let seen = 0
  for (const piece of pieces) {
    const { bytes } = piece
    cursor.open(piece)
    while (cursor.next()) {
      if (frames.read(bytes, cursor.valueStart, cursor.valueEnd) !== 'RequestObserved') continue
      request.read(bytes, frames.bodyStart, cursor.valueEnd)
      const { serviceStart, serviceEnd } = request
      let service = names.lookup(bytes, serviceStart, serviceEnd)
      if (service === -1) service = names.add(bytes, serviceStart, serviceEnd, 'service')
      if (identities.add(bytes, request.idStart, service)) {
        addIdentity(digest, bytes, request.idStart)
        seen++
      }
      if (identities.size() === identitiesPerWindow) identities.clear()
    }
  }
  if (names.size() !== services) throw new Error(`${names.size()} of ${services} services`)
  return seen
}

const readers = () =>
  [recordCursor(), frameReader(inputSchemas.frames), requestObservedReader()] as const

const plain = 'plain loop over the bytes'

const stages: readonly Stage[] = [
  {
    name: plain,
    work: (pieces) => pieces.reduce((sum, { bytes }) => (sum + byteSum(bytes)) | 0, 0),
    sum: (expected) => expected.byteSum | 0,
  },
  { name: 'CRC-32C of batches', work: checksums, sum: ({ bytes }) => bytes },
  { name: 'records', work: records, sum: ({ valueBytes }) => valueBytes },
  { name: 'and their fields', work: requests, sum: ({ latencyUsTotal }) => latencyUsTotal },
  { name: 'and names, identities', work: requestsByName, sum: (expected) => expected.records },
]

/** By the reader that makes whole events, and by Node's own sums. */
const expectedOf = ({ events, pieces }: Workload): Expected => {
  const reader = recordReader()
  let [valueBytes, latencyUsTotal] = [0, 0]
  for (const piece of pieces) {
    reader.open(piece)
    for (let record = reader.next(); record !== null; record = reader.next()) {
      const { decoded, value } = record
      if (!decoded.ok || decoded.event.type !== 'RequestObserved')
        throw new Error('a record of the workload is no request')
      valueBytes += value!.length
      latencyUsTotal += decoded.event.latencyUs
    }
  }
  return {
    ...{ records: events, valueBytes, latencyUsTotal },
    bytes: pieces.reduce((sum, { bytes }) => sum + bytes.length, 0),
    byteSum: pieces.reduce((sum, { bytes }) => bytes.reduce((of, byte) => of + byte, sum), 0),
  }
}

export const wire: Row = {
  name: 'wire',
  title: 'Walking records in place',
  promises: stages.flatMap(({ name: side }) => [
    { what: 'ns of CPU a record', side, figure: 'cpuNsPerEvent' },
    ...(side === plain
      ? []
      : [{ what: 'CPU time', side, figure: 'cpuNsPerEvent', against: plain }]),
  ]),
  open: ({ scale, seed }) => {
    const random = randomOf(seed)
    const workload = singleEvents({
      ...{ random, events: usualRecords * scale, services, eventsPerSecond: 50_000 },
    })
    const expected = expectedOf(workload)
    const { events, pieces } = workload
    const sides = stages.map(({ name, work, sum }): Side => ({
      name,
      run: async () => {
        let result = 0
        const took = await measured(() => void (result = work(pieces)))
        if (result !== sum(expected))
          throw new Error(`${name}: ${result} where ${sum(expected)} was expected`)
        return { events, ...took }
      },
    }))
    const bytesPerRecord = Math.round(expected.bytes / events)
    return Promise.resolve({
      conditions: `${short(events)} single events of ${services} services, ${bytesPerRecord} bytes a record`,
      sides,
    })
  },
}
