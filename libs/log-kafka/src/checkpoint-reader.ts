import { UnavailableError } from '@tidemark/log'
import {
  epochMs,
  type Checkpoint,
  type EpochMs,
  type Offset,
  type RecordBatches,
} from '@tidemark/model'
import { recordCursor } from '@tidemark/wire'
import {
  assemble,
  isKeyOf,
  latestManifest,
  manifestKey,
  type Manifest,
  type TaskKey,
} from './checkpoint-records.ts'
import { listOffsets } from './connection.ts'
import type { Reading } from './reading.ts'

/** What `checkpoints` says about a task. */
export type StoredCheckpoint = {
  readonly checkpoint: Checkpoint
  readonly positions: Manifest['positions']
  readonly committedAtMs: EpochMs
}

export type TaskRecords = {
  readonly stored: StoredCheckpoint | null
  /** Claimed after the checkpoint was committed. */
  readonly isTakenOver: boolean
  /** Keys of all live records, the claim excepted. */
  readonly keys: readonly Uint8Array[]
}

const scanBytesMax = 4 * 1024 * 1024

/**
 * Reads a task's partition of `checkpoints` from its beginning to `end`, where compaction keeps little more than what counts. The partition
 * of a task is its number. Open transactions before the end, of whatever processor, are waited for: they may be all that hides a
 * checkpoint which is committed.
 */
export const readTaskRecords = async (
  { connection, fetcher, settings }: Reading,
  task: TaskKey,
  end: number,
): Promise<TaskRecords> => {
  const { clock, prefix, timeoutMs } = settings
  const partition = task.task
  const ranges = await listOffsets(connection, `${prefix}checkpoints`, [partition])
  const { startOffset } = ranges.get(partition)!
  const found: Found = { live: new Map(), manifestsAtMs: new Map(), claimOffset: -1 }
  const reader = fetcher.reader({ ahead: false })
  try {
    let position = startOffset as Offset
    for (let quietSinceMs = clock.monotonicMs(); position < end;) {
      const [batches] = await reader.poll([{ topic: 'checkpoints', partition, position }], {
        maxWaitMs: 1000,
        bytesMax: scanBytesMax,
        answerWaitMs: timeoutMs,
      })
      if (batches !== undefined) {
        collect(found, task, batches)
        position = batches.nextOffset
        quietSinceMs = clock.monotonicMs()
      } else if (clock.monotonicMs() > quietSinceMs + timeoutMs)
        throw new UnavailableError(
          `checkpoints/${partition}: nothing more can be read at ${position}, below ${end}; a transaction may be open there`,
        )
    }
  } finally {
    reader.close()
  }
  const { live } = found
  const manifest = latestManifest(task, live)
  return {
    stored: manifest === null ? null : storedOf(task, manifest, found),
    // An owner's epoch is the offset of its claim.
    isTakenOver: found.claimOffset > (manifest?.epoch ?? -1),
    keys: [...live.keys()].map((key) => Buffer.from(key)),
  }
}

/** The live records of a task, by key as text; when manifests were written; the last claim, or -1. */
type Found = {
  readonly live: Map<string, Uint8Array>
  readonly manifestsAtMs: Map<string, number>
  claimOffset: number
}

const storedOf = (task: TaskKey, manifest: Manifest, { live, manifestsAtMs }: Found) => ({
  checkpoint: assemble(task, manifest, live),
  positions: manifest.positions,
  committedAtMs: epochMs(manifestsAtMs.get(utf8.decode(manifestKey(task, manifest.epoch))) ?? 0),
})

/** Keeps the last value of each key of the task, and none of deleted ones. */
const collect = (found: Found, task: TaskKey, batches: RecordBatches): void => {
  const { live, manifestsAtMs } = found
  const isOurs = isKeyOf(task)
  const cursor = recordCursor()
  cursor.open(batches)
  while (cursor.next()) {
    const { bytes, keyStart, keyEnd, valueStart, valueEnd } = cursor
    if (keyEnd === -1) continue
    const key = utf8.decode(bytes.subarray(keyStart, keyEnd))
    if (!isOurs(key)) continue
    if (key.endsWith(',"claim"]')) {
      found.claimOffset = cursor.offset
      continue
    }
    if (key.endsWith(',"manifest"]')) manifestsAtMs.set(key, cursor.timestampMs)
    if (valueEnd === -1) live.delete(key)
    else live.set(key, bytes.slice(valueStart, valueEnd))
  }
}

const utf8 = new TextDecoder()
