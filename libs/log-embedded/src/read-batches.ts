import { CorruptLogError, PositionError } from '@tidemark/log'
import type { Offset, RecordBatches, TopicName } from '@tidemark/model'
import { batchCrcMatches, batchHeaderAt } from '@tidemark/wire'
import type { Store } from './store.ts'
import { partitionState } from './topic-table.ts'

export const readBytesDefault = 1024 * 1024
/** A read takes at most so much, whatever is asked for, and at most so many batches. */
const readBytesMax = 64 * 1024 * 1024
const readBatchesMax = 4096

type Readable = Pick<Store, 'database' | 'topics'>

/** Memory for so many bytes, of which a reader may use what is there already. */
export type Room = (bytes: number) => Uint8Array

const newRoom: Room = (bytes) => new Uint8Array(bytes)

/**
 * The batches of a partition from the one that holds `fromOffset`, as many as fit into `bytesMax`, at least one. Each is checked: its
 * checksum, and that it is the batch that belongs there. A position outside of what is kept is a PositionError.
 */
export const readBatches = (
  store: Readable,
  topic: TopicName,
  partition: number,
  fromOffset: Offset,
  bytesMax: number,
): RecordBatches =>
  store.database.snapshot(() => batchesFrom(store, topic, partition, fromOffset, bytesMax))

/** The same room again and again: what was read into it is gone with the next use. */
export const roomForReads = (): Room => {
  let kept = new Uint8Array(0)
  return (bytes) => {
    // What one long read took is let go when reads have become short.
    if (kept.length < bytes || kept.length > roomBytesKept + 4 * bytes) kept = new Uint8Array(bytes)
    return kept.subarray(0, bytes)
  }
}

const roomBytesKept = 64 * 1024

/** The same, within a transaction. */
export const batchesFrom = (
  { database, topics }: Readable,
  topic: TopicName,
  partition: number,
  fromOffset: Offset,
  bytesMax: number,
  room: Room = newRoom,
): RecordBatches => {
  const partitionId = topics.partitionId(topic, partition)
  const { startOffset, endOffset } = partitionState(database, partitionId)
  if (!(fromOffset >= startOffset && fromOffset <= endOffset))
    throw new PositionError({ topic, partition, position: fromOffset, startOffset, endOffset })
  const nothing = { topic, partition, bytes: new Uint8Array(0), fromOffset, endOffset }
  // What is polled most of the time, so it costs one look.
  if (fromOffset === endOffset) return { ...nothing, nextOffset: endOffset }
  const range = rangeFrom(database, partitionId, fromOffset, bytesMax)
  // Behind the last batch there may be offsets without a record, where a control batch stood in the log it was taken from.
  if (range === null) return { ...nothing, nextOffset: endOffset }
  const { bytes, lastOffset } = joined(database, partitionId, range, room, (base, what) => {
    throw new CorruptLogError(
      `${database.file}: ${topic}/${partition}, batch at offset ${base}: ${what}`,
    )
  })
  return { ...nothing, bytes, nextOffset: (lastOffset + 1) as Offset }
}

type Range = { readonly firstBase: number; readonly lastBase: number; readonly bytes: number }

/** Which batches to read; sizes are known without reading the bytes. */
const rangeFrom = (
  database: Store['database'],
  partitionId: number,
  fromOffset: Offset,
  bytesMax: number,
): Range | null => {
  const most = Math.min(bytesMax, readBytesMax)
  let range: Range | null = null
  let batches = 0
  database.each(selectSizes, [partitionId, partitionId, fromOffset], (row) => {
    // The first one may end before the position, where compaction left a gap.
    if (Number(row.last_offset) < fromOffset) return true
    const base = Number(row.base_offset)
    const bytes = (range?.bytes ?? 0) + Number(row.size)
    if (range !== null && bytes > most) return false
    range = { firstBase: range?.firstBase ?? base, lastBase: base, bytes }
    return bytes < most && ++batches < readBatchesMax
  })
  return range
}

const selectSizes = `select base_offset, last_offset, length(bytes) as size from batch
  where partition_id = ? and base_offset >= coalesce(
    (select max(base_offset) from batch where partition_id = ? and base_offset <= ?), 0)
  order by base_offset`

/** The bytes of a range of batches, one after the other; a single one as it was read. */
const joined = (
  database: Store['database'],
  partitionId: number,
  { firstBase, lastBase, bytes: length }: Range,
  room: Room,
  fail: (baseOffset: number, what: string) => never,
): { readonly bytes: Uint8Array; readonly lastOffset: number } => {
  let bytes = firstBase === lastBase ? null : room(length)
  let lastOffset = -1
  let at = 0
  database.each(selectBytes, [partitionId, firstBase, lastBase], (row) => {
    const batch = row.bytes as Uint8Array<ArrayBuffer>
    const baseOffset = Number(row.base_offset)
    lastOffset = Number(row.last_offset)
    const damage = damageIn(batch, baseOffset, lastOffset)
    if (damage !== null) fail(baseOffset, damage)
    if (bytes === null) {
      bytes = batch
      return true
    }
    bytes.set(batch, at)
    at += batch.length
    // SQLite gives each row memory of its own, outside of the heap. Given back at once it costs nothing; left to the garbage collector it
    // called for a full collection with every 8 MB that were read: half of all those of a replay.
    batch.buffer.transfer(0)
    return true
  })
  return { bytes: bytes ?? fail(firstBase, 'is gone'), lastOffset }
}

const selectBytes = `select base_offset, last_offset, bytes from batch
  where partition_id = ? and base_offset between ? and ? order by base_offset`

/** Why `bytes` are not the batch that was written there, or null. */
export const damageIn = (
  bytes: Uint8Array,
  baseOffset: number,
  lastOffset: number,
): string | null => {
  try {
    const header = batchHeaderAt(bytes, 0)
    if (header.bytes !== bytes.length)
      return `${bytes.length} bytes are there, its header says ${header.bytes}`
    if (header.baseOffset !== baseOffset || header.lastOffset !== lastOffset)
      return `its header says offsets ${header.baseOffset} to ${header.lastOffset}`
    return batchCrcMatches(bytes, 0, bytes.length) ? null : 'its checksum does not match'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
