import { crc32c } from './crc32c.ts'
import { CorruptBatchError, UnsupportedBatchError } from './errors.ts'

// Kafka's record batch, format v2 (kafka.apache.org/documentation, "Record Batch"), big-endian: base offset 8, length of the
// rest 4, partition leader epoch 4, magic 1, CRC-32C of everything from the attributes on 4, attributes 2, last offset delta 4,
// base timestamp 8, maximum timestamp 8, producer id 8, producer epoch 2, base sequence 4, record count 4; then the records.
export const batchHeaderBytes = 61
export const magicAt = 16
export const crcAt = 17
export const attributesAt = 21
/** Bytes that the length field does not count: base offset and itself. */
export const lengthPrefixBytes = 12

export const compressionBits = 0x07
export const logAppendTimeBit = 0x08
export const transactionalBit = 0x10
export const controlBit = 0x20

/** What a batch says about itself. */
export type BatchHeader = {
  /** The whole batch, with the two fields in front of the length. */
  readonly bytes: number
  readonly baseOffset: number
  readonly lastOffset: number
  /** Records; may be fewer than the offsets, where compaction took some. */
  readonly count: number
  readonly attributes: number
  readonly baseTimestampMs: number
  readonly maxTimestampMs: number
  /** -1: none. */
  readonly producerId: number
}

/**
 * Bytes of the batch at `at`, or 0 when it is not wholly before `end`: a broker cuts the last batch of an answer. Read this first; every
 * other function here takes the batch to be whole.
 */
export const batchBytesAt = (bytes: Uint8Array, at: number, end = bytes.length): number => {
  if (at + lengthPrefixBytes > end) return 0
  const length = int32At(bytes, at + 8) + lengthPrefixBytes
  if (length < batchHeaderBytes)
    throw new CorruptBatchError(
      `batch at byte ${at}: ${length} bytes long, at least ${batchHeaderBytes} expected`,
    )
  return at + length > end ? 0 : length
}

/** The header of the whole batch at `at`. Throws unless it is format v2, uncompressed, with offsets below 2^53. */
export const batchHeaderAt = (bytes: Uint8Array, at: number, end = bytes.length): BatchHeader => {
  const length = batchBytesAt(bytes, at, end)
  if (length === 0) throw new CorruptBatchError(`batch at byte ${at}: cut at byte ${end}`)
  const magic = bytes[at + magicAt]!
  if (magic !== 2)
    throw new UnsupportedBatchError(`batch at byte ${at}: format v${magic}, only v2 is read`)
  const attributes = (bytes[at + attributesAt]! << 8) | bytes[at + attributesAt + 1]!
  if ((attributes & compressionBits) !== 0)
    throw new UnsupportedBatchError(
      `batch at byte ${at}: compressed (codec ${attributes & compressionBits}), only uncompressed batches are read`,
    )
  const baseOffset = int64At(bytes, at)
  const lastOffset = baseOffset + int32At(bytes, at + 23)
  const count = int32At(bytes, at + 57)
  if (baseOffset < 0 || lastOffset < baseOffset || !Number.isSafeInteger(lastOffset))
    throw new CorruptBatchError(`batch at byte ${at}: offsets ${baseOffset} to ${lastOffset}`)
  if (count < 0 || count > lastOffset - baseOffset + 1)
    throw new CorruptBatchError(
      `batch at byte ${at}: ${count} records at offsets ${baseOffset} to ${lastOffset}`,
    )
  return {
    bytes: length,
    baseOffset,
    lastOffset,
    count,
    attributes,
    baseTimestampMs: int64At(bytes, at + 27),
    maxTimestampMs: int64At(bytes, at + 35),
    producerId: int64At(bytes, at + 43),
  }
}

/** Whether the checksum of the whole batch of `length` bytes at `at` is right. */
export const batchCrcMatches = (bytes: Uint8Array, at: number, length: number): boolean =>
  int32At(bytes, at + crcAt) >>> 0 === crc32c(bytes, at + attributesAt, at + length)

/**
 * Makes every walker skip the whole batch at `at`: how an adapter hides the batches of aborted transactions in bytes that it owns. The
 * checksum is wrong from then on, so it is checked before.
 */
export const hideBatch = (bytes: Uint8Array, at: number): void => {
  bytes[at + attributesAt + 1]! |= controlBit
}

/** How a transaction ended, according to the whole control batch at `at`; null for control records of another kind. */
export const transactionMarkerAt = (bytes: Uint8Array, at: number): 'abort' | 'commit' | null => {
  // One record: length, attributes (a byte), timestamp delta, offset delta, key length (varints), key: version 2, type 2.
  const end = at + batchBytesAt(bytes, at)
  let position = skipVarint(bytes, at + batchHeaderBytes, end) + 1
  position = skipVarint(bytes, skipVarint(bytes, position, end), end)
  const keyBytes = position < end ? bytes[position]! / 2 : 0
  if (keyBytes < 4 || position + 5 > end)
    throw new CorruptBatchError(`batch at byte ${at}: control record without a type`)
  const type = (bytes[position + 3]! << 8) | bytes[position + 4]!
  return type === 0 ? 'abort' : type === 1 ? 'commit' : null
}

const skipVarint = (bytes: Uint8Array, at: number, end: number): number => {
  let next = at
  while (next < end && bytes[next]! >= 0x80) next++
  return next + 1
}

export const int32At = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!

/** A 64-bit field as a double; everything that Kafka counts stays below 2^53, so anything else is damage. */
export const int64At = (bytes: Uint8Array, at: number): number => {
  const value = int32At(bytes, at) * 0x1_0000_0000 + (int32At(bytes, at + 4) >>> 0)
  if (!Number.isSafeInteger(value))
    throw new CorruptBatchError(`byte ${at}: a 64-bit field beyond 2^53`)
  return value
}
