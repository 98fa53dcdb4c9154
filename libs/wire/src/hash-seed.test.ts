import { expect, it } from '@jest/globals'
import { hashOfIdentity } from './identity-index.ts'
import { hashOfName } from './name-table.ts'
import { encodeUtf8 } from './utf8.ts'
import { viewOf } from './words.ts'

const slotsMask = 255
const seeds = [1, 0x1234_5678, 0x9e37_79b9, 0xffff_ffff]

/** Of 30,000 candidates those whose slot is the first one's under seed 0: what somebody would send who knows the seed. */
const chosen = (slotOf: (seed: number, i: number) => number): readonly number[] => {
  const first = slotOf(0, 0)
  return Array.from({ length: 30_000 }, (_, i) => i).filter((i) => slotOf(0, i) === first)
}

const slotsTaken = (slotOf: (seed: number, i: number) => number, seed: number): number =>
  new Set(chosen(slotOf).map((i) => slotOf(seed, i))).size

it.each(seeds)('scatters names that were chosen to fall into one slot (seed %i)', (seed) => {
  const slotOf = (of: number, i: number): number => {
    const bytes = encodeUtf8(`service-${i}`)
    return hashOfName(of, viewOf(bytes), 0, bytes.length) & slotsMask
  }
  // Some 120 of them, over 256 slots.
  expect(slotsTaken(slotOf, 0)).toBe(1)
  expect(slotsTaken(slotOf, seed)).toBeGreaterThan(50)
})

it.each(seeds)('scatters ids that were chosen to fall into one slot (seed %i)', (seed) => {
  const counters = (of: number, i: number): number => hashOfIdentity(of, i, 0, 7, i << 20)
  const highBits = (of: number, i: number): number => hashOfIdentity(of, i << 14, 1, i << 14, 2)
  for (const words of [counters, highBits]) {
    const slotOf = (of: number, i: number): number => words(of, i) & slotsMask
    expect(slotsTaken(slotOf, 0)).toBe(1)
    expect(slotsTaken(slotOf, seed)).toBeGreaterThan(50)
  }
})
