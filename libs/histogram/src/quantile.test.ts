import { describe, expect, it } from '@jest/globals'
import type { HistogramShape } from '@tidemark/model'
import fc from 'fast-check'
import { emptyHistogram, record, type LatencyHistogram } from './histogram.ts'
import {
  countAtOrUnder,
  latencySignalOf,
  p50,
  p99,
  p999,
  quantileOf,
  rankOf,
  type Share,
} from './quantile.ts'
import { effectiveThresholdUs } from './slots.ts'

const shape: HistogramShape = { lowestUs: 1, highestUs: 600_000_000, digits: 2 }

const histogramOf = (latencies: readonly number[]): LatencyHistogram => {
  const histogram = emptyHistogram(shape)
  for (const us of latencies) record(histogram, us)
  return histogram
}

const latencies = fc.array(
  fc.oneof(fc.nat(300), fc.nat(200_000), fc.nat(shape.highestUs), fc.maxSafeNat()),
  { minLength: 1, maxLength: 200, size: 'max' },
)
const share: fc.Arbitrary<Share> = fc.integer({ min: 1, max: 1_000_000 }).chain((denominator) =>
  fc.record({
    numerator: fc.integer({ min: 1, max: denominator }),
    denominator: fc.constant(denominator),
  }),
)

describe('a quantile', () => {
  it('bounds the exact order statistic within 1 %', () => {
    fc.assert(
      fc.property(latencies, share, (values, q) => {
        const exact = values.toSorted((a, b) => a - b)[rankOf(q, values.length) - 1] as number
        const found = quantileOf(histogramOf(values), q)
        if (found === null) throw new Error('no quantile')
        expect(found.valueUs).toBe(found.highUs)
        expect(found.lowUs).toBeLessThanOrEqual(exact)
        expect(found.highUs).toBeGreaterThanOrEqual(exact)
        if (exact > shape.highestUs) return
        expect((exact - found.lowUs) * 100).toBeLessThanOrEqual(exact)
        // The last slot reaches to the maximum when something is over the range.
        if (found.highUs <= shape.highestUs)
          expect((found.highUs - exact) * 100).toBeLessThanOrEqual(exact)
      }),
      { numRuns: 500 },
    )
  })

  it('is absent without values', () => {
    expect(quantileOf(emptyHistogram(shape), p50)).toBeNull()
    expect(latencySignalOf(emptyHistogram(shape))).toBeNull()
  })

  it('is never above the exact maximum', () => {
    expect(quantileOf(histogramOf([30_000_001]), p99)).toEqual({
      valueUs: 30_000_001,
      lowUs: 29_884_416,
      highUs: 30_000_001,
    })
  })

  it('reaches to the maximum where values are over the range', () => {
    const { highUs, lowUs } = quantileOf(histogramOf([1, 700_000_000]), p99) ?? {}
    expect({ lowUs, highUs }).toEqual({ lowUs: 599_785_472, highUs: 700_000_000 })
  })

  it('takes its rank from integers', () => {
    // In floating point 0.07 * 100 is 7.000000000000001, and its ceiling 8.
    expect(rankOf({ numerator: 7, denominator: 100 }, 100)).toBe(7)
    expect(rankOf(p999, 1000)).toBe(999)
    expect(rankOf(p999, 1001)).toBe(1000)
    expect(rankOf(p50, 1)).toBe(1)
    expect(rankOf(p999, Number.MAX_SAFE_INTEGER)).toBe(8_998_192_055_486_251)
    fc.assert(
      fc.property(share, fc.maxSafeNat(), (q, count) => {
        const product = BigInt(q.numerator) * BigInt(count)
        const denominator = BigInt(q.denominator)
        const exact = (product + denominator - 1n) / denominator
        expect(BigInt(rankOf(q, count))).toBe(exact)
      }),
    )
  })

  it('refuses a share outside (0, 1]', () => {
    for (const [numerator, denominator] of [
      [0, 1],
      [2, 1],
      [0.5, 1],
      [1, 2_000_000],
    ] as const)
      expect(() => rankOf({ numerator, denominator }, 5)).toThrow('quantile')
  })
})

describe('counting at or under a threshold', () => {
  it('includes the slot that holds it, and nothing over the range', () => {
    fc.assert(
      fc.property(latencies, fc.nat(shape.highestUs), (values, thresholdUs) => {
        const effectiveUs = Math.min(effectiveThresholdUs(thresholdUs), shape.highestUs)
        expect(countAtOrUnder(histogramOf(values), thresholdUs)).toBe(
          values.filter((us) => us <= effectiveUs).length,
        )
      }),
    )
  })

  it('means 501.759 ms by 500 ms', () => {
    expect(effectiveThresholdUs(500_000)).toBe(501_759)
  })

  it('refuses a threshold outside the range', () => {
    for (const us of [-1, 0.5, shape.highestUs + 1])
      expect(() => countAtOrUnder(emptyHistogram(shape), us)).toThrow('latency threshold')
  })
})

describe('the latency signal', () => {
  it('holds count, maximum and the four quantiles', () => {
    const histogram = histogramOf(Array.from({ length: 1000 }, (_, i) => (i + 1) * 1000))
    expect(latencySignalOf(histogram)).toEqual({
      count: 1000,
      overRange: 0,
      maxUs: 1_000_000,
      p50: { valueUs: 501_759, lowUs: 499_712, highUs: 501_759 },
      p95: { valueUs: 950_271, lowUs: 946_176, highUs: 950_271 },
      p99: { valueUs: 991_231, lowUs: 987_136, highUs: 991_231 },
      p999: { valueUs: 999_423, lowUs: 995_328, highUs: 999_423 },
    })
  })
})
