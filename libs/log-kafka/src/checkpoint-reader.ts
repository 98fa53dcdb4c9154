import { UnavailableError } from '@tidemark/log'
import type { Checkpoint, Offset, RecordBatches } from '@tidemark/model'
import { recordCursor } from '@tidemark/wire'
import {
  assemble,
  isKeyOf,
  latestManifest,
  type Manifest,
  type TaskKey,
} from './checkpoint-records.ts'
import { listOffsets, type Connection } from './connection.ts'
import type { Fetcher } from './fetcher.ts'
import type { Settings } from './options.ts'

/** What `checkpoints` says about a task. */
export type StoredCheckpoint = {
  readonly checkpoint: Checkpoint
  readonly positions: Manifest['positions']
}

export type TaskRecords = {
  readonly stored: StoredCheckpoint | null
  /** Keys of all live records, the claim excepted. */
  readonly keys: readonly Uint8Array[]
}

const scanBytesMax = 4 * 1024 * 1024

/**
 * Reads a task's partition of `checkpoints` from its beginning to its end (of what is committed when it begins, at least to `through`),
 * where compaction keeps little more than what counts. The partition of a task is its number.
 */
export const readTaskRecords = async (
  connection: Connection,
  fetcher: Fetcher,
  settings: Settings,
  task: TaskKey,
  through: number,
): Promise<TaskRecords> => {
  const partition = task.task
  const ranges = await listOffsets(connection, `${settings.prefix}checkpoints`, [partition])
  const { startOffset, endOffset } = ranges.get(partition)!
  const live = new Map<string, Uint8Array>()
  const reader = fetcher.reader({ ahead: false })
  try {
    let position = startOffset as Offset
    while (position < Math.max(endOffset, through + 1)) {
      const [batches] = await reader.poll([{ topic: 'checkpoints', partition, position }], {
        maxWaitMs: 1000,
        bytesMax: scanBytesMax,
        answerWaitMs: settings.timeoutMs,
      })
      if (batches === undefined)
        throw new UnavailableError(`checkpoints/${partition}: no answer at ${position}`)
      collect(live, task, batches)
      position = batches.nextOffset
    }
  } finally {
    reader.close()
  }
  const manifest = latestManifest(task, live)
  return {
    stored:
      manifest === null
        ? null
        : { checkpoint: assemble(task, manifest, live), positions: manifest.positions },
    keys: [...live.keys()].map((key) => Buffer.from(key)),
  }
}

/** Keeps the last value of each key of the task, and none of deleted ones. */
const collect = (live: Map<string, Uint8Array>, task: TaskKey, batches: RecordBatches): void => {
  const isOurs = isKeyOf(task)
  const cursor = recordCursor()
  cursor.open(batches)
  while (cursor.next()) {
    const { bytes, keyStart, keyEnd, valueStart, valueEnd } = cursor
    if (keyEnd === -1) continue
    const key = utf8.decode(bytes.subarray(keyStart, keyEnd))
    if (!isOurs(key) || key.endsWith(',"claim"]')) continue
    if (valueEnd === -1) live.delete(key)
    else live.set(key, bytes.slice(valueStart, valueEnd))
  }
}

const utf8 = new TextDecoder()
