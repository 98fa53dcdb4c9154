import {
  hashOfIdentity,
  isAt,
  ownedHash,
  reserve,
  touchSlots,
  type IdentityIndex,
} from './identity-index.ts'

/** Identities of events side by side. */
export type IdentityColumns = {
  /** Four little-endian words each. */
  readonly words: Int32Array
  /** -1: the event has no identity. */
  readonly owners: Int32Array
  /** As `hashIdentities` sets them. */
  readonly hashes: Int32Array
  /** As `addIdentities` sets them: 1 where the identity was not there before, or is none. */
  readonly isNew: Uint8Array
}

export const identityColumns = (words: Int32Array): IdentityColumns => ({
  words,
  owners: new Int32Array(words.length / 4),
  hashes: new Int32Array(words.length / 4),
  isNew: new Uint8Array(words.length / 4),
})

/**
 * Hashes identities `from` to before `to` and looks at their slots, of which each is somewhere else in memory, so that the processor
 * fetches them side by side. What it returns means nothing.
 */
export const hashIdentities = (
  { seed, slots }: IdentityIndex,
  { words, owners, hashes }: IdentityColumns,
  from: number,
  to: number,
): number => {
  for (let i = from; i < to; i++) {
    const at = 4 * i
    const hash = hashOfIdentity(seed, words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!)
    hashes[i] = ownedHash(hash, owners[i]!)
  }
  return touchSlots(slots, hashes, from, to)
}

/**
 * Adds identities `from` to before `to`, whose hashes are known, in this order; returns how many were new. The same as `numberOfIdentity` for
 * one after the other, in one loop.
 */
export const addIdentities = (
  index: IdentityIndex,
  { words, owners, hashes, isNew }: IdentityColumns,
  from: number,
  to: number,
): number => {
  reserve(index, to - from)
  const { slots, words: heldWords, owners: heldOwners, size: sizeBefore } = index
  const mask = slots.length - 1
  let size = sizeBefore
  for (let i = from; i < to; i++) {
    const owner = owners[i]!
    isNew[i] = 1
    if (owner < 0) continue
    const hash = hashes[i]!
    const at = 4 * i
    const a = words[at]!
    const b = words[at + 1]!
    const c = words[at + 2]!
    const d = words[at + 3]!
    let slot = hash & mask
    let held = slots[slot]!
    // What is left of the hash differs, or, which is rare, the identity does.
    while (
      held !== 0 &&
      (((held ^ hash) & ~mask) !== 0 || !isAt(index, (held & mask) - 1, a, b, c, d, owner))
    ) {
      slot = (slot + 1) & mask
      held = slots[slot]!
    }
    if (held !== 0) {
      isNew[i] = 0
      continue
    }
    slots[slot] = (hash & ~mask) | (size + 1)
    const end = 4 * size
    heldWords[end] = a
    heldWords[end + 1] = b
    heldWords[end + 2] = c
    heldWords[end + 3] = d
    heldOwners[size++] = owner
  }
  index.size = size
  return size - sizeBefore
}
