import { invariant } from '@tidemark/model'
import { crc32c } from './crc32c.ts'
import {
  attributesAt,
  batchHeaderBytes,
  crcAt,
  lengthPrefixBytes,
  logAppendTimeBit,
  magicAt,
  transactionalBit,
} from './record-batch.ts'

/** A record on its way into a batch. */
export type BatchEntry = {
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly timestampMs: number
}

/** Who writes a batch within a transaction. */
export type TransactionalWriter = {
  readonly producerId: number
  readonly producerEpoch: number
  /** Number of the batch's first record among all that the producer wrote to the partition. */
  readonly sequence: number
}

/**
 * One record batch in Kafka's format v2: uncompressed, without headers, from no producer id unless it is part of a transaction. With
 * `appendTimeMs` it is what a broker stores under `LogAppendTime`: every record has that timestamp, and those of the entries are not
 * kept. At least one entry.
 */
export const writeRecordBatch = (
  entries: readonly BatchEntry[],
  baseOffset: number,
  appendTimeMs: number | null = null,
  writer: TransactionalWriter | null = null,
): Uint8Array => {
  const baseTimestampMs = appendTimeMs ?? entries[0]?.timestampMs
  invariant(baseTimestampMs !== undefined, 'record batch: at least one entry')
  requireSafe(baseOffset + (entries.length - 1))
  const bytes = new Uint8Array(recordBatchBytes(entries, appendTimeMs))
  let maxTimestampMs = baseTimestampMs
  let at = batchHeaderBytes
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i]!
    const deltaMs = appendTimeMs === null ? entry.timestampMs - baseTimestampMs : 0
    requireSafe(deltaMs)
    maxTimestampMs = Math.max(maxTimestampMs, baseTimestampMs + deltaMs)
    at = writeRecord(bytes, at, entry, deltaMs, i)
  }
  putInt64(bytes, 0, baseOffset)
  putInt32(bytes, 8, bytes.length - lengthPrefixBytes)
  putInt32(bytes, 12, -1)
  bytes[magicAt] = 2
  bytes[attributesAt + 1] = appendTimeMs === null ? 0 : logAppendTimeBit
  putInt32(bytes, 23, entries.length - 1)
  putInt64(bytes, 27, baseTimestampMs)
  putInt64(bytes, 35, maxTimestampMs)
  if (writer === null) {
    // No producer: id 8, epoch 2 and sequence 4 are -1.
    bytes.fill(0xff, 43, 57)
  } else {
    bytes[attributesAt + 1]! |= transactionalBit
    putInt64(bytes, 43, writer.producerId)
    bytes[51] = writer.producerEpoch >>> 8
    bytes[52] = writer.producerEpoch
    putInt32(bytes, 53, writer.sequence)
  }
  putInt32(bytes, 57, entries.length)
  putInt32(bytes, crcAt, crc32c(bytes, attributesAt))
  return bytes
}

/** The exact size of what `writeRecordBatch` makes. */
export const recordBatchBytes = (
  entries: readonly BatchEntry[],
  appendTimeMs: number | null = null,
): number => {
  const baseTimestampMs = entries[0]?.timestampMs ?? 0
  let bytes = batchHeaderBytes
  for (let i = 0; i < entries.length; i++) {
    const deltaMs = appendTimeMs === null ? entries[i]!.timestampMs - baseTimestampMs : 0
    const body = recordBodyBytes(entries[i]!, deltaMs, i)
    bytes += varintBytes(body) + body
  }
  return bytes
}

/**
 * Cuts entries, in their order, into pieces whose batches take at most `bytesMax` each. An entry that is larger alone gets a
 * batch of its own: whoever writes it decides whether to refuse it.
 */
export const splitBySize = <E extends BatchEntry>(
  entries: readonly E[],
  bytesMax: number,
): readonly (readonly E[])[] => {
  const pieces: E[][] = []
  let piece: E[] = []
  let bytes = batchHeaderBytes
  for (const entry of entries) {
    const deltaMs = entry.timestampMs - (piece[0] ?? entry).timestampMs
    const body = recordBodyBytes(entry, deltaMs, piece.length)
    const record = varintBytes(body) + body
    if (piece.length > 0 && bytes + record > bytesMax) {
      pieces.push(piece)
      const first = recordBodyBytes(entry, 0, 0)
      piece = [entry]
      bytes = batchHeaderBytes + varintBytes(first) + first
    } else {
      piece.push(entry)
      bytes += record
    }
  }
  if (piece.length > 0) pieces.push(piece)
  return pieces
}

/** A record behind its length: attributes 1, timestamp delta, offset delta, key, value, header count 1. */
const recordBodyBytes = (entry: BatchEntry, deltaMs: number, offsetDelta: number): number =>
  2 +
  varintBytes(deltaMs) +
  varintBytes(offsetDelta) +
  fieldBytes(entry.key) +
  fieldBytes(entry.value)

const fieldBytes = (field: Uint8Array | null): number =>
  field === null ? 1 : varintBytes(field.length) + field.length

const writeRecord = (
  bytes: Uint8Array,
  start: number,
  entry: BatchEntry,
  deltaMs: number,
  offsetDelta: number,
): number => {
  let at = putVarint(bytes, start, recordBodyBytes(entry, deltaMs, offsetDelta))
  bytes[at++] = 0
  at = putVarint(bytes, at, deltaMs)
  at = putVarint(bytes, at, offsetDelta)
  at = putField(bytes, at, entry.key)
  at = putField(bytes, at, entry.value)
  bytes[at++] = 0
  return at
}

const putField = (bytes: Uint8Array, at: number, field: Uint8Array | null): number => {
  const start = putVarint(bytes, at, field === null ? -1 : field.length)
  if (field === null) return start
  bytes.set(field, start)
  return start + field.length
}

/**
 * Zigzag: the sign is the lowest bit. Sign and the six bits beside it come first and are taken apart from the rest, so that nothing
 * exceeds 2^53 on the way.
 */
const putVarint = (bytes: Uint8Array, start: number, value: number): number => {
  const magnitude = value < 0 ? -value - 1 : value
  let at = start
  let rest = Math.floor(magnitude / 64)
  bytes[at++] = (magnitude % 64) * 2 + (value < 0 ? 1 : 0) + (rest > 0 ? 0x80 : 0)
  while (rest > 0) {
    const low = rest % 128
    rest = Math.floor(rest / 128)
    bytes[at++] = low + (rest > 0 ? 0x80 : 0)
  }
  return at
}

const varintBytes = (value: number): number => {
  let bytes = 1
  for (
    let rest = Math.floor((value < 0 ? -value - 1 : value) / 64);
    rest > 0;
    rest = Math.floor(rest / 128)
  )
    bytes++
  return bytes
}

const requireSafe = (value: number): void =>
  invariant(Number.isSafeInteger(value), `record batch: ${value} is no safe integer`)

const putInt32 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

const putInt64 = (bytes: Uint8Array, at: number, value: number): void => {
  requireSafe(value)
  putInt32(bytes, at, Math.floor(value / 0x1_0000_0000))
  putInt32(bytes, at + 4, value)
}
