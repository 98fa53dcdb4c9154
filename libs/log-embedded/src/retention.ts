import type { Database, Row } from './database.ts'
import { compactPartition } from './compaction.ts'
import type { TopicName } from '@tidemark/model'

/** Batches that one pass removes at most, so that it stays short; the next pass goes on. */
const removedMax = 500
const freedPagesMax = 2000

/**
 * Removes what is older than its topic keeps, and the oldest beyond the size limit. Never what a processor still reads or needs for
 * a recovery, and of a topic that is input to processors nothing before the first of them has committed.
 */
export const maintain = (database: Database, nowMs: number, bytesMax: number | null): void => {
  database.transaction(() => {
    let left = removedMax
    for (const row of database.all(selectExpired, nowMs, left)) {
      removeBatch(database, row)
      left--
    }
    if (bytesMax !== null && sizeOf(database) > bytesMax)
      for (const row of database.all(selectOldest, left)) removeBatch(database, row)
    for (const row of database.all(selectCompacted))
      compactPartition(database, String(row.topic) as TopicName, Number(row.partition))
    database.run(updateStarts)
  })
  database.all(`pragma incremental_vacuum(${freedPagesMax})`)
}

/** Bytes in use, free pages left out. */
export const sizeOf = (database: Database): number => {
  const pragma = (name: string): number =>
    Number(Object.values(database.first(`pragma ${name}`) ?? {})[0])
  return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size')
}

// Everything below the least `from` that a processor has committed; inputs are needed by the aggregator even before it ever ran.
const removable = `
  b.last_offset < coalesce(
    (select min(from_offset) from position p where p.topic = b.topic and p.partition = b.partition),
    case when b.topic in ('rejected', 'alerts', 'assessments', 'platform-reports') then 9007199254740991 else 0 end)`

const selectExpired = `select b.rowid as id from batch b join topic t on t.topic = b.topic
  where t.retention_ms >= 0 and b.last_timestamp_ms < ? - t.retention_ms and ${removable} limit ?`
const selectOldest = `select b.rowid as id from batch b join topic t on t.topic = b.topic
  where t.retention_ms >= 0 and ${removable} order by b.last_timestamp_ms limit ?`
const selectCompacted = `select e.topic, e.partition from partition_end e join topic t on t.topic = e.topic
  where t.cleanup = 'compact'`
const updateStarts = `update partition_end set start_offset = coalesce(
    (select min(b.base_offset) from batch b where b.topic = partition_end.topic and b.partition = partition_end.partition),
    end_offset)
  where (select cleanup from topic t where t.topic = partition_end.topic) = 'delete'`

const removeBatch = (database: Database, row: Row): void => {
  database.run('delete from batch where rowid = ?', row.id ?? null)
}
