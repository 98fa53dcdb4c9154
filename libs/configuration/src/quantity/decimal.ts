/** A decimal number as it was written: digits x 10^-decimals. Nothing is rounded. */
export type Decimal = { readonly digits: bigint; readonly decimals: number }

const pattern = /^(-?)(\d{1,40})(?:\.(\d{1,40}))?$/

/** The number that `text` spells, or null. */
export const decimalOf = (text: string): Decimal | null => {
  const [, sign, whole, fraction = ''] = pattern.exec(text) ?? []
  if (whole === undefined) return null
  const digits = BigInt(whole + fraction)
  return { digits: sign === '-' ? -digits : digits, decimals: fraction.length }
}

/** How many units of 10^-places it holds; null where that is no integer. */
export const inUnits = ({ digits, decimals }: Decimal, places: number): bigint | null => {
  if (places >= decimals) return digits * 10n ** BigInt(places - decimals)
  const divisor = 10n ** BigInt(decimals - places)
  return digits % divisor === 0n ? digits / divisor : null
}

/** `units` of 10^-places as a decimal without zeros at its end. */
export const decimalText = (units: number, places: number): string => {
  const all = String(Math.abs(units)).padStart(places + 1, '0')
  const whole = all.slice(0, all.length - places)
  const fraction = all.slice(all.length - places).replace(/0+$/, '')
  return `${units < 0 ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}
