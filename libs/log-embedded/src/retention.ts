import type { Offset, TopicName } from '@tidemark/model'
import type { Database, Row } from './database.ts'
import { isInput } from './topic-table.ts'

/** A partition as maintenance sees it. */
export type KeptPartition = {
  readonly partitionId: number
  readonly topic: TopicName
  readonly cleanup: 'delete' | 'compact'
  /** -1: for ever. */
  readonly retentionMs: number
  readonly cleanOffset: Offset
  /** Records from here on are needed by somebody. */
  readonly neededFrom: Offset
}

/** One step removes at most so many batches: other writers get their turn in between. */
const stepBatchesMax = 500

/**
 * What a processor that is known to the log has not read, or would read again in a recovery, is needed: the least `from` of its tasks,
 * or everything where a task has not committed yet. Inputs are needed even while nobody reads them.
 */
export const keptPartitions = (database: Database): readonly KeptPartition[] =>
  database.all(selectKept).map((row) => {
    const topic = String(row.topic) as TopicName
    const nobodyYet = isInput(topic) ? 0 : Number(row.end_offset)
    const isRead = Number(row.readers) > 0
    return {
      partitionId: Number(row.partition_id),
      topic,
      cleanup: row.cleanup === 'compact' ? 'compact' : 'delete',
      retentionMs: Number(row.retention_ms),
      cleanOffset: Number(row.clean_offset) as Offset,
      neededFrom: (isRead ? Number(row.least_from) : nobodyYet) as Offset,
    }
  })

// A task reads the partition of its own number; one that has not committed needs everything from 0.
const selectKept = `
  select s.partition_id, s.topic, s.end_offset, s.clean_offset, t.cleanup, t.retention_ms,
    (select count(*) from reader r where r.topic = s.topic) as readers,
    (select min(coalesce(p.from_offset, 0)) from reader r
      left join position p on p.processor = r.processor and p.topic = s.topic and p.partition = s.partition
      where r.topic = s.topic) as least_from
  from partition_state s join topic t using (topic)`

/** Removes the oldest batches of a partition that are past its retention; returns how many. Within a transaction. */
export const removeExpired = (database: Database, kept: KeptPartition, nowMs: number): number => {
  const { partitionId, retentionMs, neededFrom } = kept
  if (!expires(kept)) return 0
  const expired: Row[] = []
  database.each(selectOldest, [partitionId, stepBatchesMax], (row) => {
    const isExpired =
      Number(row.max_timestamp_ms) < nowMs - retentionMs && Number(row.last_offset) < neededFrom
    if (isExpired) expired.push(row)
    return isExpired
  })
  if (expired.length > 0) removeThrough(database, partitionId, expired.at(-1)!)
  return expired.length
}

/**
 * Removes the oldest batches of all partitions until `isEnough`, or nothing more may go; returns how many. Topics that are kept for
 * ever give nothing. Within a transaction.
 */
export const removeOldest = (database: Database, isEnough: () => boolean): number => {
  const partitions = keptPartitions(database).filter(expires)
  const heads = new Map(partitions.map((kept) => [kept, removableHead(database, kept)]))
  let removed = 0
  while (removed < stepBatchesMax && !isEnough()) {
    const oldest = oldestOf(heads)
    if (oldest === null) break
    removeThrough(database, oldest.kept.partitionId, oldest.head)
    heads.set(oldest.kept, removableHead(database, oldest.kept))
    removed++
  }
  return removed
}

const expires = ({ cleanup, retentionMs }: KeptPartition): boolean =>
  cleanup === 'delete' && retentionMs >= 0

const oldestOf = (
  heads: ReadonlyMap<KeptPartition, Row | null>,
): { readonly kept: KeptPartition; readonly head: Row } | null => {
  let oldest: { readonly kept: KeptPartition; readonly head: Row } | null = null
  for (const [kept, head] of heads)
    if (head !== null && (oldest === null || isOlder(head, oldest.head))) oldest = { kept, head }
  return oldest
}

const isOlder = (a: Row, b: Row): boolean => Number(a.max_timestamp_ms) < Number(b.max_timestamp_ms)

/** The first batch, if nobody needs it. */
const removableHead = (
  database: Database,
  { partitionId, neededFrom }: KeptPartition,
): Row | null => {
  const head = database.first(selectOldest, partitionId, 1)
  return head !== undefined && Number(head.last_offset) < neededFrom ? head : null
}

const selectOldest = `select base_offset, last_offset, max_timestamp_ms from batch
  where partition_id = ? order by base_offset limit ?`

/** Removes a batch and all before it; the partition then starts behind it. */
const removeThrough = (database: Database, partitionId: number, last: Row): void => {
  database.run(
    'delete from batch where partition_id = ? and base_offset <= ?',
    ...[partitionId, last.base_offset ?? null],
  )
  database.run(
    'update partition_state set start_offset = ? where partition_id = ?',
    ...[Number(last.last_offset) + 1, partitionId],
  )
}
