import { invariant } from '@tidemark/model'
import { putInSlots } from './hash-slots.ts'
import { lastWord, viewOf } from './words.ts'

/**
 * Names by their UTF-8 bytes: the hot path turns a range of bytes into a small integer without making a string. Indexes run from
 * 0 in the order of adding and stay as they are until `clear`. Bytes are hashed and compared by words: with two names an event, doing
 * it byte by byte was a fifth of the cost of a single event. Measured: 20 ns instead of 38 a lookup among 50 names, 24 instead of 58
 * among 10,000.
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

/** Slots hold indexes, as `putInSlots` puts them. */
type Table = {
  readonly seed: number
  slots: Int32Array
  names: string[]
  /** By index. */
  hashes: Int32Array
  /** From `starts[i]` on in `arena`: the length of name i in bytes, and its bytes as words, of which the last one may overlap. */
  starts: Int32Array
  arena: Int32Array
  arenaUsed: number
}

const noBytes = new Uint8Array(0)

const emptyTable = (seed: number): Table => ({
  seed,
  slots: new Int32Array(64),
  names: [],
  hashes: new Int32Array(32),
  starts: new Int32Array(32),
  arena: new Int32Array(128),
  arenaUsed: 0,
})

const find = (
  { slots, starts, arena }: Table,
  hash: number,
  view: DataView,
  start: number,
  end: number,
): number => {
  const mask = slots.length - 1
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    const held = slots[slot]!
    if (held === 0) return -1
    if (((held ^ hash) & ~mask) !== 0) continue
    const index = (held & mask) - 1
    const at = starts[index]!
    if (arena[at] === end - start && isWords(arena, at + 1, view, start, end)) return index
  }
}

const isWords = (
  arena: Int32Array,
  from: number,
  view: DataView,
  start: number,
  end: number,
): boolean => {
  let word = from
  for (let at = start; at + 4 < end; at += 4)
    if (view.getInt32(at, true) !== arena[word++]) return false
  return lastWord(view, start, end) === arena[word]
}

/** Writes a name behind the others. */
const putWords = (
  table: Table,
  index: number,
  view: DataView,
  start: number,
  end: number,
): void => {
  const from = table.arenaUsed
  table.starts[index] = from
  table.arenaUsed += 1 + Math.max(1, Math.ceil((end - start) / 4))
  if (table.arenaUsed > table.arena.length) {
    const larger = new Int32Array(Math.max(table.arenaUsed, 2 * table.arena.length))
    larger.set(table.arena)
    table.arena = larger
  }
  const { arena } = table
  let word = from
  arena[word++] = end - start
  for (let at = start; at + 4 < end; at += 4) arena[word++] = view.getInt32(at, true)
  arena[word] = lastWord(view, start, end)
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
  const view = viewOf(bytes)
  const hash = hashOfName(table.seed, view, start, end)
  putWords(table, index, view, start, end)
  table.hashes[index] = hash
  table.names.push(name)
  putInSlots(table.slots, hash, index)
  return index
}

const grow = (table: Table): void => {
  const slots = new Int32Array(2 * table.slots.length)
  const hashes = new Int32Array(slots.length / 2)
  const starts = new Int32Array(slots.length / 2)
  hashes.set(table.hashes)
  starts.set(table.starts)
  for (let index = 0; index < table.names.length; index++) putInSlots(slots, hashes[index]!, index)
  Object.assign(table, { slots, hashes, starts })
}

/**
 * The seed is in front, so that what a word does depends on it; the shifts carry high bits down, which multiplication alone would not, and
 * one multiplication more takes those of the last word to the low bits, which choose the slot.
 */
export const hashOfName = (seed: number, view: DataView, start: number, end: number): number => {
  let hash = seed ^ (end - start)
  for (let at = start; at + 4 < end; at += 4)
    hash = Math.imul(hash ^ (hash >>> 15) ^ view.getInt32(at, true), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 15) ^ lastWord(view, start, end), 0xc2b2ae35)
  hash = Math.imul(hash ^ (hash >>> 15), 0x27d4eb2f)
  return hash ^ (hash >>> 16)
}
