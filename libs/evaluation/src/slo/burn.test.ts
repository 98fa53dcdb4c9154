import { defaultBurnWindows } from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { burnFactor, burnLimit, burns, canFire, timeToPageUs, type BurnRatio } from './burn.ts'

const dayUs = 86_400_000_000
const factors = (days: number): number[] =>
  defaultBurnWindows.map((rate) => {
    const { part, whole } = burnFactor(rate, days * dayUs)
    return Number((part * 10_000n) / whole) / 10_000
  })
const [fast] = defaultBurnWindows

describe('the factors', () => {
  it('are 14.4, 6, 3 and 1 for 30 days', () => {
    expect(factors(30)).toEqual([14.4, 6, 3, 1])
  })

  it('are budget share x period / long window for others', () => {
    expect(factors(7)).toEqual([3.36, 1.4, 0.7, 0.2333])
    expect(factors(28)).toEqual([13.44, 5.6, 2.8, 0.9333])
  })

  it('cannot fire at or above 1 / (1 - target): 14.4 at 93.05 % or less', () => {
    const factor = burnFactor(fast!, 30 * dayUs)
    expect(canFire(factor, 930_500)).toBe(false)
    expect(canFire(factor, 930_556)).toBe(true)
    expect(canFire({ part: 20n, whole: 1n }, 950_000)).toBe(false)
  })

  it('page on a total outage after 52 s at 99.9 %, and after 4.3 min at 99.5 %', () => {
    const factor = burnFactor(fast!, 30 * dayUs)
    expect(timeToPageUs(factor, 999_000, fast!.longUs)).toBe(51_840_000)
    expect(timeToPageUs(factor, 995_000, fast!.longUs)).toBe(259_200_000)
  })
})

describe('a burn', () => {
  const limit = burnLimit(burnFactor(fast!, 30 * dayUs), 999_000)

  it('needs at least 3 bad events', () => {
    const short = { valid: 2, bad: 2 }
    expect(burns({ valid: 2, bad: 2 }, short, limit)).toBe(false)
    expect(burns({ valid: 3, bad: 3 }, short, limit)).toBe(true)
  })

  it('needs both windows', () => {
    const long = { valid: 10_000, bad: 1000 }
    expect(burns(long, { valid: 1000, bad: 14 }, limit)).toBe(false)
    expect(burns(long, { valid: 1000, bad: 15 }, limit)).toBe(true)
  })

  it('is absent where a window holds nothing', () => {
    expect(burns({ valid: 0, bad: 0 }, { valid: 1, bad: 1 }, limit)).toBeNull()
    expect(burns({ valid: 9, bad: 9 }, { valid: 0, bad: 0 }, limit)).toBeNull()
  })

  it("asks for Wilson's lower bound above the limit, as its formula in floating point has it", () => {
    const z = 1.96
    const lowerBound = (bad: number, n: number): number => {
      const p = bad / n
      const centre = p + (z * z) / (2 * n)
      const spread = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n))
      return (centre - spread) / (1 + (z * z) / n)
    }
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 5000 }),
        fc.nat(5000),
        fc.integer({ min: 1, max: 999 }),
        (valid, drawn, thousandths) => {
          const bad = Math.min(valid, drawn)
          const above: BurnRatio = { part: BigInt(thousandths), whole: 1000n }
          const bound = lowerBound(bad, valid)
          fc.pre(bad >= 3 && Math.abs(bound - thousandths / 1000) > 1e-9)
          const isSure = burns({ valid, bad }, { valid: 1, bad: 1 }, above)
          expect(isSure).toBe(bound > thousandths / 1000)
        },
      ),
    )
  })

  it('compares exactly where products leave the exact numbers, too', () => {
    const count = fc.integer({ min: 3, max: 2 ** 52 })
    const ratio = fc.record({
      part: fc.bigInt({ min: 0n, max: 2n ** 70n }),
      over: fc.bigInt({ min: 1n, max: 2n ** 70n }),
    })
    fc.assert(
      fc.property(count, count, ratio, (one, other, { part, over }) => {
        const [bad, valid] = [Math.min(one, other), Math.max(one, other)]
        const limit = { part, whole: part + over }
        const [n, k] = [BigInt(valid), BigInt(bad)]
        const gap = k * limit.whole - part * n
        const isSure = gap > 0n && gap * gap * 10_000n > 38_416n * n * part * over
        expect(burns({ valid, bad }, { valid: 1, bad: 1 }, limit)).toBe(isSure)
      }),
      { numRuns: 2000 },
    )
  })
})
