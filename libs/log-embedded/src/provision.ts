import { LayoutMismatchError, type CatalogRecord } from '@tidemark/log'
import {
  partitionsOf,
  topicCatalogue,
  topicNames,
  type EpochMs,
  type Layout,
  type Offset,
  type TopicName,
} from '@tidemark/model'
import { recordCursor } from '@tidemark/wire'
import { appendBatch } from './append.ts'
import type { Database } from './database.ts'
import { batchesFrom, readBytesDefault } from './read-batches.ts'
import { topicTable } from './topic-table.ts'

/** Creates the topics and fixes the layout by the first record of `catalog`, all at once. Within a transaction. */
export const provisionTopics = (
  database: Database,
  layout: Layout,
  record: CatalogRecord,
  nowMs: EpochMs,
): 'created' | 'unchanged' => {
  if (isProvisioned(database)) {
    const known = firstCatalogRecord(database)
    if (known !== null && Buffer.compare(known, record.value) === 0) return 'unchanged'
    throw new LayoutMismatchError(
      `${database.file}: the log was provisioned with another layout, which cannot change while data flows: use another folder and replay the inputs there`,
    )
  }
  for (const topic of topicNames) createTopic(database, layout, topic)
  const partitionId = topicTable(database).partitionId('catalog', 0)
  const entry = { ...record, timestampMs: 0 }
  const stamp = { by: 'writer', nowMs } as const
  appendBatch(database, { topic: 'catalog', partition: 0, partitionId }, [entry], stamp)
  return 'created'
}

/** The value of the first record of `catalog`; null where nothing is provisioned. Within a transaction. */
export const firstCatalogRecord = (database: Database): Uint8Array | null => {
  if (!isProvisioned(database)) return null
  const store = { database, topics: topicTable(database) }
  const cursor = recordCursor()
  cursor.open(batchesFrom(store, 'catalog', 0, 0 as Offset, readBytesDefault))
  return cursor.next() ? cursor.bytes.slice(cursor.valueStart, cursor.valueEnd) : null
}

const isProvisioned = (database: Database): boolean =>
  database.first('select 1 from topic limit 1') !== undefined

const createTopic = (database: Database, layout: Layout, topic: TopicName): void => {
  const { cleanup, stamped, retentionMs } = topicCatalogue[topic]
  const isInput = stamped === 'layout'
  const stampedBy = isInput && layout.timestamps === 'broker' ? 'broker' : 'producer'
  const partitions = partitionsOf(topic, layout.partitions)
  database.run(
    `insert into topic (topic, name, partitions, stamped_by, cleanup, retention_ms)
     values (?, ?, ?, ?, ?, ?)`,
    ...[topic, layout.prefix + topic, partitions, stampedBy, cleanup],
    // Stamps of producers tell of any past: their age says nothing about when a record is needed.
    isInput && stampedBy === 'producer' ? -1 : retentionMs,
  )
  for (let partition = 0; partition < partitions; partition++)
    database.run('insert into partition_state (topic, partition) values (?, ?)', topic, partition)
}
