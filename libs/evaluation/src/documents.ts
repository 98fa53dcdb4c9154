import { canonicalJson, type Checkpoint } from '@tidemark/model'
import { packed, unpacked } from './packed-value.ts'

/** Named values as a checkpoint keeps them: their bytes cut into parts that fit into one record each. */
export type Documents = ReadonlyMap<string, unknown>

/** A document that is made when it is written: `value` rests on what never changes. */
export type DocumentDraft = { readonly name: string; readonly value: () => unknown }

/** Bytes of one part: below the largest send, with room for its key and frame. */
export const pieceBytesMax = 800_000

/** A checkpoint that this version cannot read. */
export class CheckpointFormatError extends Error {
  readonly code = 'checkpoint_format'
  readonly retriable = false
}

/** Parts `name.0`, `name.1` and so on of a document. A part whose bytes are those of `before` is the same array. */
export const partsOf = ({ name, value }: DocumentDraft, before: Checkpoint): Checkpoint => {
  const bytes = packed(value())
  const parts = new Map<string, Uint8Array>()
  for (let at = 0, index = 0; at < bytes.length; at += pieceBytesMax, index++) {
    const key = `${name}.${index}`
    parts.set(key, unchanged(bytes.slice(at, at + pieceBytesMax), before.get(key)))
  }
  return parts
}

/** The documents of a checkpoint; `counts` are the numbers of parts as `partCounts` gave them. */
export const documentsOf = (
  parts: Checkpoint,
  counts: Readonly<Record<string, number>>,
): Documents => {
  const documents = new Map<string, unknown>()
  for (const [name, count] of Object.entries(counts)) {
    const pieces = Array.from({ length: count }, (_, index) => partOf(parts, `${name}.${index}`))
    documents.set(name, unpacked(joined(pieces)))
  }
  return documents
}

/** How many parts each document has: what tells a complete checkpoint from one that lost its end. */
export const partCounts = (parts: Checkpoint): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const key of parts.keys()) {
    const name = key.slice(0, key.lastIndexOf('.'))
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

/** Canonical JSON in ASCII: what is above it is escaped, so that a character is a byte. */
export const jsonBytes = (value: unknown): Uint8Array => {
  const text = canonicalJson(value).replace(/[\u0080-\uffff]/g, escaped)
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < bytes.length; at++) bytes[at] = text.charCodeAt(at)
  return bytes
}

export const jsonOf = (bytes: Uint8Array): unknown => {
  let text = ''
  // Measured: from a list of numbers a string is made ten times as fast as from the bytes themselves.
  const units: number[] = []
  for (let from = 0; from < bytes.length; from += stride) {
    const count = Math.min(stride, bytes.length - from)
    units.length = count
    for (let at = 0; at < count; at++) units[at] = bytes[from + at]!
    text += String.fromCharCode.apply(null, units)
  }
  return JSON.parse(text)
}

export const partOf = (parts: Checkpoint, key: string): Uint8Array => {
  const part = parts.get(key)
  if (part === undefined) throw new CheckpointFormatError(`checkpoint: part ${key} is missing`)
  return part
}

/** `before` if it has the same bytes. */
export const unchanged = (bytes: Uint8Array, before: Uint8Array | undefined): Uint8Array =>
  before !== undefined && isSame(bytes, before) ? before : bytes

const isSame = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}

/** Far below the number of arguments that a call can take. */
const stride = 8192

const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

/** The bytes of all pieces; of one it is the piece. */
export const joined = (pieces: readonly Uint8Array[]): Uint8Array => {
  if (pieces.length === 1) return pieces[0]!
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}
