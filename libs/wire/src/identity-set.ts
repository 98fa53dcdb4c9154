import { identityBytes, identityIndex, numberOfIdentity } from './identity-index.ts'

/**
 * An exact set of 16-byte identities, for finding repeats. It takes 24 to 48 bytes an identity; how many it may hold is the caller's
 * limit. `seed`: see `identityIndex`.
 */
export type IdentitySet = {
  readonly size: () => number
  /** Adds the identity at `bytes[start, start + 16)`; true when it is new. */
  readonly add: (bytes: Uint8Array, start: number) => boolean
  /** All identities, 16 bytes each, in the order of adding: to be saved, and added again one by one. */
  readonly toBytes: () => Uint8Array
  /** Empties it and frees its memory. */
  readonly clear: () => void
}

export const identitySet = (seed = 0): IdentitySet => {
  let index = identityIndex(seed)
  return {
    size: () => index.size,
    add: (bytes, start) => {
      const sizeBefore = index.size
      return numberOfIdentity(index, bytes, start) === sizeBefore
    },
    toBytes: () => identityBytes(index),
    clear: () => {
      index = identityIndex(seed)
    },
  }
}
