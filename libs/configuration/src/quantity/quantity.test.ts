import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { budgetConditionOf, scorecardConditionOf, signalConditionOf } from './condition.ts'
import { decimalOf, decimalText, inUnits } from './decimal.ts'
import { durationOf, durationTextOf } from './duration.ts'
import { instantOf } from './instant.ts'
import { periodOf } from './period.ts'
import { ratioOf, ratioText } from './ratio.ts'
import { statusRangeOf, statusRangeText } from './statuses.ts'

const value = (outcome: { readonly ok: boolean }): unknown =>
  'value' in outcome ? outcome.value : outcome

describe('a ratio', () => {
  it.each([
    ['99.5%', 995_000],
    ['99.9999 %', 999_999],
    ['0.995', 995_000],
    ['0.999999', 999_999],
    ['1.0', 1_000_000],
    ['0', 0],
    ['-10%', -100_000],
    ['0.0001%', 1],
    ['99.50000000000000000000%', 995_000],
  ])('%s is exact', (text, ppm) => {
    expect(value(ratioOf(text))).toBe(ppm)
  })

  it.each([
    ['99.99999%', 'is finer than one part per million: at most 4 decimals of a percentage'],
    ['0.9950000000000000001', 'at most 6 decimals of a fraction'],
    ['1', '1 may be 1% or 100%: write 1%'],
    ['5 percent', '"5 percent" is neither a percentage like 99.5% or a fraction like 0.995'],
    ['1e-3', 'is neither'],
    ['.5', 'is neither'],
    ['', '"" is neither'],
  ])('%s is refused, and why', (text, fault) => {
    expect(ratioOf(text)).toMatchObject({ ok: false, fault: expect.stringContaining(fault) })
  })

  it('comes back from its text', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (ppm) => {
        expect(value(ratioOf(ratioText(ppm)))).toBe(ppm)
      }),
    )
  })
})

describe('a duration', () => {
  it.each([
    ['500ms', 500_000],
    ['1m30s', 90_000_000],
    ['1.5s', 1_500_000],
    ['0.1s', 100_000],
    ['2w', 1_209_600_000_000],
    ['1d12h', 129_600_000_000],
    ['PT1M30S', 90_000_000],
    ['P1DT0.000001S', 86_400_000_001],
    ['501.759ms', 501_759],
    ['0', 0],
  ])('%s is exact', (text, us) => {
    expect(value(durationOf(text))).toBe(us)
  })

  it.each([
    ['', 'is not a duration'],
    ['10', 'is not a duration'],
    ['-5s', 'is not a duration'],
    ['PT-5S', 'is not a duration'],
    ['30s1m', 'is not a duration'],
    ['1s1s', 'is not a duration'],
    ['1 m', 'is not a duration'],
    ['P1M', 'is not a duration'],
    ['0.5us', 'is finer than one microsecond'],
    ['PT0.0000001S', 'is finer than one microsecond'],
    ['9999999d', 'is longer than 100 years'],
    ['PT99999999999999999999S', 'is not a duration'],
  ])('%j is refused, and why', (text, fault) => {
    expect(durationOf(text)).toMatchObject({ ok: false, fault: expect.stringContaining(fault) })
  })

  it('comes back from its text', () => {
    const us = fc.oneof(fc.nat(2_000_000), fc.nat({ max: 3_000_000_000_000_000 }))
    fc.assert(
      fc.property(us, (duration) => {
        expect(value(durationOf(durationTextOf(duration)))).toBe(duration)
      }),
    )
  })

  it.each([
    [60_000_000, '1m'],
    [90_500_000, '1m30.5s'],
    [86_400_000_000, '1d'],
    [501_759, '501.759ms'],
    [0, '0s'],
  ])('%d us is written %s', (us, text) => {
    expect(durationTextOf(us)).toBe(text)
  })
})

describe('a moment', () => {
  it.each([
    ['2026-11-21T03:00:00Z', 1_795_230_000_000_000],
    ['2026-11-21T04:00+01:00', 1_795_230_000_000_000],
    ['2026-11-21T03:00:00.123456Z', 1_795_230_000_123_456],
    ['1970-01-01T00:00:00Z', 0],
  ])('%s is exact', (text, us) => {
    expect(value(instantOf(text))).toBe(us)
  })

  it.each([
    ['2026-11-21T03:00:00', 'names no time zone'],
    ['2026-11-21', 'names no time zone'],
    ['2026-11-21 03:00:00Z', 'is not a time with its zone'],
    ['2026-02-30T00:00:00Z', 'is not a time with its zone'],
    ['2026-11-21T03:00:00.1234567Z', 'is finer than one microsecond'],
    ['1969-12-31T23:59:59Z', 'is not between 1970 and 2255'],
    ['9999-01-01T00:00:00Z', 'is not between 1970 and 2255'],
  ])('%s is refused, and why', (text, fault) => {
    expect(instantOf(text)).toMatchObject({ ok: false, fault: expect.stringContaining(fault) })
  })
})

describe('a period', () => {
  it.each([
    ['30d', { kind: 'rolling', days: 30 }],
    ['P4W', { kind: 'rolling', days: 28 }],
    ['P7D', { kind: 'rolling', days: 7 }],
    ['month', { kind: 'calendar-month' }],
  ])('is read from %s', (text, period) => {
    expect(value(periodOf(text))).toEqual(period)
  })

  it.each(['32d', '0d', 'P1M', 'P1Y', '24h', '1.5d', ''])('is not %j', (text) => {
    expect(periodOf(text)).toMatchObject({ ok: false })
  })
})

describe('statuses', () => {
  it.each([
    ['429', { from: 429, to: 429 }, 429],
    ['5xx', { from: 500, to: 599 }, '5xx'],
    ['500-504', { from: 500, to: 504 }, '500-504'],
  ])('are read from %s, and written so', (text, range, written) => {
    expect(value(statusRangeOf(text))).toEqual(range)
    expect(statusRangeText(range)).toBe(written)
  })

  it.each(['1000', '504-500', '5x', ''])('are not %j', (text) => {
    expect(statusRangeOf(text)).toMatchObject({ ok: false })
  })
})

describe('a condition', () => {
  it('is a signal, an operator and a value of its kind', () => {
    expect(value(signalConditionOf('p95 > 200ms'))).toEqual({
      ...{ signal: 'p95', operator: '>', value: 200_000 },
    })
    expect(value(signalConditionOf('error_rate>=5%'))).toEqual({
      ...{ signal: 'error_rate', operator: '>=', value: 50_000 },
    })
  })

  it.each(['p98 > 1s', 'p95 = 1s', 'p95 >', 'p95 > 5%', 'availability < 1s', 'p95 >> 1s', ''])(
    'is not %j',
    (text) => {
      expect(signalConditionOf(text)).toMatchObject({ ok: false })
    },
  )

  it('may be on what is left of a budget, or on a card', () => {
    expect(value(budgetConditionOf('remaining < -50%'))).toBe(-500_000)
    expect(budgetConditionOf('remaining > 5%')).toMatchObject({ ok: false })
    expect(value(scorecardConditionOf('reliability<70'))).toEqual({
      ...{ card: 'reliability', scoreBelow: 70 },
    })
    expect(value(scorecardConditionOf('governance < partial'))).toEqual({
      ...{ card: 'governance', worseThan: 'partial' },
    })
    expect(scorecardConditionOf('cost > 5')).toMatchObject({ ok: false })
  })
})

describe('a decimal', () => {
  it('is what its digits say, however many there are', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
        fc.nat(10),
        (digits, decimals) => {
          const sign = digits < 0n ? '-' : ''
          const all = String(digits < 0n ? -digits : digits).padStart(decimals + 1, '0')
          const whole = all.slice(0, all.length - decimals)
          const text = `${sign}${whole}${decimals === 0 ? '' : `.${all.slice(-decimals)}`}`
          expect(inUnits(decimalOf(text)!, decimals)).toBe(digits)
        },
      ),
    )
  })

  it('is written without zeros at its end', () => {
    expect(decimalText(350_050, 2)).toBe('3500.5')
    expect(decimalText(-5, 4)).toBe('-0.0005')
    expect(decimalText(3500, 0)).toBe('3500')
  })
})
