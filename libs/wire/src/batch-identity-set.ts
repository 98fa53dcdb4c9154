import { invariant } from '@tidemark/model'
import {
  identityBytes,
  identityIndex,
  isIdentity,
  numberOfIdentity,
  type IdentityIndex,
} from './identity-index.ts'

/**
 * An exact set of (batch id, index) identities: a bit for each event of a batch, since a batch that is repeated is mostly repeated
 * whole. How many identities it may hold is the caller's limit.
 */
export type BatchIdentitySet = {
  /** Identities, not batches. */
  readonly size: () => number
  /**
   * Adds event `index` of the batch whose id is at `bytes[start, start + 16)`; true when it is new. `count` is the number of events in
   * the batch as the caller read it, and reserves that many bits; another batch with the same id may have another count.
   */
  readonly add: (bytes: Uint8Array, start: number, index: number, count: number) => boolean
  /** Each batch with its bits (event i: bit i % 32 of word i / 32), in the order of adding: to be saved, and added again. */
  readonly batches: () => readonly { readonly batchId: Uint8Array; readonly bits: Uint32Array }[]
  /** Empties it and frees its memory. */
  readonly clear: () => void
}

/** `seed`: see `identityIndex`. */
export const batchIdentitySet = (seed = 0): BatchIdentitySet => {
  let set = emptySet(seed)
  return {
    size: () => set.size,
    add: (bytes, start, index, count) => add(set, bytes, start, index, count),
    batches: () => batchesOf(set),
    clear: () => {
      set = emptySet(seed)
    },
  }
}

/** The bits of batch i are `arena[starts[i], starts[i] + lengths[i])`. */
type Bits = {
  size: number
  index: IdentityIndex
  /** The batch of the last event, or 0. */
  batch: number
  starts: Int32Array
  lengths: Int32Array
  arena: Uint32Array
  arenaUsed: number
}

const emptySet = (seed: number): Bits => ({
  size: 0,
  index: identityIndex(seed),
  batch: 0,
  starts: new Int32Array(8),
  lengths: new Int32Array(8),
  arena: new Uint32Array(16),
  arenaUsed: 0,
})

const add = (
  set: Bits,
  bytes: Uint8Array,
  start: number,
  index: number,
  count: number,
): boolean => {
  // This runs for every event: the message is put together only when it is needed.
  if (index < 0 || index >= count)
    invariant(false, `batch identity: index ${index} of ${count} events`)
  // The events of a batch come one after the other: 25 ns instead of 34 ns an event.
  const batch = isIdentity(set.index, set.batch, bytes, start)
    ? set.batch
    : numberOfIdentity(set.index, bytes, start)
  set.batch = batch
  if (batch >= set.starts.length) growBatches(set)
  const word = index >>> 5
  if (word >= set.lengths[batch]!) reserve(set, batch, (count + 31) >>> 5)
  const at = set.starts[batch]! + word
  const before = set.arena[at]!
  const bit = 1 << (index & 31)
  if ((before & bit) !== 0) return false
  set.arena[at] = before | bit
  set.size++
  return true
}

/** Moves the bits of a batch to the end of the arena, at least doubled, so that moving again and again stays cheap. */
const reserve = (set: Bits, batch: number, words: number): void => {
  const start = set.starts[batch]!
  const length = set.lengths[batch]!
  const larger = Math.max(words, 2 * length)
  if (set.arenaUsed + larger > set.arena.length) {
    const arena = new Uint32Array(Math.max(set.arenaUsed + larger, 2 * set.arena.length))
    arena.set(set.arena.subarray(0, set.arenaUsed))
    set.arena = arena
  }
  set.arena.copyWithin(set.arenaUsed, start, start + length)
  set.starts[batch] = set.arenaUsed
  set.lengths[batch] = larger
  set.arenaUsed += larger
}

const growBatches = (set: Bits): void => {
  const starts = new Int32Array(2 * set.starts.length)
  const lengths = new Int32Array(2 * set.lengths.length)
  starts.set(set.starts)
  lengths.set(set.lengths)
  set.starts = starts
  set.lengths = lengths
}

const batchesOf = ({
  index,
  starts,
  lengths,
  arena,
}: Bits): ReturnType<BatchIdentitySet['batches']> => {
  const ids = identityBytes(index)
  return Array.from({ length: index.size }, (_, batch) => ({
    batchId: ids.slice(16 * batch, 16 * batch + 16),
    bits: arena.slice(starts[batch], starts[batch]! + lengths[batch]!),
  }))
}
