/** A number as it was written: 0.digits x 10^point, without leading zeros; no digits: zero. */
export type Decimal = {
  readonly isNegative: boolean
  readonly digits: string
  readonly point: number
}

/** Takes the text of a JSON number. */
export const decimalOf = (text: string): Decimal => {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = numberPattern.exec(text) ?? []
  const all = whole + fraction
  const digits = all.replace(/^0+/, '')
  return {
    isNegative: sign === '-' && /[1-9]/.test(digits),
    digits,
    point: digits === '' ? 0 : whole.length - (all.length - digits.length) + Number(exponent),
  }
}

const numberPattern = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/

/** The number if it is a safe integer, exactly (`42`, `42.0`, `4.2e1`); otherwise null. */
export const exactInteger = (decimal: Decimal): number | null =>
  /[1-9]/.test(decimal.digits.slice(Math.max(0, decimal.point))) ? null : rounded(decimal)

/**
 * The nearest integer, halves away from zero, or null where that is no safe integer. Done on the digits: 1000 x 1.0005 is 1000.4999... to
 * a double.
 */
export const rounded = ({ isNegative, digits, point }: Decimal): number | null => {
  // 17 digits are above 2^53 whatever they are.
  if (point > 16) return null
  const whole = point <= 0 ? 0 : Number(digits.slice(0, point).padEnd(point, '0'))
  const isUp = point >= 0 && (digits[point] ?? '0') >= '5'
  const magnitude = whole + (isUp ? 1 : 0)
  if (!Number.isSafeInteger(magnitude)) return null
  return isNegative && magnitude !== 0 ? -magnitude : magnitude
}

/** Times 10^places. */
export const scaled = (decimal: Decimal, places: number): Decimal => ({
  ...decimal,
  point: decimal.digits === '' ? 0 : decimal.point + places,
})
