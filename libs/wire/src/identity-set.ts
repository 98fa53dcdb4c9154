import { addIdentities, hashIdentities, type IdentityColumns } from './identity-columns.ts'
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
  /** Hashes identities `from` to before `to` and touches their places. What it returns means nothing. */
  readonly hashAll: (columns: IdentityColumns, from: number, to: number) => number
  /** Adds them once they are hashed, in their order; returns how many were new. */
  readonly addAll: (columns: IdentityColumns, from: number, to: number) => number
  /** For owners from 0 to below `owners` the identities, 16 bytes each, in the order of adding: to be saved, and added again one by one. */
  readonly byOwner: (owners: number) => readonly Uint8Array[]
  /** Slots that it has, for another set that will hold as many. */
  readonly slots: () => number
  /** Empties it. It keeps its room for as many again, unless it used only a small part of that. */
  readonly clear: () => void
}

export const identitySet = (seed = 0, slots?: number): IdentitySet => {
  const index = identityIndex(seed, slots)
  return {
    size: () => index.size,
    slots: () => index.slots.length,
    add: (bytes, start, owner) => {
      const sizeBefore = index.size
      return numberOfIdentity(index, bytes, start, owner) === sizeBefore
    },
    hashAll: (columns, from, to) => hashIdentities(index, columns, from, to),
    addAll: (columns, from, to) => addIdentities(index, columns, from, to),
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
