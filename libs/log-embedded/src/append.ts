import { EntryRefusedError } from '@tidemark/log'
import type { EpochMs, Offset, TopicName } from '@tidemark/model'
import { writeRecordBatch, type BatchEntry } from '@tidemark/wire'
import type { Database } from './database.ts'
import { partitionState } from './topic-table.ts'

/**
 * Who stamps the records of an append. `broker`: the log, for producers, as Kafka does under LogAppendTime. `writer`: the log, for a
 * processor, whose records say CreateTime. `producer`: the entries say when.
 */
export type Stamp =
  { readonly by: 'broker' | 'writer'; readonly nowMs: EpochMs } | { readonly by: 'producer' }

export type Place = {
  readonly topic: TopicName
  readonly partition: number
  readonly partitionId: number
}

export type AppendedBatch = { readonly baseOffset: Offset; readonly timestampMs: EpochMs }

/** The largest batch, as on Kafka: values take at most `sendBytesMax`, keys and record overhead come on top. */
const batchBytesMax = 2 * 1024 * 1024

/** Appends one batch, within a transaction. What the log stamps never goes back within a partition, whatever the clock does. */
export const appendBatch = (
  database: Database,
  { topic, partition, partitionId }: Place,
  entries: readonly BatchEntry[],
  stamp: Stamp,
): AppendedBatch => {
  const { endOffset, lastTimestampMs } = partitionState(database, partitionId)
  const stampMs = stamp.by === 'producer' ? null : Math.max(stamp.nowMs, lastTimestampMs ?? 0)
  const bytes = batchOf(entries, endOffset, stamp.by, stampMs)
  if (bytes.length > batchBytesMax)
    throw new EntryRefusedError(
      `${topic}/${partition}: a batch of ${bytes.length} bytes, keys included; at most ${batchBytesMax} are taken`,
    )
  const maxTimestampMs =
    stampMs ?? entries.reduce((max, { timestampMs }) => Math.max(max, timestampMs), 0)
  insertBatch(
    database,
    partitionId,
    endOffset,
    endOffset + entries.length - 1,
    maxTimestampMs,
    bytes,
  )
  database.run(
    'update partition_state set end_offset = ?, last_timestamp_ms = ? where partition_id = ?',
    endOffset + entries.length,
    stampMs ?? entries.at(-1)!.timestampMs,
    partitionId,
  )
  return { baseOffset: endOffset, timestampMs: maxTimestampMs as EpochMs }
}

export const insertBatch = (
  database: Database,
  partitionId: number,
  baseOffset: number,
  lastOffset: number,
  maxTimestampMs: number,
  bytes: Uint8Array,
): void => {
  database.run(
    `insert into batch (partition_id, base_offset, last_offset, max_timestamp_ms, bytes)
     values (?, ?, ?, ?, ?)`,
    partitionId,
    baseOffset,
    lastOffset,
    maxTimestampMs,
    bytes,
  )
}

const batchOf = (
  entries: readonly BatchEntry[],
  baseOffset: number,
  by: Stamp['by'],
  stampMs: number | null,
): Uint8Array => {
  if (by === 'broker') return writeRecordBatch(entries, baseOffset, stampMs)
  if (stampMs === null) return writeRecordBatch(entries, baseOffset)
  const stamped = entries.map(({ key, value }) => ({ key, value, timestampMs: stampMs }))
  return writeRecordBatch(stamped, baseOffset)
}
