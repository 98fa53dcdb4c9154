import { emptyHistogram, encodeV2, record } from '@tidemark/histogram'
import { defaultConfiguration, defaultLayout, digestOf, type InputRange } from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import { horizonOf, inputsOf, signalsOf, type ServiceWindow } from './signals.ts'

const shape = defaultLayout.histogram

const range = (
  topic: InputRange['topic'],
  firstOffset: number,
  lastOffset: number,
): InputRange => ({
  topic,
  partition: 1,
  firstOffset,
  lastOffset,
  records: 2,
  events: 5,
  digest: digestOf(0, 7),
})

const windowAt = (
  endUs: number,
  latenciesUs: readonly number[],
  failed: number,
  checks: { readonly passed: number; readonly failed: number } | null = null,
): ServiceWindow => {
  const histogram = emptyHistogram(shape)
  for (const latencyUs of latenciesUs) record(histogram, latencyUs)
  return {
    endUs,
    requests:
      latenciesUs.length === 0
        ? null
        : {
            total: latenciesUs.length,
            failed,
            overRange: histogram.overRange,
            latencyUsMax: histogram.maxUs,
            histogram: encodeV2(histogram),
            incomplete: false,
            input: range('requests', endUs, endUs + 1),
            detail: null,
          },
    checks: checks && {
      ...checks,
      incomplete: false,
      input: range('health-checks', endUs, endUs + 1),
    },
  }
}

describe('signalsOf', () => {
  it('finds all signals absent with 0 requests and no checks, and throws nothing', () => {
    const absent = { errorRate: null, availability: null, latency: null }
    expect(signalsOf([], defaultConfiguration, shape)).toEqual(absent)
    const eager = { requestsMin: 0, checksMin: 0 }
    expect(signalsOf([], eager, shape)).toEqual(absent)
    expect(signalsOf([windowAt(10, [], 0, { passed: 0, failed: 0 })], eager, shape)).toEqual(absent)
  })

  it('merges windows instead of averaging them', () => {
    const many = windowAt(10, Array<number>(99).fill(1000), 0)
    const few = windowAt(20, [2_000_000], 1)
    const { errorRate, latency } = signalsOf([many, few], defaultConfiguration, shape)
    expect(errorRate).toEqual({ failed: 1, total: 100 })
    expect(latency?.count).toBe(100)
    expect(latency?.p99.lowUs).toBeLessThanOrEqual(1000)
    expect(latency?.p99.highUs).toBeGreaterThanOrEqual(1000)
    expect(latency?.p99.highUs).toBeLessThan(1010)
    expect(latency?.maxUs).toBe(2_000_000)
  })

  it('is absent below 20 requests and below 5 checks, never 0 or 100 %', () => {
    const below = windowAt(10, Array<number>(19).fill(1000), 0, { passed: 4, failed: 0 })
    expect(signalsOf([below], defaultConfiguration, shape)).toEqual({
      errorRate: null,
      availability: null,
      latency: null,
    })
    const enough = windowAt(10, Array<number>(20).fill(1000), 0, { passed: 5, failed: 0 })
    const present = signalsOf([enough], defaultConfiguration, shape)
    expect(present.errorRate).toEqual({ failed: 0, total: 20 })
    expect(present.availability).toEqual({ passed: 5, total: 5 })
  })

  it('counts requests and checks apart', () => {
    const window = windowAt(10, Array<number>(20).fill(1000), 20, { passed: 10, failed: 0 })
    const { errorRate, availability } = signalsOf([window], defaultConfiguration, shape)
    expect(errorRate).toEqual({ failed: 20, total: 20 })
    expect(availability).toEqual({ passed: 10, total: 10 })
  })
})

describe('horizonOf', () => {
  it('holds the last 6 closed windows of 10 s', () => {
    const second = 1_000_000
    const windows = [1, 2, 3, 4, 5, 6, 7].map((n) => windowAt(n * 10 * second, [], 0))
    const held = horizonOf(windows, 70 * second, 60 * second)
    expect(held.map(({ endUs }) => endUs / second)).toEqual([20, 30, 40, 50, 60, 70])
  })
})

describe('inputsOf', () => {
  it('merges the ranges of each input partition', () => {
    const checks = { passed: 1, failed: 0 }
    const windows = [windowAt(10, [1], 0, checks), windowAt(20, [1], 0)]
    expect(inputsOf(windows)).toEqual([
      { ...range('health-checks', 10, 11) },
      { ...range('requests', 10, 21), records: 4, events: 10, digest: digestOf(0, 14) },
    ])
  })
})
