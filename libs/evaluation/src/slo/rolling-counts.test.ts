import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { SloCounts } from './budget.ts'
import { addCounts, correctCounts, countsOver, rollingCounts } from './rolling-counts.ts'

const windowUs = 10_000_000
const minuteUs = 60_000_000
const hourUs = 60 * minuteUs
const dayUs = 24 * hourUs

type Given = { readonly windowStartUs: number; readonly counts: SloCounts }

/** Windows at random distances, most close together, some hours apart. */
const windows = fc
  .array(
    fc.record({
      skip: fc.oneof({ weight: 8, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.nat(5000) }),
      valid: fc.nat(1000),
      share: fc.nat(100),
    }),
    { minLength: 1, maxLength: 200 },
  )
  .map((drawn) => {
    let windowStartUs = 170_000_000 * windowUs
    return drawn.map(({ skip, valid, share }): Given => {
      windowStartUs += (skip + 1) * windowUs
      return { windowStartUs, counts: { valid, bad: Math.floor((valid * share) / 100) } }
    })
  })

/** The same from a plain list: steps that lie in the span, and the running one. */
const plainSum = (given: readonly Given[], windowEndUs: number, spanUs: number): SloCounts => {
  const stepUs = spanUs <= 6 * hourUs ? minuteUs : hourUs
  const fromUs = (Math.floor(windowEndUs / stepUs) - Math.ceil(spanUs / stepUs)) * stepUs
  const inside = given.filter(
    ({ windowStartUs }) => windowStartUs >= fromUs && windowStartUs < windowEndUs,
  )
  return {
    valid: inside.reduce((sum, { counts }) => sum + counts.valid, 0),
    bad: inside.reduce((sum, { counts }) => sum + counts.bad, 0),
  }
}

describe('rolling counts', () => {
  it('are exact over every span, whatever gaps the windows have', () => {
    const spans = [
      5 * minuteUs,
      30 * minuteUs,
      hourUs,
      2 * hourUs,
      6 * hourUs,
      dayUs,
      3 * dayUs,
      7 * dayUs,
    ]
    fc.assert(
      fc.property(windows, (given) => {
        const counts = rollingCounts(7 * dayUs)
        for (const [i, { windowStartUs, counts: add }] of given.entries()) {
          addCounts(counts, windowStartUs, add)
          const endUs = windowStartUs + windowUs
          for (const spanUs of spans)
            expect(countsOver(counts, endUs, spanUs)).toEqual(
              plainSum(given.slice(0, i + 1), endUs, spanUs),
            )
        }
      }),
      { numRuns: 50 },
    )
  })

  it('hold nothing before the first window', () => {
    expect(countsOver(rollingCounts(30 * dayUs), 10 * dayUs, dayUs)).toEqual({ valid: 0, bad: 0 })
  })

  it('take a correction of an hour that is remembered, and none of one that is not', () => {
    const counts = rollingCounts(7 * dayUs)
    const startUs = 20_000 * dayUs
    addCounts(counts, startUs, { valid: 100, bad: 50 })
    addCounts(counts, startUs + dayUs, { valid: 100, bad: 0 })
    correctCounts(counts, startUs, { valid: 0, bad: -50 })
    correctCounts(counts, startUs - 30 * dayUs, { valid: 0, bad: -50 })
    expect(countsOver(counts, startUs + dayUs + windowUs, 7 * dayUs)).toEqual({
      valid: 200,
      bad: 0,
    })
  })

  it('take at most 20 KB for 31 days', () => {
    const { minutes, hours } = rollingCounts(31 * dayUs)
    const arrays = [minutes.valid, minutes.bad, hours.valid, hours.bad]
    expect(arrays.reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeLessThanOrEqual(20_000)
  })
})
