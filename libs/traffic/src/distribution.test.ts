import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { drawExponential, drawLogNormal, drawNormal } from './distribution.ts'
import { exp, ln } from './logarithm.ts'
import { randomStream } from './random.ts'

const relativeError = (value: number, expected: number): number =>
  expected === 0 ? Math.abs(value) : Math.abs(value - expected) / Math.abs(expected)

describe('logarithms', () => {
  it('agree with those of the engine', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (value) => {
        expect(Math.abs(ln(value) - Math.log(value))).toBeLessThanOrEqual(
          1e-15 * Math.max(1, Math.abs(Math.log(value))),
        )
      }),
      { numRuns: 2000 },
    )
    fc.assert(
      fc.property(fc.double({ min: -30, max: 30, noNaN: true }), (value) => {
        expect(relativeError(exp(value), Math.exp(value))).toBeLessThan(1e-14)
      }),
      { numRuns: 2000 },
    )
  })

  it('are exact where the result is', () => {
    expect(ln(1)).toBe(0)
    expect(exp(0)).toBe(1)
  })

  it('keep their last bit: these doubles are part of what a seed means', () => {
    expect([ln(0.1), ln(10), exp(0.3), exp(-2.5)]).toEqual([
      -2.3025850929940455, 2.3025850929940455, 1.3498588075760032, 0.08208499862389879,
    ])
  })
})

describe('distributions', () => {
  const sorted = (draw: () => number): number[] =>
    Array.from({ length: 20_000 }, draw).sort((a, b) => a - b)
  const quantile = (values: readonly number[], q: number): number =>
    values[Math.ceil(q * values.length) - 1]!

  it('have the quantiles of the normal distribution', () => {
    const stream = randomStream(1, 'a', 'normal')
    const values = sorted(() => drawNormal(stream))
    expect(quantile(values, 0.5)).toBeCloseTo(0, 1)
    expect(quantile(values, 0.8413)).toBeCloseTo(1, 1)
    expect(quantile(values, 0.0228)).toBeCloseTo(-2, 1)
  })

  it('have the quantiles of the log-normal distribution', () => {
    const stream = randomStream(1, 'a', 'log-normal')
    const values = sorted(() => drawLogNormal(stream, 200, 0.3))
    expect(relativeError(quantile(values, 0.5), 200)).toBeLessThan(0.02)
    expect(relativeError(quantile(values, 0.99), 200 * Math.exp(0.3 * 2.3263))).toBeLessThan(0.03)
  })

  it('have the quantiles of the exponential distribution', () => {
    const stream = randomStream(1, 'a', 'exponential')
    const values = sorted(() => drawExponential(stream, 50))
    expect(values[0]).toBeGreaterThanOrEqual(0)
    expect(relativeError(quantile(values, 0.5), 50 * Math.LN2)).toBeLessThan(0.03)
    expect(relativeError(quantile(values, 0.95), 50 * Math.log(20))).toBeLessThan(0.03)
  })
})
