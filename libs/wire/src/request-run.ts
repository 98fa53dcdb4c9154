import { shortVarint } from './avro-input.ts'
import type { Fingerprint } from './fingerprint.ts'
import { singleObjectHeader, singleObjectHeaderBytes } from './frame.ts'
import type { NameTable } from './name-table.ts'
import { statusMax } from './read-result.ts'
import { openedBatch, stepTo, walkOf, type RecordCursor } from './record-cursor.ts'
import { isEqualRange, viewOf } from './words.ts'

// The hot path of single events. A record of the usual kind is read at one go, by word where it can be, into columns; anything else,
// faults included, ends the run and is left to cursor, frame and reader, the plain versions. Measured in the fold on busy cores: 0.6 us
// an event instead of 0.75. Rows and identities of a run are looked up together, so that many lines of memory are waited for at once.

/** `RequestObserved` events of consecutive records, none of them out of the ordinary; valid below `count`, until it is filled again. */
export type RequestRun = {
  readonly count: number
  /** Numbers in the tables of names. */
  readonly service: Int32Array
  readonly operation: Int32Array
  readonly atUs: Float64Array
  readonly latencyUs: Int32Array
  readonly status: Int32Array
  /** 1: the event failed. */
  readonly failed: Uint8Array
  /** 1: the event has an id, in four little-endian words from 4 i on. */
  readonly hasId: Uint8Array
  readonly idWords: Int32Array
  /** Of the record of the first event; the others follow one by one. */
  readonly firstOffset: number
  /** The largest timestamp of the records. */
  readonly timestampMsMax: number
  /**
   * Steps over records for as long as they are usual: of one batch, in the frame given, key and service equal, names of less than 64
   * bytes that the tables know, values in range, within the bounds. Returns their number; the cursor goes on behind them.
   */
  readonly fill: (cursor: RecordCursor, bounds: RunBounds) => number
}

/** Where a run ends. */
export type RunBounds = {
  /** Records. */
  countMax: number
  /** First offset that is not in it. */
  endOffset: number
  /** First record timestamp that is not in it. */
  endMs: number
  /** Events before it are not in it, nor those that are so far ahead of their record's timestamp. */
  fromUs: number
  aheadUsMax: number
}

/** What of a run is in the processor's nearest cache together: 64 records of some 110 bytes, and the columns. */
export const runRecordsMax = 64

export const requestRun = (
  fingerprint: Fingerprint,
  services: Pick<NameTable, 'lookup'>,
  operations: Pick<NameTable, 'lookup'>,
): RequestRun => {
  const run = emptyRun(singleObjectHeader(fingerprint))
  return Object.assign(run, {
    fill: (cursor: RecordCursor, bounds: RunBounds): number =>
      fill(run, cursor, services, operations, bounds),
  })
}

type Columns = { -readonly [F in Exclude<keyof RequestRun, 'fill'>]: RequestRun[F] } & {
  /** What stands in front of every body. */
  readonly frame: DataView
  /** What was looked at last; its memory may be gone since. */
  bytes: Uint8Array | null
  view: DataView
  /** Of the record at hand. */
  timestampDeltaMs: number
  keyStart: number
  keyEnd: number
  end: number
}

const emptyRun = (header: Uint8Array): Columns => ({
  count: 0,
  service: new Int32Array(runRecordsMax),
  operation: new Int32Array(runRecordsMax),
  atUs: new Float64Array(runRecordsMax),
  latencyUs: new Int32Array(runRecordsMax),
  status: new Int32Array(runRecordsMax),
  failed: new Uint8Array(runRecordsMax),
  hasId: new Uint8Array(runRecordsMax),
  idWords: new Int32Array(4 * runRecordsMax),
  // NaN makes the engine keep these as doubles from the beginning.
  firstOffset: Number.NaN,
  timestampMsMax: Number.NaN,
  frame: new DataView(header.buffer, header.byteOffset, header.length),
  bytes: null,
  view: new DataView(new ArrayBuffer(0)),
  timestampDeltaMs: 0,
  keyStart: 0,
  keyEnd: 0,
  end: 0,
})

const fill = (
  run: Columns,
  cursor: RecordCursor,
  services: Pick<NameTable, 'lookup'>,
  operations: Pick<NameTable, 'lookup'>,
  { countMax, endOffset, endMs, fromUs, aheadUsMax }: RunBounds,
): number => {
  run.count = 0
  const walk = walkOf(cursor)
  if (!openedBatch(walk)) return 0
  const { bytes, batchEnd, baseOffset, baseTimestampMs, isAppendTime, appendTimeMs } = walk
  const { offsetDelta } = walk
  const firstOffset = baseOffset + offsetDelta + 1
  if (firstOffset < walk.fromOffset) return 0
  look(run, bytes)
  // The last record of a batch has to end where the batch does, which is left to the plain version.
  const countEnd = Math.min(countMax, runRecordsMax, walk.left - 1, endOffset - firstOffset)
  let at = walk.at
  let count = 0
  let timestampMsMax = -1
  while (count < countEnd) {
    const valueAt = usualHead(run, bytes, at, batchEnd, offsetDelta + count + 1)
    if (valueAt < 0) break
    const timestampMs = isAppendTime ? appendTimeMs : baseTimestampMs + run.timestampDeltaMs
    if (timestampMs < 0 || timestampMs >= endMs) break
    if (!usualBody(run, bytes, valueAt, count, services, operations)) break
    const atUs = run.atUs[count]!
    if (atUs < fromUs || atUs > timestampMs * 1000 + aheadUsMax) break
    if (timestampMs > timestampMsMax) timestampMsMax = timestampMs
    at = run.end
    count++
  }
  if (count > 0) stepTo(walk, at, count)
  run.count = count
  run.timestampMsMax = timestampMsMax
  run.firstOffset = firstOffset
  return count
}

/**
 * Where the value of the record at `at` starts, or -1 when the record is not usual: no longer than its batch, the next offset, a key of
 * less than 64 bytes, no headers. `end`, `timestampDeltaMs`, `keyStart` and `keyEnd` are set.
 */
const usualHead = (
  run: Columns,
  bytes: Uint8Array,
  recordAt: number,
  batchEnd: number,
  offsetDelta: number,
): number => {
  // What is read here before a length says how much there is: at most 17 bytes.
  if (batchEnd - recordAt < recordBytesMin) return -1
  const length = shortVarint(bytes, recordAt)
  const start = recordAt + (length & 7)
  const end = start + (length >>> 4)
  if ((length & 15) === 0 || (length & 8) !== 0 || end > batchEnd || end - start < recordBytesMin)
    return -1
  const timestamp = shortVarint(bytes, start + 1)
  const offsetAt = start + 1 + (timestamp & 7)
  const offset = shortVarint(bytes, offsetAt)
  const keyAt = offsetAt + (offset & 7)
  const keyLength = bytes[keyAt]!
  const keyStart = keyAt + 1
  const keyEnd = keyStart + (keyLength >>> 1)
  if (timestamp === 0 || offset >>> 3 !== 2 * offsetDelta || (keyLength & 0x81) !== 0) return -1
  // A length of at most two bytes, the frame and the branch of the id have room.
  if (keyEnd + 14 > end) return -1
  const valueLength = shortVarint(bytes, keyEnd)
  const valueAt = keyEnd + (valueLength & 7)
  // One byte is left for the number of headers, which is 0.
  if (valueAt + (valueLength >>> 4) !== end - 1 || bytes[end - 1] !== 0) return -1
  if (valueLength === 0 || (valueLength & 8) !== 0) return -1
  run.timestampDeltaMs = (timestamp >>> 4) ^ -((timestamp >>> 3) & 1)
  run.keyStart = keyStart
  run.keyEnd = keyEnd
  run.end = end
  return valueAt
}

/** Opens the frame and reads the body behind it into the columns at `i`; false when anything about it is not usual. */
const usualBody = (
  run: Columns,
  bytes: Uint8Array,
  valueAt: number,
  i: number,
  services: Pick<NameTable, 'lookup'>,
  operations: Pick<NameTable, 'lookup'>,
): boolean => {
  const { view, frame, keyStart, keyEnd } = run
  const bodyAt = valueAt + singleObjectHeaderBytes
  const end = run.end - 1
  if (end - bodyAt < 2) return false
  if (view.getInt32(valueAt) !== frame.getInt32(0)) return false
  if (view.getInt32(valueAt + 4) !== frame.getInt32(4)) return false
  if (view.getInt16(valueAt + 8) !== frame.getInt16(8)) return false
  const branch = bytes[bodyAt]!
  if (branch !== 0 && branch !== 2) return false
  const serviceAt = branch === 2 ? bodyAt + 17 : bodyAt + 1
  // The length of a name of less than 64 bytes is one byte: twice as much.
  const keyLength = keyEnd - keyStart
  const operationAt = serviceAt + 1 + keyLength
  if (operationAt >= end || bytes[serviceAt] !== 2 * keyLength) return false
  if (!isEqualRange(view, keyStart, keyEnd, view, serviceAt + 1)) return false
  const operationLength = bytes[operationAt]!
  const operationEnd = operationAt + 1 + (operationLength >>> 1)
  if ((operationLength & 0x81) !== 0 || end - operationEnd < 11) return false
  if (!usualNumbers(run, bytes, operationEnd, end, i)) return false
  const service = services.lookup(bytes, keyStart, keyEnd)
  const operation = operations.lookup(bytes, operationAt + 1, operationEnd)
  if (service < 0 || operation < 0) return false
  run.service[i] = service
  run.operation[i] = operation
  run.hasId[i] = branch >>> 1
  if (branch === 0) return true
  const { idWords } = run
  idWords[4 * i] = view.getInt32(bodyAt + 1, true)
  idWords[4 * i + 1] = view.getInt32(bodyAt + 5, true)
  idWords[4 * i + 2] = view.getInt32(bodyAt + 9, true)
  idWords[4 * i + 3] = view.getInt32(bodyAt + 13, true)
  return true
}

/** Eight bytes of time (1978 to 2255), one to four of the latency (134 s), one or two of the status, one of success, and the end. */
const usualNumbers = (
  run: Columns,
  bytes: Uint8Array,
  at: number,
  end: number,
  i: number,
): boolean => {
  const { view } = run
  const low = view.getInt32(at, true)
  const high = view.getInt32(at + 4, true)
  const last = high >>> 24
  // Seven bytes that go on, one that ends; bit 0 is the sign; with a last byte below 0x20 the value is below 2^53.
  if ((low & 0x8080_8081) !== (0x8080_8080 | 0) || (high & 0x8080_8080) !== 0x80_8080) return false
  if (last === 0 || last >= 0x20) return false
  const latency = shortVarint(bytes, at + 8)
  const statusAt = at + 8 + (latency & 7)
  if (latency === 0 || (latency & 8) !== 0 || end - statusAt < 2) return false
  const status = shortVarint(bytes, statusAt)
  const successAt = statusAt + (status & 7)
  if (status === 0 || (status & 8) !== 0 || status >>> 4 > statusMax) return false
  const success = bytes[successAt]!
  if (successAt + 1 !== end || success > 1) return false
  // 27 bits, of which bit 0 was the sign, and 26.
  const low27 =
    ((low >>> 1) & 0x3f) |
    ((low >>> 2) & 0x1fc0) |
    ((low >>> 3) & 0xf_e000) |
    ((low >>> 4) & 0x7f0_0000)
  const high26 =
    (high & 0x7f) |
    ((high >>> 1) & 0x3f80) |
    ((high >>> 2) & 0x1f_c000) |
    ((high >>> 3) & 0x3e0_0000)
  run.atUs[i] = high26 * 0x800_0000 + low27
  run.latencyUs[i] = latency >>> 4
  run.status[i] = status >>> 4
  run.failed[i] = 1 - success
  return true
}

const look = (run: Columns, bytes: Uint8Array): void => {
  if (run.bytes === bytes) return
  run.bytes = bytes
  run.view = viewOf(bytes)
}

/** Attributes 1, two deltas, key length and key 2, value length 1, frame 10, branch 1, two names 3, numbers 11, headers 1. */
const recordBytesMin = 32
