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
export type Room = (bytes: number) => Uint8Array<ArrayBuffer>

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
  const { bytes, lastOffset } = joinedFrom(
    database,
    { partitionId, fromOffset, endOffset },
    Math.min(bytesMax, readBytesMax),
    room,
    (base, what) => {
      throw new CorruptLogError(
        `${database.file}: ${topic}/${partition}, batch at offset ${base}: ${what}`,
      )
    },
  )
  // Behind the last batch there may be offsets without a record, where a control batch stood in the log it was taken from.
  if (bytes === null) return { ...nothing, nextOffset: endOffset }
  return { ...nothing, bytes, nextOffset: (lastOffset + 1) as Offset }
}

type Stretch = {
  readonly partitionId: number
  readonly fromOffset: Offset
  readonly endOffset: Offset
}

/** The bytes of as many batches as fit into `bytesMax`, at least one, side by side, and where they end; null: there is none. */
const joinedFrom = (
  database: Store['database'],
  { partitionId, fromOffset, endOffset }: Stretch,
  bytesMax: number,
  room: Room,
  fail: (baseOffset: number, what: string) => never,
): { readonly bytes: Uint8Array | null; readonly lastOffset: number } => {
  let bytes: Uint8Array<ArrayBuffer> | null = null
  let used = 0
  let batches = 0
  let lastOffset = -1
  const take = (row: Record<string, unknown>): boolean => {
    if (row.partition_id !== partitionId) return false
    const last = Number(row.last_offset)
    // The first one may end before the position, where compaction left a gap.
    if (last < fromOffset) return true
    const batch = row.bytes as Uint8Array<ArrayBuffer>
    const needed = used + batch.length
    if (batches > 0 && needed > bytesMax) {
      giveBack(batch)
      return false
    }
    const damage = damageIn(batch, Number(row.base_offset), last)
    if (damage !== null) fail(Number(row.base_offset), damage)
    // A single one stays as it was read.
    if (bytes === null) bytes = batch
    else {
      if (batches === 1 || needed > bytes.length) {
        const expected = (used * (endOffset - fromOffset)) / (lastOffset + 1 - fromOffset)
        const wanted = Math.ceil(Math.min(bytesMax, Math.max(expected, 2 * used)))
        bytes = moved(bytes, used, room(Math.max(needed, wanted)))
      }
      bytes.set(batch, used)
      giveBack(batch)
    }
    used = needed
    batches++
    lastOffset = last
    return used < bytesMax && batches < readBatchesMax
  }
  let isBase = false
  database.each(selectFrom, [partitionId, fromOffset], (row) => {
    isBase ||= row.partition_id === partitionId && Number(row.base_offset) === fromOffset
    return isBase && take(row)
  })
  // Only who did not read what comes before begins in the middle of a batch.
  if (!isBase)
    database.each(selectFrom, [partitionId, baseBelow(database, partitionId, fromOffset)], take)
  return { bytes: bytes === null ? null : (bytes as Uint8Array).subarray(0, used), lastOffset }
}

/** What is in use of `bytes`, in other memory, unless it is the same. */
const moved = (
  bytes: Uint8Array<ArrayBuffer>,
  used: number,
  into: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> => {
  into.set(bytes.subarray(0, used))
  if (bytes.buffer !== into.buffer) giveBack(bytes)
  return into
}

/**
 * SQLite gives each row memory of its own, outside of the heap. Given back at once it costs nothing; left to the garbage collector it called
 * for a full collection with every 8 MB that were read, and held until the end of a read it still had a quarter of a replay go into marking.
 */
const giveBack = ({ buffer }: Uint8Array<ArrayBuffer>): void => void buffer.transfer(0)

const baseBelow = (
  database: Store['database'],
  partitionId: number,
  fromOffset: Offset,
): number => {
  const row = database.first(selectBelow, partitionId, fromOffset)
  return row?.partition_id === partitionId ? Number(row.base_offset) : 0
}

const selectBelow = `select partition_id, base_offset from batch
  where (partition_id, base_offset) < (?, ?) order by partition_id desc, base_offset desc limit 1`

// A comparison with a row makes SQLite read the whole of it, bytes and all, since they are part of the key's record. So there is no
// upper end, which every row would be compared with, and one look for the place. A replay reads every byte twice; it was six times.
const selectFrom = `select partition_id, base_offset, last_offset, bytes from batch
  where (partition_id, base_offset) >= (?, ?) order by partition_id, base_offset`

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
