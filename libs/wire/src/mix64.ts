/** A sum modulo 2^64 as two 32-bit words, kept signed so that adding allocates nothing. `digestOf(high, low)` prints it. */
export type Sum64 = { high: number; low: number }

export const sum64 = (): Sum64 => ({ high: 0, low: 0 })

/**
 * Adds the mix of the 16-byte identity at `start`. The mix is the first 64 bits of MurmurHash3_x86_128 with seed 0, read as a
 * little-endian integer: `mmh3.hash64(identity, seed=0, x64arch=False, signed=False)[0]` in Python.
 */
export const addIdentity = (sum: Sum64, bytes: Uint8Array, start: number): void => {
  mixBlock(single, bytes, start)
  addMix(sum, single, 0, 16)
}

/** `addIdentity` for an identity in four little-endian words. */
export const addIdentityWords = (sum: Sum64, a: number, b: number, c: number, d: number): void => {
  mixWords(single, a, b, c, d)
  addMix(sum, single, 0, 16)
}

/** The lanes of a hash under way, after the 16 bytes of an id. */
export type IdMix = { h1: number; h2: number; h3: number; h4: number }
export const idMix = (): IdMix => ({ h1: 0, h2: 0, h3: 0, h4: 0 })
const single = idMix()

/** Starts the mixes of a batch's events, all of which begin with the batch id at `start`. */
export const openBatchMix = (mix: IdMix, bytes: Uint8Array, start: number): void =>
  mixBlock(mix, bytes, start)

/**
 * Adds the mixes of events `from` to before `to`, at most 2^20 of them, of a batch: the same over 20 bytes, the batch id and the index as a
 * little-endian word. The sum is taken up once, which leaves all numbers of the loop in registers.
 */
export const addBatchEvents = (sum: Sum64, mix: IdMix, from: number, to: number): void => {
  const { h1: lane1, h2: lane2, h3: lane3, h4: lane4 } = mix
  const h2Of20 = lane2 ^ 20
  const h3Of20 = lane3 ^ 20
  const h4Of20 = lane4 ^ 20
  const others = (h2Of20 + h3Of20 + h4Of20) | 0
  // Exact: 2^20 words of 32 bits are below 2^53.
  let low = 0
  let high = 0
  for (let index = from; index < to; index++) {
    const h1 = ((lane1 ^ scramble(index, c1, 15, c2) ^ 20) + others) | 0
    const h2 = avalanche((h2Of20 + h1) | 0)
    const h3 = avalanche((h3Of20 + h1) | 0)
    const h4 = avalanche((h4Of20 + h1) | 0)
    const mixed = (avalanche(h1) + h2 + h3 + h4) | 0
    low += mixed >>> 0
    high = (high + h2 + mixed) | 0
  }
  addSum64(sum, (high + Math.floor(low / 0x1_0000_0000)) | 0, low | 0)
}

/** `addBatchEvents` for one event alone, the plain version. */
export const addBatchIdentity = (
  sum: Sum64,
  bytes: Uint8Array,
  start: number,
  index: number,
): void => {
  mixBlock(single, bytes, start)
  addMix(sum, single, index, 20)
}

/** Adds two words to a sum: merges sums. */
export const addSum64 = (sum: Sum64, high: number, low: number): void => {
  const total = (sum.low + low) | 0
  const carry = total >>> 0 < low >>> 0 ? 1 : 0
  sum.high = (sum.high + high + carry) | 0
  sum.low = total
}

/** MurmurHash3_x86_128: one block of 16 bytes. */
const mixBlock = (mix: IdMix, bytes: Uint8Array, start: number): void =>
  mixWords(
    mix,
    wordAt(bytes, start),
    wordAt(bytes, start + 4),
    wordAt(bytes, start + 8),
    wordAt(bytes, start + 12),
  )

const mixWords = (mix: IdMix, a: number, b: number, c: number, d: number): void => {
  const h1 = scramble(a, c1, 15, c2)
  const h2 = scramble(b, c2, 16, c3)
  const h3 = scramble(c, c3, 17, c4)
  const h4 = scramble(d, c4, 18, c1)
  // In the general hash each lane adds its neighbour here; with seed 0 those are still 0, but for the last.
  mix.h1 = (Math.imul(rotate(h1, 19), 5) + 0x561ccd1b) | 0
  mix.h2 = (Math.imul(rotate(h2, 17), 5) + 0x0bcaa747) | 0
  mix.h3 = (Math.imul(rotate(h3, 15), 5) + 0x96cd1c35) | 0
  mix.h4 = (Math.imul((rotate(h4, 13) + mix.h1) | 0, 5) + 0x32ac3b17) | 0
}

/** Its end: a tail of one word, which changes nothing when it is 0, and the avalanche. */
const addMix = (sum: Sum64, mix: IdMix, tail: number, length: 16 | 20): void => {
  let h1 = mix.h1 ^ scramble(tail, c1, 15, c2) ^ length
  let h2 = mix.h2 ^ length
  let h3 = mix.h3 ^ length
  let h4 = mix.h4 ^ length
  h1 = (h1 + h2 + h3 + h4) | 0
  h2 = avalanche((h2 + h1) | 0)
  h3 = avalanche((h3 + h1) | 0)
  h4 = avalanche((h4 + h1) | 0)
  h1 = (avalanche(h1) + h2 + h3 + h4) | 0
  addSum64(sum, (h2 + h1) | 0, h1)
}

const c1 = 0x239b961b
const c2 = 0xab0e9789
const c3 = 0x38b34ae5
const c4 = 0xa1e38b93

const scramble = (word: number, before: number, bits: number, after: number): number =>
  Math.imul(rotate(Math.imul(word, before), bits), after)

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits))

const avalanche = (word: number): number => {
  let h = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
