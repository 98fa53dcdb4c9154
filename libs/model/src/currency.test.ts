import { describe, expect, it } from '@jest/globals'
import { currencyFault, minorDigits, parseAmount } from './currency.ts'

describe('a currency', () => {
  it.each([
    ['EUR', 2],
    ['JPY', 0],
    ['KWD', 3],
    ['CLF', 4],
  ])('%s has a minor unit of %d digits', (currency, digits) => {
    expect(currencyFault('currency', currency)).toBeNull()
    expect(minorDigits(currency)).toBe(digits)
  })

  it.each(['EURO', 'eur', '', 'XAU', 'XTS', 'E\u0000R'])('is not %j', (text) => {
    expect(currencyFault('currency', text)).toContain('is no currency of ISO 4217')
  })

  it.each([
    ['XOF', 0],
    ['AFN', 2],
    ['UGX', 0],
    ['TND', 3],
  ])('%s has the digits of ISO 4217, not those that people use', (currency, digits) => {
    expect(minorDigits(currency)).toBe(digits)
  })

  it('is shown with two digits where its code is not known', () => {
    expect(minorDigits('ZZZ')).toBe(2)
  })
})

describe('an amount', () => {
  it.each([
    ['1234.5', 'EUR', 123_450],
    ['0.05', 'EUR', 5],
    ['-20', 'EUR', -2000],
    ['-0.00', 'EUR', 0],
    ['1234', 'JPY', 1234],
    ['1.234', 'KWD', 1234],
    ['90071992547409.91', 'EUR', Number.MAX_SAFE_INTEGER],
  ])('%s %s is %d', (text, currency, minor) => {
    expect(parseAmount(text, currency)).toEqual({ ok: true, minor })
  })

  it.each([
    ['1.234', 'EUR', '1.234: EUR has 2 digits behind the point'],
    ['1.5', 'JPY', '1.5: JPY has 0 digits behind the point'],
    ['', 'EUR', '"" is no amount like 1234.56'],
    ['1,234.56', 'EUR', '"1,234.56" is no amount like 1234.56'],
    ['1e3', 'EUR', '"1e3" is no amount like 1234.56'],
    ['+1', 'EUR', '"+1" is no amount like 1234.56'],
    ['90071992547409.92', 'EUR', '90071992547409.92 is above what can be counted exactly'],
  ])('%j in %s is refused', (text, currency, fault) => {
    expect(parseAmount(text, currency)).toEqual({ ok: false, fault })
  })
})
