/**
 * 16-byte identities numbered 0, 1, 2 ... in the order of adding. Identities lie densely, four words each, and a table of slots at
 * most half full points at them: a new identity, which is the common case, usually touches one slot and nothing else.
 */
export type IdentityIndex = {
  readonly seed: number
  size: number
  /** Open addressing with linear probing. A slot holds number + 1; 0 is free. */
  slots: Int32Array
  words: Int32Array
}

const slotsAtFirst = 16

/** `seed`, any 32-bit integer: who does not know it cannot choose identities that fall into the same slots. Nothing else depends on it. */
export const identityIndex = (seed = 0): IdentityIndex => ({
  seed,
  size: 0,
  slots: new Int32Array(slotsAtFirst),
  words: new Int32Array((slotsAtFirst / 2) * 4),
})

/** The number of the identity at `bytes[start, start + 16)`, which is added when it is new: then it equals the size before. */
export const numberOfIdentity = (
  index: IdentityIndex,
  bytes: Uint8Array,
  start: number,
): number => {
  if (2 * (index.size + 1) > index.slots.length) grow(index)
  const a = wordAt(bytes, start)
  const b = wordAt(bytes, start + 4)
  const c = wordAt(bytes, start + 8)
  const d = wordAt(bytes, start + 12)
  const { slots, words, seed } = index
  const mask = slots.length - 1
  for (let slot = hashOfIdentity(seed, a, b, c, d) & mask; ; slot = (slot + 1) & mask) {
    const number = slots[slot]! - 1
    if (number < 0) {
      const at = 4 * index.size
      words[at] = a
      words[at + 1] = b
      words[at + 2] = c
      words[at + 3] = d
      slots[slot] = ++index.size
      return index.size - 1
    }
    const at = 4 * number
    if (words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d)
      return number
  }
}

/** Whether the identity at `bytes[start, start + 16)` is there and has this number. */
export const isIdentity = (
  { size, words }: IdentityIndex,
  number: number,
  bytes: Uint8Array,
  start: number,
): boolean => {
  const at = 4 * number
  return (
    number < size &&
    words[at] === wordAt(bytes, start) &&
    words[at + 1] === wordAt(bytes, start + 4) &&
    words[at + 2] === wordAt(bytes, start + 8) &&
    words[at + 3] === wordAt(bytes, start + 12)
  )
}

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

const grow = (index: IdentityIndex): void => {
  const slots = new Int32Array(2 * index.slots.length)
  const words = new Int32Array(2 * index.words.length)
  words.set(index.words)
  const mask = slots.length - 1
  for (let number = 0; number < index.size; number++) {
    const at = 4 * number
    let slot =
      hashOfIdentity(index.seed, words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!) & mask
    while (slots[slot] !== 0) slot = (slot + 1) & mask
    slots[slot] = number + 1
  }
  index.slots = slots
  index.words = words
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
