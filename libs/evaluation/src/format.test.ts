import { describe, expect, it } from '@jest/globals'
import {
  amountText,
  changeText,
  complianceText,
  counted,
  countText,
  durationText,
  latencyText,
  minuteText,
  monthText,
  multipleText,
  percentText,
  permilleText,
  ppmText,
  spanText,
} from './format.ts'

describe('percentText', () => {
  it.each([
    [51, 412, '12.4%'],
    [27, 29, '93.1%'],
    [0, 7, '0.0%'],
    [7, 7, '100.0%'],
    [1, 2000, '0.1%'],
    [1, 2001, '0.0%'],
  ])('shows %d of %d as %s', (part, whole, text) => {
    expect(percentText(part, whole)).toBe(text)
  })
})

describe('ppmText', () => {
  it.each([
    [50_000, '5%'],
    [999_500, '99.95%'],
    [1, '0.0001%'],
    [1_000_000, '100%'],
    [-200_000, '-20%'],
  ])('shows %d as %s', (ppm, text) => {
    expect(ppmText(ppm)).toBe(text)
  })
})

describe('latencyText', () => {
  it.each([
    [1_179_647, '1180ms'],
    [200_000, '200ms'],
    [9_949, '9.9ms'],
    [9_950, '10ms'],
    [49, '0.0ms'],
  ])('shows %d us as %s', (us, text) => {
    expect(latencyText(us)).toBe(text)
  })
})

describe('durationText', () => {
  it.each([
    [60_000_000, '1m'],
    [90_000_000, '90s'],
    [86_400_000_000, '24h'],
    [1_500, '1500us'],
    [250_000, '250ms'],
  ])('shows %d us as %s', (us, text) => {
    expect(durationText(us)).toBe(text)
  })
})

describe('complianceText', () => {
  it.each([
    [9995, 10_000, '99.950%'],
    [999_999, 1_000_000, '99.999%'],
    [99_999_999, 100_000_000, '99.999%'],
    [998, 1000, '99.800%'],
    [1, 1, '100.000%'],
    [0, 3, '0.000%'],
    [2 ** 52 - 1, 2 ** 52, '99.999%'],
  ])('shows %d of %d as %s', (good, valid, text) => {
    expect(complianceText(good, valid)).toBe(text)
  })
})

describe('permilleText', () => {
  it.each([
    [500, '50.0%'],
    [-19_000, '-1900.0%'],
    [-5, '-0.5%'],
    [0, '0.0%'],
  ])('shows %d as %s', (permille, text) => {
    expect(permilleText(permille)).toBe(text)
  })
})

describe('amountText', () => {
  it.each([
    [123_456_789, 'EUR', '1,234,567.89 EUR'],
    [5, 'EUR', '0.05 EUR'],
    [0, 'EUR', '0.00 EUR'],
    [-98_050, 'EUR', '-980.50 EUR'],
    [980, 'JPY', '980 JPY'],
    [1_234_567, 'KWD', '1,234.567 KWD'],
    [Number.MAX_SAFE_INTEGER, 'USD', '90,071,992,547,409.91 USD'],
  ])('shows %d of %s as %s', (minor, currency, text) => {
    expect(amountText(minor, currency)).toBe(text)
  })
})

describe('changeText', () => {
  it.each([
    [2800, 3500, '+25.0%'],
    [3500, 2800, '-20.0%'],
    [1000, 1000, '+0.0%'],
    [2000, 2001, '+0.1%'],
    [-100, 100, '+200.0%'],
  ])('shows %d -> %d as %s', (before, after, text) => {
    expect(changeText(before, after)).toBe(text)
  })
})

describe('countText', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [-1_234_567, '-1,234,567'],
  ])('shows %d as %s', (count, text) => {
    expect(countText(count)).toBe(text)
  })

  it('counts a noun', () => {
    expect([counted(1, 'alert'), counted(2000, 'alert')]).toEqual(['1 alert', '2,000 alerts'])
  })
})

describe('multipleText', () => {
  it('has one decimal, rounded down, so that what stays below a factor does not look like it', () => {
    expect(multipleText(144n, 10n)).toBe('14.4x')
    expect(multipleText(14_399n, 1000n)).toBe('14.3x')
    expect(multipleText(0n, 1n)).toBe('0.0x')
  })
})

describe('spanText', () => {
  it.each([
    [273_600_000_000, '3d 4h'],
    [86_400_000_000, '1d'],
    [260_000_000, '4m 20s'],
    [3_601_000_000, '1h'],
    [40_000_000, '40s'],
    [500_000, '500ms'],
    [10, '0s'],
  ])('shows %d us as %s', (us, text) => {
    expect(spanText(us)).toBe(text)
  })
})

describe('a time', () => {
  it('is shown in UTC, whatever the machine thinks', () => {
    const atUs = 1_795_230_059_999_999
    expect([monthText(atUs), minuteText(atUs)]).toEqual(['2026-11', '2026-11-21 03:00'])
  })
})
