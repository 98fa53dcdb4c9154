import { CorruptLogError, PositionError } from '@tidemark/log'
import type { Offset, RecordBatches, TopicName } from '@tidemark/model'
import { batchCrcMatches, batchHeaderAt } from '@tidemark/wire'
import type { Row } from './database.ts'
import type { Store } from './store.ts'
import { partitionState } from './topic-table.ts'

export const readBytesDefault = 1024 * 1024
/** A read takes at most so much, whatever is asked for, and at most so many batches. */
const readBytesMax = 64 * 1024 * 1024
const readBatchesMax = 4096

type Readable = Pick<Store, 'database' | 'topics'>

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

/** The same, within a transaction. */
export const batchesFrom = (
  { database, topics }: Readable,
  topic: TopicName,
  partition: number,
  fromOffset: Offset,
  bytesMax: number,
): RecordBatches => {
  const partitionId = topics.partitionId(topic, partition)
  const { startOffset, endOffset } = partitionState(database, partitionId)
  if (!(fromOffset >= startOffset && fromOffset <= endOffset))
    throw new PositionError({ topic, partition, position: fromOffset, startOffset, endOffset })
  const nothing = { topic, partition, bytes: new Uint8Array(0), fromOffset, endOffset }
  const range = rangeFrom(database, partitionId, fromOffset, bytesMax)
  // Behind the last batch there may be offsets without a record, where a control batch stood in the log it was taken from.
  if (range === null) return { ...nothing, nextOffset: endOffset }
  const rows = database.all(
    `select base_offset, last_offset, bytes from batch
     where partition_id = ? and base_offset between ? and ? order by base_offset`,
    ...[partitionId, range.firstBase, range.lastBase],
  )
  const bytes = joined(rows, range.bytes, (row, what) => {
    throw new CorruptLogError(
      `${database.file}: ${topic}/${partition}, batch at offset ${String(row.base_offset)}: ${what}`,
    )
  })
  return { ...nothing, bytes, nextOffset: (Number(rows.at(-1)!.last_offset) + 1) as Offset }
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

const joined = (
  rows: readonly Row[],
  length: number,
  fail: (row: Row, what: string) => never,
): Uint8Array => {
  const bytes = new Uint8Array(length)
  let at = 0
  for (const row of rows) {
    const batch = row.bytes as Uint8Array
    const damage = damageIn(batch, Number(row.base_offset), Number(row.last_offset))
    if (damage !== null) fail(row, damage)
    if (rows.length === 1) return batch
    bytes.set(batch, at)
    at += batch.length
  }
  return bytes
}

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
