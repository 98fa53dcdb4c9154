import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { isEqualRange, lastWord, viewOf } from './words.ts'

// Few distinct bytes, so that near misses are common.
const range = fc.uint8Array({ maxLength: 20, max: 1 })

const behind = (count: number, bytes: Uint8Array): Uint8Array =>
  Uint8Array.from([...new Uint8Array(count).fill(7), ...bytes, 7, 7, 7, 7])

it('compares ranges of the same length as byte by byte, wherever they start', () => {
  const pair = fc.oneof(
    fc.tuple(range, range).map(([a, b]) => [a, b.subarray(0, a.length)] as const),
    range.map((a) => [a, a] as const),
    fc.tuple(range, fc.nat(19)).map(([a, at]) => [a, a.map((b, i) => (i === at ? 9 : b))] as const),
  )
  fc.assert(
    fc.property(pair, fc.nat(5), fc.nat(5), ([a, b], startA, startB) => {
      fc.pre(a.length === b.length)
      const view = viewOf(behind(startA, a))
      const other = viewOf(behind(startB, b))
      expect(isEqualRange(view, startA, startA + a.length, other, startB)).toBe(
        a.every((byte, i) => byte === b[i]),
      )
    }),
  )
})

it('takes the last four bytes, or all of fewer, as a little-endian word', () => {
  const view = viewOf(Uint8Array.of(9, 1, 2, 3, 0x84, 9).subarray(1))
  expect(lastWord(view, 0, 4)).toBe(0x84030201 | 0)
  expect([0, 1, 2, 3].map((length) => lastWord(view, 0, length))).toEqual([0, 1, 0x201, 0x30201])
})
