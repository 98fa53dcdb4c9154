import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { decimalOf, exactInteger, rounded, scaled } from './decimal.ts'

const microseconds = (ms: string): number | null => rounded(scaled(decimalOf(ms), 3))

describe('decimals', () => {
  it.each([
    ['20.123', 20123],
    ['42.5', 42500],
    ['0', 0],
    ['0.000', 0],
    ['0.0004', 0],
    ['0.0005', 1],
    ['0.00049999999999999999', 0],
    ['1.0005', 1001],
    ['2.675', 2675],
    ['1.0015', 1002],
    ['20.122999999999998', 20123],
    ['1e3', 1_000_000],
    ['1.5E-3', 2],
    ['123e-5', 1],
    ['0.00123e+3', 1230],
    ['9007199254740.991', 9007199254740991],
    ['9007199254740.992', null],
    ['1e400', null],
    ['1e-400', 0],
    ['1e-99999999999999999999', 0],
    ['1e99999999999999999999', null],
    ['0e99999999999999999999', 0],
  ])('make %s ms %p us', (ms, us) => {
    expect(microseconds(ms)).toBe(us)
  })

  it.each([
    ['42', 42],
    ['42.0', 42],
    ['4.2e1', 42],
    ['420e-1', 42],
    ['-7', -7],
    ['-0', 0],
    ['0.0', 0],
    ['42.5', null],
    ['4.25e1', null],
    ['1e-1', null],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', null],
    ['9007199254740993', null],
    ['-9007199254740993', null],
    ['1795230000123456', 1795230000123456],
  ])('take %s for the integer %p', (text, integer) => {
    expect(exactInteger(decimalOf(text))).toBe(integer)
  })

  it('know a negative number from one that is not', () => {
    expect(['-1', '-0.001', '-0', '-0.0e5', '1'].map((text) => decimalOf(text).isNegative)).toEqual(
      [true, true, false, false, false],
    )
  })

  it('give back every microsecond that was written with three decimals', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (us) => {
        const text = `${Math.floor(us / 1000)}.${String(us % 1000).padStart(3, '0')}`
        expect(microseconds(text)).toBe(us)
      }),
    )
  })

  it('round as integers do, whatever the number of digits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n }), fc.nat(12), (units, places) => {
        const digits = String(units).padStart(places + 1, '0')
        const text = `${digits.slice(0, digits.length - places)}${places > 0 ? '.' : ''}${digits.slice(digits.length - places)}`
        const one = 10n ** BigInt(places)
        const expected = (units * 2n + one) / (2n * one)
        const isSafe = expected <= BigInt(Number.MAX_SAFE_INTEGER)
        expect(rounded(decimalOf(text))).toBe(isSafe ? Number(expected) : null)
      }),
    )
  })
})
