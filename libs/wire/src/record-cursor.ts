import type { RecordBatches } from '@tidemark/model'
import { CorruptBatchError } from './errors.ts'
import { batchHeaderAt, batchHeaderBytes, controlBit, logAppendTimeBit } from './record-batch.ts'

/**
 * Walks the records of batches in place. One cursor is opened again and again; its fields describe the record that `next` stepped
 * to and are overwritten by the following one. Ranges are half-open positions in `bytes`.
 */
export type RecordCursor = {
  readonly bytes: Uint8Array
  readonly offset: number
  readonly timestampMs: number
  readonly keyStart: number
  /** -1: the key is null. */
  readonly keyEnd: number
  readonly valueStart: number
  /** -1: the value is null. */
  readonly valueEnd: number
  /** Starts over on other batches. */
  readonly open: (batches: Pick<RecordBatches, 'bytes' | 'fromOffset'>) => void
  /**
   * Steps to the next record at or above `fromOffset`; false at the end. Control batches, which hidden ones look like, are passed over.
   * Throws CorruptBatchError or UnsupportedBatchError, and then again at every call, rather than skip a record.
   */
  readonly next: () => boolean
}

export const recordCursor = (): RecordCursor => {
  const walk = newWalk()
  return Object.assign(walk, {
    open: ({ bytes, fromOffset }: Pick<RecordBatches, 'bytes' | 'fromOffset'>) =>
      open(walk, bytes, fromOffset),
    next: () => next(walk),
  })
}

// One object with fields of fixed kinds, mutated: some 20 ns a record (`npm run bench -- wire`), and no garbage.
export type Walk = {
  bytes: Uint8Array
  offset: number
  timestampMs: number
  keyStart: number
  keyEnd: number
  valueStart: number
  valueEnd: number
  fromOffset: number
  /** Where the record under way starts: damage in it is found again by every later call. */
  recordAt: number
  /** Where reading goes on. */
  at: number
  batchEnd: number
  /** Records of the batch that are still to be read. */
  left: number
  offsetDelta: number
  lastOffsetDelta: number
  baseOffset: number
  baseTimestampMs: number
  appendTimeMs: number
  isAppendTime: boolean
}

const newWalk = (): Walk => ({
  bytes: new Uint8Array(0),
  // NaN makes the engine keep these as doubles from the beginning.
  offset: Number.NaN,
  timestampMs: Number.NaN,
  keyStart: 0,
  keyEnd: -1,
  valueStart: 0,
  valueEnd: -1,
  fromOffset: Number.NaN,
  recordAt: 0,
  at: 0,
  batchEnd: 0,
  left: 0,
  offsetDelta: 0,
  lastOffsetDelta: 0,
  baseOffset: Number.NaN,
  baseTimestampMs: Number.NaN,
  appendTimeMs: Number.NaN,
  isAppendTime: false,
})

/** What a cursor stands on, for whoever walks on in another way. */
export const walkOf = (cursor: RecordCursor): Walk => cursor as RecordCursor & Walk

/** Whether there is a record behind the cursor; opens its batch, as `next` would, and throws like it. */
export const openedBatch = (walk: Walk): boolean => {
  while (walk.left === 0) if (!openBatch(walk)) return false
  return true
}

/** Steps over `count` records of the batch at once, which take it to `at` and miss no offset. */
export const stepTo = (walk: Walk, at: number, count: number): void => {
  walk.at = at
  walk.left -= count
  walk.offsetDelta += count
}

const open = (walk: Walk, bytes: Uint8Array, fromOffset: number): void => {
  walk.bytes = bytes
  walk.fromOffset = fromOffset
  walk.at = 0
  walk.batchEnd = 0
  walk.left = 0
}

const next = (walk: Walk): boolean => {
  do {
    if (!openedBatch(walk)) return false
    readRecord(walk)
  } while (walk.offset < walk.fromOffset)
  return true
}

/** Steps to the next batch that has records to show; false behind the last one. */
const openBatch = (walk: Walk): boolean => {
  const { bytes } = walk
  while (walk.batchEnd < bytes.length) {
    const start = walk.batchEnd
    const header = batchHeaderAt(bytes, start)
    walk.batchEnd = start + header.bytes
    if ((header.attributes & controlBit) !== 0 || header.lastOffset < walk.fromOffset) continue
    if (header.count === 0) continue
    walk.at = start + batchHeaderBytes
    walk.left = header.count
    walk.offsetDelta = -1
    walk.lastOffsetDelta = header.lastOffset - header.baseOffset
    walk.baseOffset = header.baseOffset
    walk.baseTimestampMs = header.baseTimestampMs
    walk.appendTimeMs = header.maxTimestampMs
    walk.isAppendTime = (header.attributes & logAppendTimeBit) !== 0
    return true
  }
  return false
}

/** A record: length, attributes 1, timestamp delta, offset delta, key, value, headers; all numbers are zigzag varints. */
const readRecord = (walk: Walk): void => {
  walk.recordAt = walk.at
  const length = readVarint(walk, walk.batchEnd)
  const end = walk.at + length
  if (length < 0 || end > walk.batchEnd) damaged(walk, `record of ${length} bytes`)
  walk.at++
  const deltaMs = readVarint(walk, end)
  const offsetDelta = readVarint(walk, end)
  if (offsetDelta <= walk.offsetDelta || offsetDelta > walk.lastOffsetDelta)
    damaged(walk, `offset delta ${offsetDelta} after ${walk.offsetDelta}`)
  const keyBytes = readVarint(walk, end)
  walk.keyStart = walk.at
  walk.keyEnd = keyBytes === -1 ? -1 : (walk.at += keyBytes)
  if (keyBytes < -1 || walk.at > end) damaged(walk, `key of ${keyBytes} bytes`)
  const valueBytes = readVarint(walk, end)
  walk.valueStart = walk.at
  walk.valueEnd = valueBytes === -1 ? -1 : (walk.at += valueBytes)
  if (valueBytes < -1 || walk.at > end) damaged(walk, `value of ${valueBytes} bytes`)
  // Headers carry no meaning here; only their absence can be checked cheaply.
  const headers = readVarint(walk, end)
  if (headers < 0 || (headers === 0 && walk.at !== end))
    damaged(walk, `${headers} headers, ${end - walk.at} bytes left`)
  if (walk.left === 1 && end !== walk.batchEnd)
    damaged(walk, `${walk.batchEnd - end} bytes behind the last record of the batch`)
  walk.at = end
  walk.left--
  walk.offsetDelta = offsetDelta
  walk.offset = walk.baseOffset + offsetDelta
  walk.timestampMs = walk.isAppendTime ? walk.appendTimeMs : walk.baseTimestampMs + deltaMs
}

/** Reads below `limit` only. Most numbers here take one byte or two. */
const readVarint = (walk: Walk, limit: number): number => {
  const { bytes, at } = walk
  if (at < limit) {
    const first = bytes[at]!
    if (first < 0x80) {
      walk.at = at + 1
      return (first >>> 1) ^ -(first & 1)
    }
    if (at + 1 < limit) {
      const second = bytes[at + 1]!
      if (second < 0x80) {
        walk.at = at + 2
        const zigzag = (first & 0x7f) | (second << 7)
        return (zigzag >>> 1) ^ -(zigzag & 1)
      }
    }
  }
  return readLongVarint(walk, limit)
}

const readLongVarint = (walk: Walk, limit: number): number => {
  const { bytes, at: start } = walk
  let at = start
  let magnitude = 0
  let scale = 1
  for (;;) {
    if (at >= limit || at - start === 10) damaged(walk, 'a number that does not end')
    const byte = bytes[at]!
    // The first byte holds the sign and six bits, the others seven.
    magnitude += at === start ? (byte & 0x7f) >>> 1 : (byte & 0x7f) * scale
    scale *= at === start ? 64 : 128
    at++
    if (byte < 0x80) break
  }
  if (magnitude > Number.MAX_SAFE_INTEGER) damaged(walk, 'a number beyond 2^53')
  walk.at = at
  return (bytes[start]! & 1) === 1 ? -magnitude - 1 : magnitude
}

const damaged = (walk: Walk, what: string): never => {
  walk.at = walk.recordAt
  throw new CorruptBatchError(
    `record at byte ${walk.recordAt}, offset delta ${walk.offsetDelta} before it, base offset ${walk.baseOffset}: ${what}`,
  )
}
