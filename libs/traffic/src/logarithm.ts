// ECMAScript fixes the result of + - * / and of Math.sqrt to the last bit, but lets every engine round Math.log and Math.exp as it
// likes. Traffic must have the same bytes everywhere, so the two are computed here from what is fixed.

const ln2 = 0.693_147_180_559_945_3

/** Natural logarithm of a positive finite number, to about 1 unit in the last place. */
export const ln = (value: number): number => {
  let mantissa = value
  let exponent = 0
  for (; mantissa > Math.SQRT2; mantissa /= 2) exponent++
  for (; mantissa < Math.SQRT1_2; mantissa *= 2) exponent--
  // 2 artanh((m - 1) / (m + 1)): |ratio| is at most 0.1716, so the terms left out are below 2^-53.
  const ratio = (mantissa - 1) / (mantissa + 1)
  const square = ratio * ratio
  let sum = 0
  for (let odd = 21; odd >= 1; odd -= 2) sum = sum * square + 1 / odd
  return 2 * ratio * sum + exponent * ln2
}

/** e to the power of `value`, which lies between -700 and 700. */
export const exp = (value: number): number => {
  const exponent = Math.round(value / ln2)
  const rest = value - exponent * ln2
  let sum = 1
  for (let n = 16; n >= 1; n--) sum = 1 + (sum * rest) / n
  for (let n = exponent; n > 0; n--) sum *= 2
  for (let n = exponent; n < 0; n++) sum /= 2
  return sum
}
