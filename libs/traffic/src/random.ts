import { sha256 } from '@tidemark/model'

/** A sequence of random numbers that its seed fixes for ever, on every machine. */
export type RandomStream = {
  /** An integer of 0 to 2^32 - 1. */
  readonly word: () => number
  /** A multiple of 2^-53 in [0, 1). */
  readonly unit: () => number
}

/**
 * The stream of one purpose of one service. Each (seed, service, purpose) has its own, so that another service, another fault or one
 * more draw elsewhere changes nothing here.
 *
 * The generator is xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom number generators"); its state is the first
 * 128 bits of the SHA-256 of the three names.
 */
export const randomStream = (seed: number, service: string, purpose: string): RandomStream => {
  const digest = sha256(JSON.stringify([seed, service, purpose]))
  const wordAt = (index: number): number =>
    Number.parseInt(digest.slice(index * 8, index * 8 + 8), 16) | 0
  return xoshiro(wordAt(0), wordAt(1), wordAt(2), wordAt(3))
}

/** xoshiro128** from a state, which must not be all zeros. */
export const xoshiro = (s0: number, s1: number, s2: number, s3: number): RandomStream => {
  let [a, b, c, d] = [s0, s1, s2, s3]
  const word = (): number => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotate(d, 11)
    return result
  }
  const unit = (): number => ((word() >>> 5) * 0x400_0000 + (word() >>> 6)) / 0x20_0000_0000_0000
  return { word, unit }
}

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by))

/** An integer of 0 to `bound - 1`. */
export const drawBelow = (stream: RandomStream, bound: number): number =>
  Math.floor(stream.unit() * bound)

/** True with a probability of `ppm` parts per million. */
export const drawChance = (stream: RandomStream, ppm: number): boolean =>
  drawBelow(stream, 1_000_000) < ppm

/** One of `choices`, as often as its weight says. */
export const drawWeighted = <T extends { readonly weight: number }>(
  stream: RandomStream,
  choices: readonly [T, ...T[]],
): T => {
  let left = drawBelow(
    stream,
    choices.reduce((sum, { weight }) => sum + weight, 0),
  )
  for (const choice of choices) {
    left -= choice.weight
    if (left < 0) return choice
  }
  return choices[0]
}

/** 122 random bits in the shape of a version 4 UUID. */
export const drawUuid = (stream: RandomStream): string => {
  const hex = (word: number): string => word.toString(16).padStart(8, '0')
  const [a, b] = [hex(stream.word()), hex(((stream.word() & 0xffff_0fff) | 0x4000) >>> 0)]
  const [c, d] = [hex(((stream.word() & 0x3fff_ffff) | 0x8000_0000) >>> 0), hex(stream.word())]
  return `${a}-${b.slice(0, 4)}-${b.slice(4)}-${c.slice(0, 4)}-${c.slice(4)}${d}`
}
