import {
  emptyIndex,
  identityBytes,
  identityIndex,
  numberOfIdentity,
  numbersByOwner,
} from './identity-index.ts'

/**
 * An exact set of 16-byte identities, each of an owner, for finding repeats. It takes 28 to 56 bytes an identity; how many it may hold
 * is the caller's limit. `seed`: see `identityIndex`.
 */
export type IdentitySet = {
  readonly size: () => number
  /** Adds the owner's identity at `bytes[start, start + 16)`; true when it is new. */
  readonly add: (bytes: Uint8Array, start: number, owner: number) => boolean
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
