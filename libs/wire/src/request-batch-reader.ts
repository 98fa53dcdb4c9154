import {
  avroInput,
  closeBlock,
  closeInput,
  fail,
  openInput,
  readBlock,
  readInt,
  readLong,
  skipFixed,
  skipString,
  unsafeLong,
  type AvroInput,
} from './avro-input.ts'
import { atFault, latencyFault, statusFault, statusMax, type ReadResult } from './read-result.ts'
import { viewOf } from './words.ts'

/** The most events and operations that one batch may hold. */
export const batchEventsMax = 65_536
export const batchOperationsMax = 4096

/**
 * The last `RequestBatch` read, overwritten by the next. Ranges are half-open positions in the bytes given. The columns may be
 * longer than `count` and are replaced when they grow: take them anew after every read.
 */
export type RequestBatchReader = {
  /** 16 bytes. */
  readonly batchIdStart: number
  readonly serviceStart: number
  readonly serviceEnd: number
  readonly baseUs: number
  readonly count: number
  readonly operationCount: number
  /** Range of each name in the dictionary. */
  readonly operationStart: Int32Array
  readonly operationEnd: Int32Array
  /** Event i happened at `baseUs + deltaUs[i]`. */
  readonly deltaUs: Float64Array
  readonly latencyUs: Float64Array
  readonly status: Int32Array
  /** Index into the dictionary. */
  readonly operation: Int32Array
  /** 1: the event failed. */
  readonly failed: Uint8Array
  /** Events with a value out of range: `badIndexes[0, badCount)`, ascending. The others are good. */
  readonly badCount: number
  readonly badIndexes: Int32Array
  /** What is wrong, of the first bad event, unless the last result was `ok`. */
  readonly detail: string
  /** Reads the body in `bytes[start, end)`, which it must fill exactly. `bad_value`: at least one event is bad. */
  readonly read: (bytes: Uint8Array, start: number, end: number) => ReadResult
}

export const requestBatchReader = (): RequestBatchReader => {
  const input = avroInput()
  let view: DataView | null = null
  const batch: Fields = {
    batchIdStart: 0,
    serviceStart: 0,
    serviceEnd: 0,
    baseUs: Number.NaN,
    count: 0,
    operationCount: 0,
    operationStart: new Int32Array(16),
    operationEnd: new Int32Array(16),
    ...columns(64),
    badCount: 0,
    detail: '',
  }
  return Object.assign(batch, {
    read: (bytes: Uint8Array, start: number, end: number): ReadResult => {
      if (view === null || input.bytes !== bytes) view = viewOf(bytes)
      openInput(input, bytes, start, end)
      return read(input, view, batch)
    },
  })
}

type Fields = { -readonly [F in Exclude<keyof RequestBatchReader, 'read'>]: RequestBatchReader[F] }

const columns = (capacity: number) => ({
  deltaUs: new Float64Array(capacity),
  latencyUs: new Float64Array(capacity),
  status: new Int32Array(capacity),
  operation: new Int32Array(capacity),
  failed: new Uint8Array(capacity),
  badIndexes: new Int32Array(capacity),
})

/** In the order of schemas/RequestBatch.avsc. */
const read = (input: AvroInput, view: DataView, batch: Fields): ReadResult => {
  batch.batchIdStart = skipFixed(input, 16)
  batch.serviceStart = skipString(input)
  batch.serviceEnd = input.at
  batch.baseUs = readLong(input)
  batch.badCount = 0
  readOperations(input, batch)
  const deltas = readDeltas(input, view, batch)
  const latencies = readLongColumn(input, view, 'latencyUs', batch.latencyUs, batch.count)
  const statuses = readIntColumn(input, view, 'status', batch.status, batch.count)
  readIntColumn(input, view, 'operation', batch.operation, batch.count)
  readFailures(input, batch)
  if (input.fault === null) checkOperations(input, batch)
  const fault = closeInput(input)
  if (fault !== null) {
    batch.detail = fault
    batch.count = 0
    return 'bad_avro'
  }
  if (!areGood(batch.baseUs, deltas, latencies, statuses)) findBadEvents(batch)
  if (batch.badCount === 0) return 'ok'
  batch.detail = detailOf(batch, batch.badIndexes[0]!)
  return 'bad_value'
}

const readOperations = (input: AvroInput, batch: Fields): void => {
  let count = 0
  for (let items; (items = readBlock(input, 1, batchOperationsMax - count)) !== 0;) {
    const total = count + items
    if (total > batch.operationStart.length) {
      batch.operationStart = grown(batch.operationStart, total)
      batch.operationEnd = grown(batch.operationEnd, total)
    }
    for (; count < total; count++) {
      batch.operationStart[count] = skipString(input)
      batch.operationEnd[count] = input.at
    }
    closeBlock(input)
  }
  batch.operationCount = count
}

/** The first column decides how many events there are. */
const readDeltas = (input: AvroInput, view: DataView, batch: Fields): number => {
  let count = 0
  let seen = 0
  for (let items; (items = readBlock(input, 1, batchEventsMax - count)) !== 0;) {
    const total = count + items
    if (total > batch.deltaUs.length) growColumns(batch, total)
    seen |= readLongs(input, view, batch.deltaUs, count, total)
    count = total
    closeBlock(input)
  }
  batch.count = count
  return seen
}

const growColumns = (batch: Fields, count: number): void => {
  const { deltaUs } = batch
  Object.assign(batch, columns(capacityFor(count)))
  batch.deltaUs.set(deltaUs)
}

const readLongColumn = (
  input: AvroInput,
  view: DataView,
  name: string,
  column: Float64Array,
  count: number,
): number => {
  let read = 0
  let seen = 0
  for (let items; (items = readBlock(input, 1, count - read)) !== 0;) {
    seen |= readLongs(input, view, column, read, read + items)
    read += items
    closeBlock(input)
  }
  if (read !== count) fail(input, `${name}: ${read} values for ${count} events`)
  return seen
}

/**
 * Numbers of up to three bytes, which nearly all are, in place; the others, and all faults, by the plain version. Returns the bitwise or of
 * those in place as they are written, with the sign in bit 0; -1 when there was another. Each length moves `at` on by a constant, which
 * the processor foresees: a length that was read had every number wait for the one before.
 */
const readLongs = (
  input: AvroInput,
  view: DataView,
  column: Float64Array,
  from: number,
  to: number,
): number => {
  const last = input.end - 4
  let { at } = input
  let seen = 0
  for (let i = from; i < to; i++) {
    if (at <= last) {
      const word = view.getInt32(at, true)
      if ((word & 0x80) === 0) {
        const zigzag = word & 0x7f
        seen |= zigzag
        column[i] = (zigzag >>> 1) ^ -(zigzag & 1)
        at++
        continue
      }
      const second = word & 0xff00
      if (second < 0x8000 && second > 0) {
        const zigzag = (word & 0x7f) | (second >>> 1)
        seen |= zigzag
        column[i] = (zigzag >>> 1) ^ -(zigzag & 1)
        at += 2
        continue
      }
      const third = word & 0xff_0000
      if (second >= 0x8000 && third < 0x80_0000 && third > 0) {
        const zigzag = (word & 0x7f) | ((second & 0x7f00) >>> 1) | (third >>> 2)
        seen |= zigzag
        column[i] = (zigzag >>> 1) ^ -(zigzag & 1)
        at += 3
        continue
      }
    }
    input.at = at
    column[i] = readLong(input)
    at = input.at
    seen = -1
  }
  input.at = at
  return seen
}

/** The same for a column of other numbers, mostly four of one byte each or two of two side by side. */
const readInts = (
  input: AvroInput,
  view: DataView,
  column: Int32Array,
  from: number,
  to: number,
): number => {
  const last = input.end - 4
  let { at } = input
  let seen = 0
  for (let i = from; i < to;) {
    if (at <= last && i + 4 <= to) {
      const word = view.getInt32(at, true)
      const more = word & 0x8080_8080
      if (more === 0) {
        const both = (word | (word >>> 16)) & 0x7f7f
        seen |= (both | (both >>> 8)) & 0x7f
        column[i] = ((word & 0x7f) >>> 1) ^ -(word & 1)
        column[i + 1] = ((word & 0x7f00) >>> 9) ^ -((word >>> 8) & 1)
        column[i + 2] = ((word & 0x7f_0000) >>> 17) ^ -((word >>> 16) & 1)
        column[i + 3] = (word >>> 25) ^ -((word >>> 24) & 1)
        i += 4
        at += 4
        continue
      }
      const first = (word & 0x7f) | ((word & 0x7f00) >>> 1)
      const second = ((word & 0x7f_0000) >>> 16) | ((word & 0x7f00_0000) >>> 17)
      if (more === 0x80_0080 && first > 0x7f && second > 0x7f) {
        seen |= first | second
        column[i] = (first >>> 1) ^ -(first & 1)
        column[i + 1] = (second >>> 1) ^ -(second & 1)
        i += 2
        at += 4
        continue
      }
    }
    input.at = at
    const value = readInt(input)
    at = input.at
    seen |= value === (value & 0xffff) ? value << 1 : -1
    column[i++] = value
  }
  input.at = at
  return seen
}

const readIntColumn = (
  input: AvroInput,
  view: DataView,
  name: string,
  column: Int32Array,
  count: number,
): number => {
  let read = 0
  let seen = 0
  for (let items; (items = readBlock(input, 1, count - read)) !== 0;) {
    seen |= readInts(input, view, column, read, read + items)
    read += items
    closeBlock(input)
  }
  if (read !== count) fail(input, `${name}: ${read} values for ${count} events`)
  return seen
}

const readFailures = (input: AvroInput, { failed, count }: Fields): void => {
  failed.fill(0, 0, count)
  let last = -1
  for (let items, read = 0; (items = readBlock(input, 1, count - read)) !== 0;) {
    for (const total = read + items; read < total; read++) {
      const index = readInt(input)
      if (index <= last || index >= count) {
        fail(input, `failures: ${index} after ${last}, of ${count} events`)
        return
      }
      failed[index] = 1
      last = index
    }
    closeBlock(input)
  }
}

const checkOperations = (input: AvroInput, { operation, operationCount, count }: Fields): void => {
  for (let i = 0; i < count; i++) {
    const index = operation[i]!
    if (index < 0 || index >= operationCount) {
      fail(input, `operation ${index} of event ${i}, ${operationCount} in the dictionary;`)
      return
    }
  }
}

/**
 * Whether what was seen in the columns, see `readLongs`, already says that every event is good: then nobody looks at each. A number of three
 * bytes is within 2^20 of 0.
 */
const areGood = (baseUs: number, deltas: number, latencies: number, statuses: number): boolean =>
  baseUs >= 2 ** 20 &&
  baseUs <= Number.MAX_SAFE_INTEGER - 2 ** 20 &&
  deltas >= 0 &&
  latencies >= 0 &&
  (latencies & 1) === 0 &&
  statuses >= 0 &&
  (statuses & 1) === 0 &&
  statuses >>> 1 <= statusMax

const findBadEvents = (batch: Fields): void => {
  const { baseUs, deltaUs, latencyUs, status, count, badIndexes } = batch
  // A base or delta that no double holds makes the sum wrong, in range or not.
  const baseIsSafe = Number.isSafeInteger(baseUs)
  let badCount = 0
  for (let i = 0; i < count; i++) {
    const delta = deltaUs[i]!
    const atUs = baseUs + delta
    const isGood =
      baseIsSafe &&
      delta > -unsafeLong &&
      delta < unsafeLong &&
      atUs >= 0 &&
      atUs <= Number.MAX_SAFE_INTEGER &&
      latencyUs[i]! >= 0 &&
      latencyUs[i]! <= Number.MAX_SAFE_INTEGER &&
      status[i]! >= 0 &&
      status[i]! <= statusMax
    if (!isGood) badIndexes[badCount++] = i
  }
  batch.badCount = badCount
}

const detailOf = ({ baseUs, deltaUs, latencyUs, status }: Fields, index: number): string => {
  const fault =
    unsafeFault('baseUs', baseUs) ??
    unsafeFault('deltaUs', deltaUs[index]!) ??
    atFault(baseUs + deltaUs[index]!) ??
    latencyFault(latencyUs[index]!) ??
    statusFault(status[index]!)
  return `event ${index}: ${fault ?? ''}`
}

const unsafeFault = (field: string, value: number): string | null =>
  Number.isSafeInteger(value) ? null : `${field}: not within 2^53 - 1 of 0`

const grown = (column: Int32Array, count: number): Int32Array => {
  const larger = new Int32Array(capacityFor(count))
  larger.set(column)
  return larger
}

/** Powers of two: at most twice what a batch may hold. */
const capacityFor = (count: number): number => 2 ** Math.ceil(Math.log2(count))
