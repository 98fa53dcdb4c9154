import {
  splitBySize,
  writeRecordBatch,
  batchCrcMatches,
  batchHeaderAt,
  type BatchEntry,
} from '@tidemark/wire'
import {
  CorruptLogError,
  NotProvisionedError,
  PositionError,
  type PartitionBounds,
} from '@tidemark/log'
import type { EpochMs, Offset, RecordBatches, TopicName } from '@tidemark/model'
import type { Database, Row } from './database.ts'

/** Largest batch that is written; a read returns whole batches, so this also bounds what one read returns above its limit. */
const batchBytesMax = 1_000_000

export type Ends = {
  readonly startOffset: number
  readonly endOffset: number
  readonly lastTimestampMs: number | null
}

/** Appends within the caller's transaction. `appendMs`: the log stamps; null: the entries' own timestamps are kept. */
export const appendEntries = (
  database: Database,
  topic: TopicName,
  partition: number,
  entries: readonly BatchEntry[],
  appendMs: number | null,
): { readonly baseOffset: number; readonly timestampMs: number } => {
  const { endOffset, lastTimestampMs } = endsOf(database, topic, partition)
  // A wall clock may go back; the timestamps of a partition do not.
  const stampMs = appendMs === null ? null : Math.max(appendMs, lastTimestampMs ?? 0)
  let offset = endOffset
  let newestMs = lastTimestampMs
  for (const piece of splitBySize(entries, batchBytesMax)) {
    const bytes = writeRecordBatch(piece, offset, stampMs)
    newestMs = stampMs ?? piece.at(-1)!.timestampMs
    database.run(insertBatch, topic, partition, offset + piece.length - 1, offset, newestMs, bytes)
    offset += piece.length
  }
  database.run(updateEnd, offset, newestMs, topic, partition)
  return { baseOffset: endOffset, timestampMs: stampMs ?? entries[0]?.timestampMs ?? 0 }
}

const insertBatch = `insert into batch (topic, partition, last_offset, base_offset, last_timestamp_ms, bytes)
  values (?, ?, ?, ?, ?, ?)`
const updateEnd = `update partition_end set end_offset = ?, last_timestamp_ms = ? where topic = ? and partition = ?`

export const endsOf = (database: Database, topic: TopicName, partition: number): Ends => {
  const row = database.first(
    'select start_offset, end_offset, last_timestamp_ms from partition_end where topic = ? and partition = ?',
    topic,
    partition,
  )
  if (row === undefined)
    throw new NotProvisionedError(`${database.file}: there is no partition ${topic}/${partition}`)
  return endsIn(row)
}

export const boundsOf = (database: Database, topic: TopicName): readonly PartitionBounds[] =>
  database
    .all('select * from partition_end where topic = ? order by partition', topic)
    .map((row) => {
      const { startOffset, endOffset, lastTimestampMs } = endsIn(row)
      return {
        partition: Number(row.partition),
        startOffset: startOffset as Offset,
        endOffset: endOffset as Offset,
        // What retention removed is not there to be looked at.
        lastTimestampMs: startOffset === endOffset ? null : (lastTimestampMs as EpochMs | null),
      }
    })

const endsIn = (row: Row): Ends => ({
  startOffset: Number(row.start_offset),
  endOffset: Number(row.end_offset),
  lastTimestampMs: row.last_timestamp_ms === null ? null : Number(row.last_timestamp_ms),
})

/** Rows of one step of a read. */
const stepRows = 64

/**
 * Whole batches from the one that holds `fromOffset` on, up to `bytesMax` but at least one. PositionError outside of what is kept:
 * there is no default position.
 */
export const readBatches = (
  database: Database,
  topic: TopicName,
  partition: number,
  fromOffset: Offset,
  bytesMax: number,
): RecordBatches => {
  const { startOffset, endOffset } = endsOf(database, topic, partition)
  if (fromOffset < startOffset || fromOffset > endOffset)
    throw new PositionError(
      `${topic}/${partition}: offset ${fromOffset} is outside of what is kept, ${startOffset} to ${endOffset}`,
    )
  const pieces: Uint8Array[] = []
  let bytes = 0
  let position: number = fromOffset
  let nextOffset: number = fromOffset
  steps: while (position < endOffset) {
    const rows = database.all(selectBatches, topic, partition, position, stepRows)
    if (rows.length === 0) break
    for (const row of rows) {
      const piece = row.bytes as Uint8Array
      if (bytes > 0 && bytes + piece.length > bytesMax) break steps
      requireIntact(topic, partition, row, piece)
      pieces.push(piece)
      bytes += piece.length
      position = nextOffset = Number(row.last_offset) + 1
    }
  }
  // Compaction may have taken the last batches; then there is nothing up to the end.
  if (pieces.length === 0) nextOffset = endOffset
  return {
    topic,
    partition,
    bytes: pieces.length === 1 ? pieces[0]! : joined(pieces, bytes),
    fromOffset,
    nextOffset: nextOffset as Offset,
    endOffset: endOffset as Offset,
  }
}

const selectBatches = `select base_offset, last_offset, bytes from batch
  where topic = ? and partition = ? and last_offset >= ? order by last_offset limit ?`

const requireIntact = (topic: TopicName, partition: number, row: Row, bytes: Uint8Array): void => {
  const problem = damageIn(row, bytes)
  if (problem !== null)
    throw new CorruptLogError(
      `${topic}/${partition}, batch at offset ${String(row.base_offset)}: ${problem}`,
    )
}

const damageIn = (row: Row, bytes: Uint8Array): string | null => {
  try {
    const header = batchHeaderAt(bytes, 0)
    if (header.bytes !== bytes.length)
      return `${bytes.length} bytes, its header says ${header.bytes}`
    if (header.baseOffset !== row.base_offset || header.lastOffset !== row.last_offset)
      return `its header says ${header.baseOffset} to ${header.lastOffset}`
    return batchCrcMatches(bytes, 0, bytes.length) ? null : 'its checksum does not match'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const joined = (pieces: readonly Uint8Array[], length: number): Uint8Array => {
  const bytes = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}
