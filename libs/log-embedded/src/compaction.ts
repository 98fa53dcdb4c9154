import type { Offset, TopicName } from '@tidemark/model'
import { recordCursor } from '@tidemark/wire'
import type { Database } from './database.ts'

/** Batches that one pass looks at; older ones that survived a pass are looked at again, so that a key's last value is known. */
const batchesMax = 2000

/**
 * Removes batches of which every record has a newer one under its key. Offsets stay, with gaps; a batch that still holds the newest value
 * of some key stays whole.
 */
export const compactPartition = (database: Database, topic: TopicName, partition: number): void => {
  const rows = database.all(
    'select rowid as id, base_offset, last_offset, bytes from batch where topic = ? and partition = ? order by last_offset limit ?',
    topic,
    partition,
    batchesMax,
  )
  if (rows.length < 2) return
  const newest = new Map<string, number>()
  const keysOf = rows.map((row, i) => {
    const keys = keysIn(row.bytes as Uint8Array, Number(row.base_offset))
    for (const key of keys) newest.set(key, i)
    return keys
  })
  for (const [i, row] of rows.entries())
    if (keysOf[i]!.every((key) => newest.get(key) !== i))
      database.run('delete from batch where rowid = ?', row.id ?? null)
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

const keysIn = (bytes: Uint8Array, from: number): readonly string[] => {
  const cursor = recordCursor()
  cursor.open({ bytes, fromOffset: from as Offset })
  const keys: string[] = []
  while (cursor.next())
    if (cursor.keyEnd !== -1) keys.push(latin1(bytes.subarray(cursor.keyStart, cursor.keyEnd)))
  return keys
}
