import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { addDigests, digestOf, mergeInputRanges, type InputRange } from './digest.ts'

const word = fc.integer({ min: 0, max: 0xffff_ffff })
const digest = fc.tuple(word, word).map(([high, low]) => digestOf(high, low))

it('adds modulo 2^64', () => {
  fc.assert(
    fc.property(digest, digest, (a, b) => {
      const sum = (BigInt(`0x${a}`) + BigInt(`0x${b}`)) % 2n ** 64n
      expect(addDigests(a, b)).toBe(sum.toString(16).padStart(16, '0'))
    }),
  )
})

const range = fc.record({
  topic: fc.constantFrom('requests' as const, 'health-checks' as const),
  partition: fc.integer({ min: 0, max: 2 }),
  firstOffset: fc.nat(100),
  lastOffset: fc.nat(100),
  records: fc.nat(9),
  events: fc.nat(9),
  digest,
}) satisfies fc.Arbitrary<InputRange>

it('merges ranges the same way in any order', () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 8 }), (ranges) => {
      expect(mergeInputRanges([...ranges].reverse())).toEqual(mergeInputRanges(ranges))
    }),
  )
})
