import { CorruptLogError, EntryRefusedError, type Want } from '@tidemark/log'
import {
  sendBytesMax,
  topicNames,
  type Checkpoint,
  type Offset,
  type ProcessorName,
} from '@tidemark/model'
import { createHash } from 'node:crypto'
import { isRecord } from './json.ts'

// What stands on `checkpoints` for one task. Keys are JSON arrays that begin with processor and task; an owner's epoch is the offset of
// its claim.
//
//   [processor, task, "claim"]                             somebody takes the task over
//   [processor, task, epoch, "part", name, slot, chunk]    bytes of a part
//   [processor, task, epoch, "manifest"]                   the parts that make up the checkpoint, and positions
//
// A manifest counts when its epoch is the highest that has one. A part has two slots, and a changed part goes into the one that the
// last manifest does not name: so a crash between any two records leaves that manifest whole, compaction or not, and a part that
// changes often leaves two keys and no deletions. Each owner writes all its parts anew in its first commit and deletes what
// earlier owners left: what an owner that lost the task still writes or deletes touches nothing that counts.

export type TaskKey = { readonly processor: ProcessorName; readonly task: number }

export type PartEntry = {
  readonly name: string
  readonly slot: 0 | 1
  readonly chunks: number
  readonly bytes: number
  /** SHA-256 of the whole part, in hexadecimal. */
  readonly digest: string
}

export type Manifest = {
  readonly epoch: number
  readonly parts: readonly PartEntry[]
  readonly positions: readonly (Want & { readonly from: Offset })[]
}

export type CheckpointRecord = { readonly key: Uint8Array; readonly value: Uint8Array | null }

export const claimKey = ({ processor, task }: TaskKey): Uint8Array =>
  keyOf([processor, task, 'claim'])

export const manifestKey = ({ processor, task }: TaskKey, epoch: number): Uint8Array =>
  keyOf([processor, task, epoch, 'manifest'])

export const chunkKey = (
  { processor, task }: TaskKey,
  epoch: number,
  { name, slot }: Pick<PartEntry, 'name' | 'slot'>,
  chunk: number,
): Uint8Array => keyOf([processor, task, epoch, 'part', name, slot, chunk])

const keyOf = (fields: readonly (string | number)[]): Uint8Array =>
  Buffer.from(JSON.stringify(fields))

/** Whether a key, as text, is of a task: true for nothing else, since JSON quotes the processor's name. */
export const isKeyOf = ({ processor, task }: TaskKey): ((key: string) => boolean) => {
  const beginning = `${JSON.stringify([processor, task]).slice(0, -1)},`
  return (key) => key.startsWith(beginning)
}

/** Records hold 100 KB less than a send may, so that a chunk and a manifest fit into one. */
const chunkBytes = sendBytesMax - 100_000

export const chunksOf = (part: Uint8Array): readonly Uint8Array[] => {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < part.length; at += chunkBytes)
    chunks.push(part.subarray(at, at + chunkBytes))
  return chunks
}

export const digestOfPart = (part: Uint8Array): string =>
  createHash('sha256').update(part).digest('hex')

export const encodeManifest = (manifest: Manifest): Uint8Array => {
  const bytes = Buffer.from(JSON.stringify(manifest))
  if (bytes.length > sendBytesMax)
    throw new EntryRefusedError(
      `checkpoint: a manifest of ${manifest.parts.length} parts takes ${bytes.length} bytes, at most ${sendBytesMax} are written`,
    )
  return bytes
}

/** The live records of one task, by key as text: null when no manifest is among them. */
export const latestManifest = (
  task: TaskKey,
  live: ReadonlyMap<string, Uint8Array>,
): Manifest | null => {
  let latest: Manifest | null = null
  for (const [key, value] of live) {
    const epoch = epochOfManifest(key)
    if (epoch === null || epoch <= (latest?.epoch ?? -1)) continue
    latest = decodeManifest(task, epoch, value)
  }
  return latest
}

const epochOfManifest = (key: string): number | null => {
  const fields: unknown = JSON.parse(key)
  if (!Array.isArray(fields) || fields[3] !== 'manifest') return null
  return typeof fields[2] === 'number' ? fields[2] : null
}

const decodeManifest = (task: TaskKey, epoch: number, value: Uint8Array): Manifest => {
  const found: unknown = JSON.parse(Buffer.from(value).toString('utf8'))
  if (!isManifest(found) || found.epoch !== epoch)
    throw new CorruptLogError(`${nameOf(task)}: the manifest of epoch ${epoch} is none`)
  return found
}

const isManifest = (value: unknown): value is Manifest =>
  isRecord(value) &&
  typeof value.epoch === 'number' &&
  Array.isArray(value.parts) &&
  value.parts.every(isPartEntry) &&
  Array.isArray(value.positions) &&
  value.positions.every(isPosition)

const isPartEntry = (value: unknown): value is PartEntry =>
  isRecord(value) &&
  typeof value.name === 'string' &&
  (value.slot === 0 || value.slot === 1) &&
  typeof value.chunks === 'number' &&
  typeof value.bytes === 'number' &&
  typeof value.digest === 'string'

const isPosition = (value: unknown): value is Want & { readonly from: Offset } =>
  isRecord(value) &&
  topicNames.some((topic) => topic === value.topic) &&
  typeof value.partition === 'number' &&
  typeof value.position === 'number' &&
  typeof value.from === 'number'

/** Puts the parts of a manifest together. Throws CorruptLogError when one is missing or is not what was written. */
export const assemble = (
  task: TaskKey,
  { epoch, parts }: Manifest,
  live: ReadonlyMap<string, Uint8Array>,
): Checkpoint =>
  new Map(
    parts.map((part) => {
      const chunks = Array.from({ length: part.chunks }, (_, chunk) =>
        live.get(Buffer.from(chunkKey(task, epoch, part, chunk)).toString('utf8')),
      )
      const bytes = Buffer.concat(chunks.map((chunk) => chunk ?? Buffer.alloc(0)))
      if (bytes.length !== part.bytes || digestOfPart(bytes) !== part.digest)
        throw new CorruptLogError(
          `${nameOf(task)}: part ${part.name} of the checkpoint of epoch ${epoch} is not what was written: ${bytes.length} of ${part.bytes} bytes`,
        )
      return [part.name, new Uint8Array(bytes)]
    }),
  )

const nameOf = ({ processor, task }: TaskKey): string => `checkpoint of ${processor}/${task}`
