import type { Offset } from '@tidemark/model'
import {
  batchHeaderAt,
  logAppendTimeBit,
  recordCursor,
  writeRecordBatch,
  type BatchEntry,
} from '@tidemark/wire'
import { insertBatch } from './append.ts'
import type { Database, Row } from './database.ts'
import type { KeptPartition } from './retention.ts'

/** The last offset of every key in a stretch of a partition. */
export type LatestOffsets = {
  readonly offsets: ReadonlyMap<string, number>
  /** Behind the stretch. */
  readonly endOffset: Offset
}

/** A stretch, and so the keys held in memory, is at most so long; a step rewrites at most so much. */
const stretchBytesMax = 8 * 1024 * 1024
/** Less than this is left for later. */
const dirtyBytesMin = 1024 * 1024

/**
 * The stretch of a partition to compact next, or null while too little is new: less than half of what has been compacted, so that
 * a record is rewritten a few times in its life. Never what a processor has not read. Within a transaction.
 */
export const dirtyStretch = (database: Database, kept: KeptPartition): LatestOffsets | null => {
  const { partitionId, cleanup, cleanOffset, neededFrom } = kept
  if (cleanup !== 'compact') return null
  const sizes = database.first(
    `select total(case when base_offset < ? then length(bytes) end) as clean,
       total(case when base_offset >= ? and last_offset < ? then length(bytes) end) as dirty
     from batch where partition_id = ?`,
    ...[cleanOffset, cleanOffset, neededFrom, partitionId],
  )
  if (Number(sizes?.dirty) < Math.max(dirtyBytesMin, Number(sizes?.clean) / 2)) return null
  const offsets = new Map<string, number>()
  let endOffset = cleanOffset
  let bytes = 0
  database.each(selectFrom, [partitionId, cleanOffset], (row) => {
    if (Number(row.last_offset) >= neededFrom || bytes >= stretchBytesMax) return false
    const batch = row.bytes as Uint8Array
    for (const { key, offset } of recordsIn(batch))
      if (key !== null) offsets.set(nameOf(key), offset)
    bytes += batch.length
    endOffset = (Number(row.last_offset) + 1) as Offset
    return true
  })
  return { offsets, endOffset }
}

/**
 * Drops the records from `fromOffset` on, up to the end of the stretch, that have a later one under the same key; about as much as fits
 * into a step. Returns where to go on, null behind the stretch. What is left keeps its offsets, with gaps. Within a transaction.
 */
export const compactStep = (
  database: Database,
  { partitionId }: KeptPartition,
  latest: LatestOffsets,
  fromOffset: Offset,
): Offset | null => {
  const rows: Row[] = []
  let bytes = 0
  database.each(selectFrom, [partitionId, fromOffset], (row) => {
    if (Number(row.base_offset) >= latest.endOffset || bytes >= stretchBytesMax) return false
    rows.push(row)
    bytes += (row.bytes as Uint8Array).length
    return true
  })
  for (const row of rows) compactBatch(database, partitionId, row, latest)
  const next = rows.length === 0 ? latest.endOffset : Number(rows.at(-1)!.last_offset) + 1
  if (next < latest.endOffset) return next as Offset
  database.run(
    'update partition_state set clean_offset = ? where partition_id = ?',
    ...[latest.endOffset, partitionId],
  )
  return null
}

const selectFrom = `select base_offset, last_offset, bytes from batch
  where partition_id = ? and base_offset >= ? order by base_offset`

const compactBatch = (
  database: Database,
  partitionId: number,
  row: Row,
  { offsets }: LatestOffsets,
): void => {
  const bytes = row.bytes as Uint8Array
  const records = recordsIn(bytes)
  const left = records.filter(
    ({ key, offset }) => key === null || (offsets.get(nameOf(key)) ?? -1) <= offset,
  )
  if (left.length === records.length) return
  database.run(
    'delete from batch where partition_id = ? and base_offset = ?',
    ...[partitionId, row.base_offset ?? null],
  )
  const isAppendTime = (batchHeaderAt(bytes, 0).attributes & logAppendTimeBit) !== 0
  for (const run of consecutive(left)) {
    const first = run[0]!.offset
    const maxMs = run.reduce((max, { timestampMs }) => Math.max(max, timestampMs), 0)
    const batch = writeRecordBatch(run, first, isAppendTime ? maxMs : null)
    insertBatch(database, partitionId, first, run.at(-1)!.offset, maxMs, batch)
  }
}

type KeptRecord = BatchEntry & { readonly offset: number }

const recordsIn = (bytes: Uint8Array): readonly KeptRecord[] => {
  const cursor = recordCursor()
  cursor.open({ bytes, fromOffset: 0 as Offset })
  const records: KeptRecord[] = []
  while (cursor.next()) {
    const { offset, timestampMs, keyStart, keyEnd, valueStart, valueEnd } = cursor
    records.push({
      offset,
      timestampMs,
      key: keyEnd === -1 ? null : bytes.subarray(keyStart, keyEnd),
      value: valueEnd === -1 ? null : bytes.subarray(valueStart, valueEnd),
    })
  }
  return records
}

/** Runs without gaps: the writer of batches numbers records one after the other. */
const consecutive = (records: readonly KeptRecord[]): readonly (readonly KeptRecord[])[] => {
  const runs: KeptRecord[][] = []
  for (const record of records) {
    const run = runs.at(-1)
    if (run?.at(-1)?.offset === record.offset - 1) run.push(record)
    else runs.push([record])
  }
  return runs
}

/** Keys are any bytes; as text of one character a byte they are comparable. */
const nameOf = (key: Uint8Array): string => Buffer.from(key).toString('latin1')
