import { putInSlots } from './hash-slots.ts'

/**
 * 16-byte identities, each of an owner, numbered 0, 1, 2 ... in the order of adding. Identities lie densely, four words each, and a table of
 * slots at most half full points at them. A slot also holds what is left of the hash, so that a new identity, which is the common case,
 * touches one slot, wherever in memory that is, and then goes to the end. One index for all the rows of a window, since one for each
 * row was measured to cost seven places in memory an event, and with 10,000 services most of its time.
 */
export type IdentityIndex = {
  readonly seed: number
  size: number
  /** Numbers, as `putInSlots` puts them. */
  slots: Int32Array
  words: Int32Array
  owners: Int32Array
}

const slotsAtFirst = 16

/**
 * `seed`, any 32-bit integer: who does not know it cannot choose identities that fall into the same slots. Nothing else depends on it.
 * With the slots of another it need not grow to hold as many.
 */
export const identityIndex = (seed = 0, slots = slotsAtFirst): IdentityIndex => ({
  seed,
  size: 0,
  slots: new Int32Array(slots),
  words: new Int32Array((slots / 2) * 4),
  owners: new Int32Array(slots / 2),
})

/** The number of the owner's identity at `bytes[start, start + 16)`, which is added when it is new: then it equals the size before. */
export const numberOfIdentity = (
  index: IdentityIndex,
  bytes: Uint8Array,
  start: number,
  owner: number,
): number => {
  const a = wordAt(bytes, start)
  const b = wordAt(bytes, start + 4)
  const c = wordAt(bytes, start + 8)
  const d = wordAt(bytes, start + 12)
  reserve(index, 1)
  const hash = ownedHash(hashOfIdentity(index.seed, a, b, c, d), owner)
  const { slots } = index
  const mask = slots.length - 1
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    const held = slots[slot]!
    if (held === 0) {
      slots[slot] = (hash & ~mask) | (index.size + 1)
      put(index, a, b, c, d, owner)
      return index.size++
    }
    if (((held ^ hash) & ~mask) !== 0) continue
    const number = (held & mask) - 1
    if (isAt(index, number, a, b, c, d, owner)) return number
  }
}

/** Whether the owner's identity at `bytes[start, start + 16)` is there and has this number. */
export const isIdentity = (
  index: IdentityIndex,
  number: number,
  bytes: Uint8Array,
  start: number,
  owner: number,
): boolean =>
  number < index.size &&
  isAt(
    index,
    number,
    wordAt(bytes, start),
    wordAt(bytes, start + 4),
    wordAt(bytes, start + 8),
    wordAt(bytes, start + 12),
    owner,
  )

/** The identities, 16 bytes each, in the order of adding. */
export const identityBytes = ({ size, words }: IdentityIndex): Uint8Array => {
  const bytes = new Uint8Array(16 * size)
  for (let i = 0; i < 4 * size; i++) {
    const word = words[i]!
    bytes[4 * i] = word
    bytes[4 * i + 1] = word >>> 8
    bytes[4 * i + 2] = word >>> 16
    bytes[4 * i + 3] = word >>> 24
  }
  return bytes
}

/** The numbers of each owner's identities, ascending, for owners from 0 to below `owners`. */
export const numbersByOwner = (index: IdentityIndex, owners: number): readonly Int32Array[] => {
  const counts = new Int32Array(owners)
  for (let number = 0; number < index.size; number++) counts[index.owners[number]!]!++
  const numbers = Array.from(counts, (count) => new Int32Array(count))
  counts.fill(0)
  for (let number = 0; number < index.size; number++) {
    const owner = index.owners[number]!
    numbers[owner]![counts[owner]!++] = number
  }
  return numbers
}

/** Makes it hold nothing. It keeps its room for as many again, unless it used only a small part of that. */
export const emptyIndex = (index: IdentityIndex): void => {
  if (index.slots.length > 16 * Math.max(slotsAtFirst, index.size)) {
    const { slots, words, owners } = identityIndex(index.seed)
    Object.assign(index, { slots, words, owners })
  } else index.slots.fill(0)
  index.size = 0
}

const put = (
  { size, words, owners }: IdentityIndex,
  a: number,
  b: number,
  c: number,
  d: number,
  owner: number,
): void => {
  words[4 * size] = a
  words[4 * size + 1] = b
  words[4 * size + 2] = c
  words[4 * size + 3] = d
  owners[size] = owner
}

export const isAt = (
  { words, owners }: IdentityIndex,
  number: number,
  a: number,
  b: number,
  c: number,
  d: number,
  owner: number,
): boolean => {
  const at = 4 * number
  return (
    words[at] === a &&
    words[at + 1] === b &&
    words[at + 2] === c &&
    words[at + 3] === d &&
    owners[number] === owner
  )
}

/** Makes sure that so many more have room. */
export const reserve = (index: IdentityIndex, count: number): void => {
  while (2 * (index.size + count) > index.slots.length) grow(index)
}

/** Looks at the slots of hashes `from` to before `to`; what it returns means nothing, but what is used is not left out by the engine. */
export const touchSlots = (
  slots: Int32Array,
  hashes: Int32Array,
  from: number,
  to: number,
): number => {
  const mask = slots.length - 1
  let sum = 0
  for (let i = from; i < to; i++) sum ^= slots[hashes[i]! & mask]!
  return sum
}

/** Twice the room. Each slot is somewhere else in memory: looked at some at a time, the processor fetches them side by side. */
const grow = (index: IdentityIndex): void => {
  const larger = identityIndex(index.seed, 2 * index.slots.length)
  const { slots, words, owners } = larger
  words.set(index.words)
  owners.set(index.owners)
  for (let from = 0; from < index.size; from += growColumns) {
    const count = Math.min(growColumns, index.size - from)
    for (let i = 0; i < count; i++) {
      const at = 4 * (from + i)
      const [b, c, d] = [words[at + 1]!, words[at + 2]!, words[at + 3]!]
      const hash = hashOfIdentity(index.seed, words[at]!, b, c, d)
      growHashes[i] = ownedHash(hash, owners[from + i]!)
    }
    growTouched[0] = touchSlots(slots, growHashes, 0, count)
    for (let i = 0; i < count; i++) putInSlots(slots, growHashes[i]!, from + i)
  }
  Object.assign(index, { slots, words, owners })
}
const growColumns = 64
const growHashes = new Int32Array(growColumns)
const growTouched = new Int32Array(1)

/** Behind the hash of the identity, which is not known to who does not know the seed: in front, ids could be chosen that make up for it. */
export const ownedHash = (hash: number, owner: number): number => {
  const mixed = Math.imul(hash ^ Math.imul(owner, 0x9e3779b1), 0x85ebca6b)
  return mixed ^ (mixed >>> 15)
}

/**
 * UUIDs may share a prefix (time) or a suffix (node), so every word counts; the seed is in front, so that what a word does depends on it, and
 * the shifts carry high bits down, which multiplication alone would not.
 */
export const hashOfIdentity = (
  seed: number,
  a: number,
  b: number,
  c: number,
  d: number,
): number => {
  let hash = Math.imul(seed ^ a, 0x9e3779b1)
  hash = Math.imul(hash ^ (hash >>> 15) ^ b, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 15) ^ c, 0xc2b2ae35)
  hash = Math.imul(hash ^ (hash >>> 13) ^ d, 0x27d4eb2f)
  return hash ^ (hash >>> 16)
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
