import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { bytesMaxOf, eventBytesMax, grouped } from './event-bytes.ts'

describe('groups of an event', () => {
  const items = fc.array(
    fc.nat(300_000).map((length) => 'x'.repeat(length)),
    { maxLength: 30 },
  )

  it('hold every item once, in order, and fit', () => {
    fc.assert(
      fc.property(items, fc.integer({ min: 1, max: 9 }), fc.nat(900_000), (all, most, first) => {
        const groups = grouped(all, most, first)
        expect(groups.flat()).toEqual(all)
        expect(groups.length).toBeGreaterThan(0)
        groups.forEach((group, at) => {
          const bytes = group.reduce((sum, item) => sum + bytesMaxOf(item), at === 0 ? first : 0)
          expect(group.length).toBeLessThanOrEqual(most)
          expect(bytes <= eventBytesMax || group.length <= 1).toBe(true)
          expect(group.length > 0 || all.length === 0).toBe(true)
        })
      }),
    )
  })

  it('are no more than they must be', () => {
    expect(grouped(['a', 'b', 'c'], 3, 0)).toEqual([['a', 'b', 'c']])
    expect(grouped([], 3, eventBytesMax)).toEqual([[]])
    const half = 'x'.repeat(eventBytesMax / 2 - 10)
    expect(grouped([half, half, half], 9, 0).map((group) => group.length)).toEqual([2, 1])
  })
})

describe('a bound of bytes', () => {
  it('grows with everything that a value holds', () => {
    expect(bytesMaxOf({ a: 1, b: null, c: ['x', true] })).toBeGreaterThan(
      bytesMaxOf({ a: 1, b: null, c: ['x'] }),
    )
    expect(bytesMaxOf('é')).toBe(bytesMaxOf('e') + 1)
    expect(bytesMaxOf('日')).toBe(bytesMaxOf('e') + 2)
  })
})
