import {
  emptyIndex,
  hashOfIdentity,
  identityBytes,
  identityIndex,
  numberOfHashed,
  numberOfIdentity,
  numbersByOwner,
  ownedHash,
} from './identity-index.ts'

/**
 * An exact set of 16-byte identities, each of an owner, for finding repeats. It takes 28 to 56 bytes an identity; how many it may hold
 * is the caller's limit. `seed`: see `identityIndex`.
 */
export type IdentitySet = {
  readonly size: () => number
  /** Adds the owner's identity at `bytes[start, start + 16)`; true when it is new. */
  readonly add: (bytes: Uint8Array, start: number, owner: number) => boolean
  /** The hash of an owner's identity, in four little-endian words, as `addHashed` and `touch` want it. */
  readonly hash: (a: number, b: number, c: number, d: number, owner: number) => number
  /** Looks at the place of an identity, so that it is in the processor's cache when it is added. What it returns means nothing. */
  readonly touch: (hash: number) => number
  readonly addHashed: (
    hash: number,
    a: number,
    b: number,
    c: number,
    d: number,
    owner: number,
  ) => boolean
  /** For owners from 0 to below `owners` the identities, 16 bytes each, in the order of adding: to be saved, and added again one by one. */
  readonly byOwner: (owners: number) => readonly Uint8Array[]
  /** Empties it. It keeps its room for as many again, unless it used only a small part of that. */
  readonly clear: () => void
}

export const identitySet = (seed = 0): IdentitySet => {
  const index = identityIndex(seed)
  return {
    size: () => index.size,
    add: (bytes, start, owner) => {
      const sizeBefore = index.size
      return numberOfIdentity(index, bytes, start, owner) === sizeBefore
    },
    hash: (a, b, c, d, owner) => ownedHash(hashOfIdentity(index.seed, a, b, c, d), owner),
    touch: (hash) => index.slots[hash & (index.slots.length - 1)]!,
    addHashed: (hash, a, b, c, d, owner) => {
      const sizeBefore = index.size
      return numberOfHashed(index, hash, a, b, c, d, owner) === sizeBefore
    },
    byOwner: (owners) => {
      const bytes = identityBytes(index)
      return numbersByOwner(index, owners).map((numbers) => {
        const own = new Uint8Array(16 * numbers.length)
        for (let i = 0; i < numbers.length; i++)
          own.set(bytes.subarray(16 * numbers[i]!, 16 * numbers[i]! + 16), 16 * i)
        return own
      })
    },
    clear: () => emptyIndex(index),
  }
}
