import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { compareRatio } from './ratio.ts'

describe('compareRatio', () => {
  it('calls a tenth equal to 100,000 parts per million', () => {
    expect(compareRatio(10, 100, 100_000)).toBe(0)
    expect(compareRatio(11, 100, 100_000)).toBe(1)
    expect(compareRatio(9, 100, 100_000)).toBe(-1)
  })

  it('is exact where the products leave the safe integers', () => {
    const whole = Number.MAX_SAFE_INTEGER
    const part = (whole - 1) / 2
    expect(compareRatio(part, whole, 500_000)).toBe(-1)
    expect(compareRatio(part + 1, whole, 500_000)).toBe(1)
  })

  it('agrees with exact arithmetic', () => {
    const count = fc.maxSafeNat()
    const ppms = fc.integer({ min: -1_000_000, max: 1_000_000 })
    fc.assert(
      fc.property(fc.maxSafeInteger(), count, ppms, (part, whole, ppm) => {
        const difference = BigInt(part) * 1_000_000n - BigInt(ppm) * BigInt(whole)
        const sign = difference > 0n ? 1 : difference < 0n ? -1 : 0
        expect(compareRatio(part, whole, ppm)).toBe(sign)
      }),
    )
  })
})
