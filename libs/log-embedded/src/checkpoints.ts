import { createHash } from 'node:crypto'
import { CorruptLogError, type TaskState, type Want } from '@tidemark/log'
import type { Checkpoint, Offset, TopicName } from '@tidemark/model'
import type { Database } from './database.ts'

/** Writes what changed since `before`, within the caller's transaction, and a digest over all of it. */
export const writeCheckpoint = (
  database: Database,
  processor: string,
  task: number,
  before: Checkpoint | null,
  checkpoint: Checkpoint,
): void => {
  for (const name of before?.keys() ?? [])
    if (!checkpoint.has(name))
      database.run(
        'delete from checkpoint_part where processor = ? and task = ? and part = ?',
        processor,
        task,
        name,
      )
  for (const [name, bytes] of checkpoint)
    if (before?.get(name) !== bytes) database.run(upsertPart, processor, task, name, bytes)
  database.run(upsertDigest, processor, task, digestOf(checkpoint))
}

const upsertPart = `insert into checkpoint_part (processor, task, part, bytes) values (?, ?, ?, ?)
  on conflict do update set bytes = excluded.bytes`
const upsertDigest = `insert into checkpoint (processor, task, digest) values (?, ?, ?)
  on conflict do update set digest = excluded.digest`

/** The checkpoint as last committed; null: there was none. CorruptLogError when its parts are not what was committed. */
export const readCheckpoint = (
  database: Database,
  processor: string,
  task: number,
): Checkpoint | null => {
  const row = database.first(
    'select digest from checkpoint where processor = ? and task = ?',
    processor,
    task,
  )
  if (row === undefined) return null
  const parts = database.all(
    'select part, bytes from checkpoint_part where processor = ? and task = ? order by part',
    processor,
    task,
  )
  const checkpoint = new Map(parts.map(({ part, bytes }) => [String(part), bytes as Uint8Array]))
  if (digestOf(checkpoint) !== row.digest)
    throw new CorruptLogError(
      `checkpoint of ${processor} ${task}: its parts do not match their digest`,
    )
  return checkpoint
}

export const taskStateOf = (database: Database, processor: string, task: number): TaskState => ({
  task,
  checkpoint: readCheckpoint(database, processor, task),
  positions: database
    .all(
      'select topic, partition, position from position where processor = ? and task = ? order by topic, partition',
      processor,
      task,
    )
    .map((row): Want => ({
      topic: String(row.topic) as TopicName,
      partition: Number(row.partition),
      position: Number(row.position) as Offset,
    })),
})

// Parts are values: the same array is the same bytes, so each is hashed once however often it is committed.
const hashes = new WeakMap<Uint8Array, string>()

const hashOf = (bytes: Uint8Array): string => {
  const known = hashes.get(bytes)
  if (known !== undefined) return known
  const hash = createHash('sha256').update(bytes).digest('hex')
  hashes.set(bytes, hash)
  return hash
}

const digestOf = (checkpoint: Checkpoint): string => {
  const hash = createHash('sha256')
  for (const [name, bytes] of [...checkpoint].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${JSON.stringify(name)} ${hashOf(bytes)}\n`)
  return hash.digest('hex')
}
