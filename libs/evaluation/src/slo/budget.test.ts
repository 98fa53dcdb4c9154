import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { budgetRemaining, failuresAllowed, isMet, permille } from './budget.ts'

describe('an error budget', () => {
  it('of 99.9 % has 50.0 % left at 99.95 %, and is met', () => {
    const counts = { valid: 10_000, bad: 5 }
    expect(permille(budgetRemaining(counts, 999_000)!)).toBe(500)
    expect(isMet(counts, 999_000)).toBe(true)
  })

  it('of 99.99 % has -1900 % left at 99.8 %, and is not met', () => {
    const counts = { valid: 10_000, bad: 20 }
    expect(permille(budgetRemaining(counts, 999_900)!)).toBe(-19_000)
    expect(isMet(counts, 999_900)).toBe(false)
  })

  it('of 99.5 % over 10,000 requests allows 50 failures', () => {
    expect(failuresAllowed(10_000, 995_000)).toBe(50)
    expect(isMet({ valid: 10_000, bad: 50 }, 995_000)).toBe(true)
    expect(isMet({ valid: 10_000, bad: 51 }, 995_000)).toBe(false)
  })

  it('is absent without events, and for a target of 100 %', () => {
    expect(budgetRemaining({ valid: 0, bad: 0 }, 999_000)).toBeNull()
    expect(isMet({ valid: 0, bad: 0 }, 999_000)).toBeNull()
    expect(budgetRemaining({ valid: 10, bad: 0 }, 1_000_000)).toBeNull()
    expect(isMet({ valid: 10, bad: 1 }, 1_000_000)).toBe(false)
  })

  it('agrees with exact rationals: nothing is left exactly where the target is just met', () => {
    const count = fc.integer({ min: 1, max: 2 ** 52 })
    fc.assert(
      fc.property(
        count,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(999_999),
        (valid, share, targetPpm) => {
          const bad = Math.min(valid, Math.floor(valid * share))
          const { part, whole } = budgetRemaining({ valid, bad }, targetPpm)!
          expect(whole > 0n).toBe(true)
          expect(part >= 0n).toBe(isMet({ valid, bad }, targetPpm))
          // 1 - bad / ((1 - t) valid), cross-multiplied.
          const budget = BigInt(1_000_000 - targetPpm) * BigInt(valid)
          expect(part * budget).toBe((budget - BigInt(bad) * 1_000_000n) * whole)
        },
      ),
    )
  })
})
