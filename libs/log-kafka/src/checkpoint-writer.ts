import type { TaskCommit } from '@tidemark/log'
import type { Checkpoint } from '@tidemark/model'
import {
  chunkKey,
  chunksOf,
  digestOfPart,
  encodeManifest,
  manifestKey,
  type CheckpointRecord,
  type PartEntry,
  type TaskKey,
} from './checkpoint-records.ts'

/** Turns an owner's checkpoints into records: what changed, then the manifest, then the deletion of parts that are no more. */
export type CheckpointWriter = {
  /** The records of a commit, to be appended in this order, all of them: or the owner gives the task up. */
  readonly records: (
    checkpoint: Checkpoint,
    positions: TaskCommit['positions'],
  ) => readonly CheckpointRecord[]
}

type Written = {
  readonly bytes: Uint8Array
  readonly entry: PartEntry
  /** The most chunks that ever stood in each slot. */
  readonly chunksEver: readonly [number, number]
}

/** `leftBehind`: keys of earlier owners, which the first commit deletes. */
export const checkpointWriter = (
  task: TaskKey,
  epoch: number,
  leftBehind: readonly Uint8Array[],
): CheckpointWriter => {
  let written: ReadonlyMap<string, Written> = new Map()
  let obsolete = leftBehind
  return {
    records: (checkpoint, positions) => {
      const next = new Map<string, Written>()
      const records: CheckpointRecord[] = []
      for (const [name, bytes] of checkpoint) {
        const before = written.get(name)
        // The same array is the same content: it need not be written again.
        const now = before?.bytes === bytes ? before : rewritten(name, bytes, before)
        next.set(name, now)
        if (now === before) continue
        for (const [i, value] of chunksOf(bytes).entries())
          records.push({ key: chunkKey(task, epoch, now.entry, i), value })
      }
      const manifest = encodeManifest({
        epoch,
        parts: Array.from(next.values(), ({ entry }) => entry),
        positions: positions.map(({ topic, partition, position, from }) => ({
          topic,
          partition,
          position,
          from,
        })),
      })
      records.push({ key: manifestKey(task, epoch), value: manifest })
      for (const key of obsolete) records.push({ key, value: null })
      for (const [name, { chunksEver }] of written)
        if (!next.has(name)) records.push(...deletions(task, epoch, name, chunksEver))
      written = next
      obsolete = []
      return records
    },
  }
}

const rewritten = (name: string, bytes: Uint8Array, before: Written | undefined): Written => {
  const slot = before?.entry.slot === 0 ? 1 : 0
  const chunks = chunksOf(bytes).length
  const [first, second] = before?.chunksEver ?? [0, 0]
  return {
    bytes,
    entry: { name, slot, chunks, bytes: bytes.length, digest: digestOfPart(bytes) },
    chunksEver: slot === 0 ? [Math.max(first, chunks), second] : [first, Math.max(second, chunks)],
  }
}

const deletions = (
  task: TaskKey,
  epoch: number,
  name: string,
  chunksEver: readonly [number, number],
): readonly CheckpointRecord[] =>
  ([0, 1] as const).flatMap((slot) =>
    Array.from({ length: chunksEver[slot] }, (_, chunk) => ({
      key: chunkKey(task, epoch, { name, slot }, chunk),
      value: null,
    })),
  )
