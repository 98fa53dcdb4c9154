import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TopicName } from '@tidemark/model'
import { recordCursor, writeRecordBatch, type BatchEntry } from '@tidemark/wire'

// What somebody does who changes a log behind Tidemark's back. The processes are stopped meanwhile.

/** Rewrites a partition of the log in a folder, checksums included, so that only its content says that it was changed. */
export const rewrite = (
  folder: string,
  topic: TopicName,
  partition: number,
  change: (records: readonly BatchEntry[]) => readonly BatchEntry[],
): void => {
  onPartition(folder, topic, partition, (database, id) => {
    const batches = database
      .prepare('select bytes from batch where partition_id = ? order by base_offset')
      .all(id)
    const records = change(batches.flatMap(({ bytes }) => recordsIn(bytes as Uint8Array)))
    database.prepare('delete from batch where partition_id = ?').run(id)
    for (let from = 0; from < records.length; from += recordsPerBatch) {
      const entries = records.slice(from, from + recordsPerBatch)
      const maxMs = entries.reduce((max, { timestampMs }) => Math.max(max, timestampMs), 0)
      database
        .prepare('insert into batch values (?, ?, ?, ?, ?)')
        .run(id, from, from + entries.length - 1, maxMs, writeRecordBatch(entries, from))
    }
    database
      .prepare('update partition_state set end_offset = ? where partition_id = ?')
      .run(records.length, id)
  })
}

/** Flips a bit in the middle of a batch, as a disk does: the checksum stays what it was. */
export const damage = (folder: string, topic: TopicName, partition: number): void => {
  onPartition(folder, topic, partition, (database, id) => {
    const row = database
      .prepare('select base_offset, bytes from batch where partition_id = ? limit 1')
      .get(id)!
    const bytes = new Uint8Array(row.bytes as Uint8Array)
    bytes[bytes.length >> 1]! ^= 1
    database
      .prepare('update batch set bytes = ? where partition_id = ? and base_offset = ?')
      .run(bytes, id, row.base_offset!)
  })
}

/** Removes the oldest records of a partition, as retention does: whole batches, up to about a share of them. Returns the new start. */
export const expire = (
  folder: string,
  topic: TopicName,
  partition: number,
  share: number,
): number => {
  let start = 0
  onPartition(folder, topic, partition, (database, id) => {
    const end = Number(
      database.prepare('select end_offset from partition_state where partition_id = ?').get(id)!
        .end_offset,
    )
    const last = database
      .prepare(
        'select max(last_offset) as last from batch where partition_id = ? and last_offset < ?',
      )
      .get(id, end * share)!
    if (last.last === null) throw new Error(`${topic}/${partition}: too few batches to remove one`)
    start = Number(last.last) + 1
    database.prepare('delete from batch where partition_id = ? and base_offset < ?').run(id, start)
    database
      .prepare('update partition_state set start_offset = ? where partition_id = ?')
      .run(start, id)
  })
  return start
}

const recordsPerBatch = 5

const onPartition = (
  folder: string,
  topic: TopicName,
  partition: number,
  work: (database: DatabaseSync, partitionId: number) => void,
): void => {
  const database = new DatabaseSync(join(folder, 'log.sqlite'))
  try {
    const row = database
      .prepare('select partition_id from partition_state where topic = ? and partition = ?')
      .get(topic, partition)!
    work(database, Number(row.partition_id))
  } finally {
    database.close()
  }
}

const recordsIn = (bytes: Uint8Array): readonly BatchEntry[] => {
  const cursor = recordCursor()
  cursor.open({ bytes, fromOffset: 0 as never })
  const records: BatchEntry[] = []
  while (cursor.next()) {
    const { timestampMs, keyStart, keyEnd, valueStart, valueEnd } = cursor
    records.push({
      timestampMs,
      key: keyEnd === -1 ? null : bytes.slice(keyStart, keyEnd),
      value: valueEnd === -1 ? null : bytes.slice(valueStart, valueEnd),
    })
  }
  return records
}
