import { createHash } from 'node:crypto'
import { CorruptLogError, type TaskCommit, type TaskState, type Want } from '@tidemark/log'
import type { Checkpoint, EpochMs, Offset, ProcessorName, TopicName } from '@tidemark/model'
import type { Database } from './database.ts'

export type TaskKey = { readonly processor: ProcessorName; readonly task: number }

/** Writes the parts that changed since `before`, and a digest over all of them, within a transaction. */
export const writeCheckpoint = (
  database: Database,
  { processor, task }: TaskKey,
  before: Checkpoint | null,
  checkpoint: Checkpoint,
): void => {
  for (const part of before?.keys() ?? [])
    if (!checkpoint.has(part))
      database.run(
        'delete from checkpoint_part where processor = ? and task = ? and part = ?',
        ...[processor, task, part],
      )
  for (const [part, bytes] of checkpoint)
    if (before?.get(part) !== bytes) database.run(upsertPart, processor, task, part, bytes)
  database.run(
    'update task set checkpoint_digest = ? where processor = ? and task = ?',
    digestOf({ processor, task }, checkpoint),
    processor,
    task,
  )
}

const upsertPart = `insert into checkpoint_part (processor, task, part, bytes) values (?, ?, ?, ?)
  on conflict do update set bytes = excluded.bytes`

export const writePositions = (
  database: Database,
  { processor, task }: TaskKey,
  positions: TaskCommit['positions'],
): void => {
  for (const { topic, partition, position, from } of positions)
    database.run(upsertPosition, processor, task, topic, partition, position, from)
}

const upsertPosition = `insert into position (processor, task, topic, partition, position, from_offset)
  values (?, ?, ?, ?, ?, ?)
  on conflict do update set position = excluded.position, from_offset = excluded.from_offset`

/** The checkpoint as last committed; null where there was none. CorruptLogError when its parts are not those of one commit. */
export const readCheckpoint = (
  database: Database,
  { processor, task }: TaskKey,
): Checkpoint | null => {
  const row = database.first(
    'select checkpoint_digest from task where processor = ? and task = ?',
    processor,
    task,
  )
  const digest = row?.checkpoint_digest ?? null
  if (digest === null) return null
  const parts = database.all(
    'select part, bytes from checkpoint_part where processor = ? and task = ?',
    processor,
    task,
  )
  const checkpoint = new Map(parts.map(({ part, bytes }) => [String(part), bytes as Uint8Array]))
  if (digestOf({ processor, task }, checkpoint) !== digest)
    throw new CorruptLogError(
      `${database.file}: checkpoint of ${processor}/${task}: its parts do not match its digest`,
    )
  return checkpoint
}

/** When, and in which epoch, the task was committed. */
export const noteCommit = (
  database: Database,
  { processor, task }: TaskKey,
  { epoch, nowMs }: { readonly epoch: number; readonly nowMs: EpochMs },
): void => {
  database.run(
    'update task set committed_ms = ?, committed_epoch = ? where processor = ? and task = ?',
    ...[nowMs, epoch, processor, task],
  )
}

export const taskState = (database: Database, key: TaskKey): TaskState => {
  const row = database.first(
    'select epoch, committed_ms, committed_epoch from task where processor = ? and task = ?',
    key.processor,
    key.task,
  )
  const committedMs = row?.committed_ms ?? null
  return {
    task: key.task,
    checkpoint: readCheckpoint(database, key),
    positions: readPositions(database, key),
    committedAtMs: committedMs === null ? null : (Number(committedMs) as EpochMs),
    isTakenOver: Number(row?.epoch ?? 0) > Number(row?.committed_epoch ?? 0),
  }
}

export const readPositions = (database: Database, { processor, task }: TaskKey): readonly Want[] =>
  database
    .all(
      `select topic, partition, position from position
       where processor = ? and task = ? order by topic, partition`,
      processor,
      task,
    )
    .map((row) => ({
      topic: String(row.topic) as TopicName,
      partition: Number(row.partition),
      position: Number(row.position) as Offset,
    }))

/** Whose checkpoint it is, and names, lengths and bytes of all parts. */
const digestOf = ({ processor, task }: TaskKey, checkpoint: Checkpoint): string => {
  const parts = [...checkpoint]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([part, bytes]) => [part, bytes.length, hashOf(bytes)])
  return sha256(JSON.stringify([processor, task, parts]))
}

// A part that is the same array has the same bytes, so a large one is hashed once however often it is committed.
const hashes = new WeakMap<Uint8Array, string>()

const hashOf = (bytes: Uint8Array): string => {
  const known = hashes.get(bytes) ?? sha256(bytes)
  hashes.set(bytes, known)
  return known
}

const sha256 = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex')
