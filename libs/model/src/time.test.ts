import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { closedThrough, epochMs, epochUs, isoOf, windowStartOf } from './time.ts'

const size = 10_000_000
const grace = 5_000_000

describe('windows', () => {
  it('hold their start and not their end', () => {
    expect(windowStartOf(20_000_000, size)).toBe(20_000_000)
    expect(windowStartOf(29_999_999, size)).toBe(20_000_000)
  })

  it('close exactly at end + grace', () => {
    expect(closedThrough(24_999, size, grace)).toBe(10_000_000)
    expect(closedThrough(25_000, size, grace)).toBe(20_000_000)
  })

  it('are closed through the largest aligned end that the clock has passed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (clockMs) => {
        const end = closedThrough(clockMs, size, grace)
        expect(end + grace).toBeLessThanOrEqual(clockMs * 1000)
        expect(end + size + grace).toBeGreaterThan(clockMs * 1000)
        expect(Math.abs(end % size)).toBe(0)
      }),
    )
  })
})

describe('isoOf', () => {
  it('writes as many decimals as there are', () => {
    expect(isoOf(1_700_000_000_000_000)).toBe('2023-11-14T22:13:20Z')
    expect(isoOf(1_700_000_000_120_000)).toBe('2023-11-14T22:13:20.120Z')
    expect(isoOf(1_700_000_000_123_456)).toBe('2023-11-14T22:13:20.123456Z')
    expect(isoOf(1_700_000_000_000_007)).toBe('2023-11-14T22:13:20.000007Z')
  })
})

describe('times', () => {
  it('are safe integers from 0', () => {
    expect(epochUs(0)).toBe(0)
    expect(epochMs(5)).toBe(5)
    for (const wrong of [-1, 0.5, Number.NaN, 2 ** 53]) {
      expect(() => epochUs(wrong)).toThrow(/not an integer/)
      expect(() => epochMs(wrong)).toThrow(/not an integer/)
    }
  })
})
