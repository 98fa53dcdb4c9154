import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { dayUs, monthBefore, monthOf } from './calendar.ts'

/** The month as Date has it. */
const byDate = (atUs: number): { readonly startUs: number; readonly endUs: number } => {
  const date = new Date(Math.floor(atUs / 1000))
  const first = (ahead: number): number =>
    Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + ahead, 1) * 1000
  return { startUs: first(0), endUs: first(1) }
}

describe('calendar months', () => {
  it('are those of Date in UTC, to the microsecond, from 1970 to 2250', () => {
    const atUs = fc.integer({ min: 0, max: 8_836_000_000_000_000 })
    fc.assert(
      fc.property(atUs, (at) => expect(monthOf(at)).toEqual(byDate(at))),
      { numRuns: 5000 },
    )
  })

  it('begin and end where every one of 3,000 months does', () => {
    for (let startUs = 0, n = 0; n < 3000; n++) {
      const month = monthOf(startUs)
      expect(month).toEqual(byDate(startUs))
      expect(monthOf(month.endUs - 1)).toEqual(month)
      expect(monthBefore(month.endUs)).toEqual(month)
      startUs = month.endUs
    }
  })

  it.each([
    ['2024-02-29T23:59:59Z', 29],
    ['2100-02-28T00:00:00Z', 28],
    ['2000-02-01T00:00:00Z', 29],
    ['2026-12-31T12:00:00Z', 31],
  ])('that hold %s have %d days', (iso, days) => {
    const { startUs, endUs } = monthOf(Date.parse(iso) * 1000)
    expect(endUs - startUs).toBe(days * dayUs)
  })
})
