import { CorruptLogError, EntryRefusedError } from '@tidemark/log'
import type { Offset, RecordBatches } from '@tidemark/model'
import { batchHeaderAt, controlBit, recordCursor } from '@tidemark/wire'
import { insertBatch } from './append.ts'
import { damageIn } from './read-batches.ts'
import type { Store } from './store.ts'
import { isInput, partitionState } from './topic-table.ts'

/**
 * Takes batches of another log over as they are, offsets and timestamps included, so that a replay reads what was read then. What
 * walkers skip (control batches, batches of aborted transactions) and what is there already is left out. An empty partition begins where
 * the batches do. Within a transaction.
 */
export const importBatches = (
  { database, topics }: Pick<Store, 'database' | 'topics'>,
  { topic, partition, bytes, fromOffset, nextOffset }: RecordBatches,
): void => {
  if (!isInput(topic)) throw new EntryRefusedError(`${topic}: only inputs are taken over`)
  const partitionId = topics.partitionId(topic, partition)
  const state = partitionState(database, partitionId)
  let last: Uint8Array | null = null
  for (let at = 0; at < bytes.length;) {
    const header = batchHeaderAt(bytes, at)
    const batch = bytes.subarray(at, at + header.bytes)
    at += header.bytes
    const { baseOffset, lastOffset, maxTimestampMs } = header
    if ((header.attributes & controlBit) !== 0 || lastOffset < state.endOffset) continue
    const damage = damageIn(batch, baseOffset, lastOffset)
    if (damage !== null)
      throw new CorruptLogError(`${topic}/${partition}, batch at offset ${baseOffset}: ${damage}`)
    if (baseOffset < state.endOffset)
      throw new EntryRefusedError(
        `${topic}/${partition}: batch at offset ${baseOffset} is there in part, up to ${state.endOffset}`,
      )
    insertBatch(database, partitionId, baseOffset, lastOffset, maxTimestampMs, batch)
    last = batch
  }
  database.run(
    'update partition_state set start_offset = ?, end_offset = ?, last_timestamp_ms = ? where partition_id = ?',
    state.endOffset === 0 ? fromOffset : state.startOffset,
    Math.max(state.endOffset, nextOffset),
    last === null ? state.lastTimestampMs : lastTimestampMsIn(last),
    partitionId,
  )
}

/** Of the last record, which need not be the largest where producers stamp. */
const lastTimestampMsIn = (batch: Uint8Array): number | null => {
  const cursor = recordCursor()
  cursor.open({ bytes: batch, fromOffset: 0 as Offset })
  let lastMs: number | null = null
  while (cursor.next()) lastMs = cursor.timestampMs
  return lastMs
}
