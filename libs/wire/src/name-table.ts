import { invariant } from '@tidemark/model'
import { isEqualRange, lastWord, viewOf } from './words.ts'

/**
 * Names by their UTF-8 bytes: the hot path turns a range of bytes into a small integer without making a string. Indexes run from
 * 0 in the order of adding and stay as they are until `clear`. Bytes are hashed and compared by words: with two names an event, doing
 * it byte by byte was a tenth of the cost of a single event.
 */
export type NameTable = {
  readonly capacity: number
  readonly size: () => number
  /** The index of the name in `bytes[start, end)`, or -1: then check it, and `add` it. */
  readonly lookup: (bytes: Uint8Array, start: number, end: number) => number
  /**
   * Adds a name that `lookup` did not find and returns its index; `name` is its text, which the caller decoded to check it. Only
   * below the capacity: what happens to names above it is the caller's rule.
   */
  readonly add: (bytes: Uint8Array, start: number, end: number, name: string) => number
  readonly name: (index: number) => string
  readonly clear: () => void
}

/**
 * Holds up to `capacity` names; its slots and the bytes of the names are allocated as it grows. `seed`, any 32-bit integer: who does not
 * know it cannot choose names that fall into the same slots. Nothing else depends on it.
 */
export const nameTable = (capacity: number, seed = 0): NameTable => {
  invariant(
    Number.isSafeInteger(capacity) && capacity > 0 && capacity <= 2 ** 24,
    `name table: capacity ${capacity} is not in 1 to 2^24`,
  )
  let table = emptyTable(seed)
  // Lookups come in the same bytes for thousands of names, and a view costs more than a lookup.
  let viewed: Uint8Array = noBytes
  let view = viewOf(noBytes)
  return {
    capacity,
    size: () => table.names.length,
    lookup: (bytes, start, end) => {
      if (bytes !== viewed) {
        viewed = bytes
        view = viewOf(bytes)
      }
      return find(table, hashOfName(seed, view, start, end), view, start, end)
    },
    add: (bytes, start, end, name) => {
      invariant(table.names.length < capacity, `name table: more than ${capacity} names`)
      return insert(table, bytes, start, end, name)
    },
    name: (index) => {
      const name = table.names[index]
      invariant(name !== undefined, `name table: no name ${index} of ${table.names.length}`)
      return name
    },
    clear: () => {
      table = emptyTable(seed)
    },
  }
}

/** Open addressing with linear probing, at most half full. Slots hold index + 1; 0 is free. */
type Table = {
  readonly seed: number
  slots: Int32Array
  names: string[]
  /** By index. */
  hashes: Int32Array
  /** The bytes of name i are `arena[starts[i], starts[i + 1])`. */
  starts: Int32Array
  arena: Uint8Array
  arenaView: DataView
}

const noBytes = new Uint8Array(0)

const emptyTable = (seed: number): Table => {
  const arena = new Uint8Array(512)
  return {
    seed,
    slots: new Int32Array(64),
    names: [],
    hashes: new Int32Array(32),
    starts: new Int32Array(33),
    arena,
    arenaView: viewOf(arena),
  }
}

const find = (
  { slots, hashes, starts, arenaView }: Table,
  hash: number,
  view: DataView,
  start: number,
  end: number,
): number => {
  const mask = slots.length - 1
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    const index = slots[slot]! - 1
    if (index < 0) return -1
    if (hashes[index] !== hash) continue
    const at = starts[index]!
    if (starts[index + 1]! - at !== end - start) continue
    if (isEqualRange(view, start, end, arenaView, at)) return index
  }
}

const insert = (
  table: Table,
  bytes: Uint8Array,
  start: number,
  end: number,
  name: string,
): number => {
  const index = table.names.length
  if (2 * (index + 1) > table.slots.length) grow(table)
  const hash = hashOfName(table.seed, viewOf(bytes), start, end)
  const from = table.starts[index]!
  const to = from + end - start
  if (to > table.arena.length) {
    const larger = new Uint8Array(Math.max(to, 2 * table.arena.length))
    larger.set(table.arena)
    table.arena = larger
    table.arenaView = viewOf(larger)
  }
  table.arena.set(bytes.subarray(start, end), from)
  table.starts[index + 1] = to
  table.hashes[index] = hash
  table.names.push(name)
  place(table.slots, hash, index)
  return index
}

const grow = (table: Table): void => {
  const slots = new Int32Array(2 * table.slots.length)
  const hashes = new Int32Array(slots.length / 2)
  const starts = new Int32Array(slots.length / 2 + 1)
  hashes.set(table.hashes)
  starts.set(table.starts)
  for (let index = 0; index < table.names.length; index++) place(slots, hashes[index]!, index)
  Object.assign(table, { slots, hashes, starts })
}

const place = (slots: Int32Array, hash: number, index: number): void => {
  const mask = slots.length - 1
  let slot = hash & mask
  while (slots[slot] !== 0) slot = (slot + 1) & mask
  slots[slot] = index + 1
}

/**
 * The seed is in front, so that what a word does depends on it; the shifts carry high bits down, which multiplication alone would not, and
 * one multiplication more takes those of the last word to the low bits, which choose the slot.
 */
export const hashOfName = (seed: number, view: DataView, start: number, end: number): number => {
  let hash = Math.imul(seed ^ (end - start), 0x9e3779b1)
  for (let at = start; at + 4 < end; at += 4)
    hash = Math.imul(hash ^ (hash >>> 15) ^ view.getInt32(at, true), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 15) ^ lastWord(view, start, end), 0xc2b2ae35)
  hash = Math.imul(hash ^ (hash >>> 15), 0x27d4eb2f)
  return hash ^ (hash >>> 16)
}
