/** Decimals behind the point that sums are kept with. */
export const decimalsMax = 30
const digitsMax = 40
const unit = 10n ** BigInt(decimalsMax)

const pattern = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,3}))?$/

/** A decimal number in units of 10^-30, exactly; or why it is none that can be added up. */
export const decimalUnits = (
  text: string,
):
  | { readonly ok: true; readonly units: bigint }
  | { readonly ok: false; readonly fault: string } => {
  const [, sign, whole = '', fraction = '', exponent = '0'] = pattern.exec(text) ?? []
  const digits = whole + fraction
  const shown = JSON.stringify(text.slice(0, 64))
  if (sign === undefined || digits === '') return { ok: false, fault: `${shown} is no number` }
  const decimals = fraction.length - Number(exponent)
  const significant = digits.replace(/^0+/, '').replace(/0+$/, '')
  if (significant === '') return { ok: true, units: 0n }
  if (digits.length > digitsMax || Math.abs(decimals) > digitsMax)
    return { ok: false, fault: `${shown} has more than ${digitsMax} digits` }
  const trailing = digits.length - digits.replace(/0+$/, '').length
  if (decimals - trailing > decimalsMax)
    return { ok: false, fault: `${shown} has more than ${decimalsMax} decimals` }
  const shift = decimalsMax - decimals
  const magnitude =
    shift >= 0 ? BigInt(digits) * 10n ** BigInt(shift) : BigInt(digits) / 10n ** BigInt(-shift)
  return { ok: true, units: sign === '-' ? -magnitude : magnitude }
}

/** The nearest amount in minor units of so many digits, halves away from zero; null where that is above what can be counted exactly. */
export const minorOfUnits = (units: bigint, digits: number): number | null => {
  const scaled = (units < 0n ? -units : units) * 10n ** BigInt(digits)
  const magnitude = Number((2n * scaled + unit) / (2n * unit))
  if (!Number.isSafeInteger(magnitude)) return null
  return units < 0n && magnitude !== 0 ? -magnitude : magnitude
}
