import { isoOf, minorDigits } from '@tidemark/model'

// Figures for people, computed in integers and without a locale, so that they are the same bytes everywhere.

/** One decimal, rounded half up: `12.4%`. */
export const percentText = (part: number, whole: number): string => {
  const tenths = (BigInt(part) * 2000n + BigInt(whole)) / (BigInt(whole) * 2n)
  return `${tenths / 10n}.${tenths % 10n}%`
}

/** Parts per million as a percentage with as many decimals as it has: `5%`, `99.95%`, `-20%`. */
export const ppmText = (ppm: number): string => {
  if (ppm < 0) return `-${ppmText(-ppm)}`
  const whole = Math.floor(ppm / 10_000)
  const decimals = String(ppm % 10_000)
    .padStart(4, '0')
    .replace(/0+$/, '')
  return decimals === '' ? `${whole}%` : `${whole}.${decimals}%`
}

/**
 * A share that must reach a target, with three decimals, rounded down: one failure in a million is not 100 %, and what misses its target does
 * not look as if it met it.
 */
export const complianceText = (good: number, valid: number): string => {
  const thousandths = (BigInt(good) * 100_000n) / BigInt(valid)
  return `${thousandths / 1000n}.${String(thousandths % 1000n).padStart(3, '0')}%`
}

/** Tenths of a percent: `50.0%`, `-1900.0%`. */
export const permilleText = (permille: number): string => {
  const magnitude = Math.abs(permille)
  return `${permille < 0 ? '-' : ''}${Math.floor(magnitude / 10)}.${magnitude % 10}%`
}

/** With commas between thousands: `12,345`. */
export const countText = (count: number): string =>
  `${count < 0 ? '-' : ''}${grouped(String(Math.abs(count)))}`

/** An amount in minor units, in its currency's own digits: `1,234.56 EUR`, `-980 JPY`. */
export const amountText = (minor: number, currency: string): string => {
  const digits = minorDigits(currency)
  const all = String(Math.abs(minor)).padStart(digits + 1, '0')
  const whole = grouped(all.slice(0, all.length - digits))
  const fraction = digits === 0 ? '' : `.${all.slice(-digits)}`
  return `${minor < 0 ? '-' : ''}${whole}${fraction} ${currency}`
}

const grouped = (digits: string): string => digits.replaceAll(/\B(?=(?:\d{3})+$)/g, ',')

/** How much more or less, with one decimal, rounded half away from zero: `+25.0%`, `-3.1%`. */
export const changeText = (before: number, after: number): string => {
  const change = BigInt(after) - BigInt(before)
  const base = before < 0 ? -BigInt(before) : BigInt(before)
  const tenths = ((change < 0n ? -change : change) * 2000n + base) / (base * 2n)
  return `${change < 0n ? '-' : '+'}${tenths / 10n}.${tenths % 10n}%`
}

/** A ratio as a multiple with one decimal, rounded down: `14.4x`. */
export const multipleText = (part: bigint, whole: bigint): string => {
  const tenths = (part * 10n) / whole
  return `${grouped(String(tenths / 10n))}.${tenths % 10n}x`
}

/** Whole milliseconds from 10 ms, one decimal below, rounded half up: `1180ms`, `2.3ms`. */
export const latencyText = (us: number): string => {
  const tenths = Math.floor((us + 50) / 100)
  return tenths < 100
    ? `${Math.floor(tenths / 10)}.${tenths % 10}ms`
    : `${Math.floor((us + 500) / 1000)}ms`
}

/** In the largest unit that needs no fraction: `90s`, `1m`, `24h`. */
export const durationText = (us: number): string => {
  const unit = units.find(([, sizeUs]) => us >= sizeUs && us % sizeUs === 0)
  return unit === undefined ? `${us}us` : `${us / unit[1]}${unit[0]}`
}

const units = [
  ['h', 3_600_000_000],
  ['m', 60_000_000],
  ['s', 1_000_000],
  ['ms', 1000],
] as const

/** How long something took or has lasted, in its two largest units, rounded down: `3d 4h`, `2m`, `40s`. */
export const spanText = (us: number): string => {
  const at = spanUnits.findIndex(([, sizeUs]) => us >= sizeUs)
  const unit = spanUnits[at]
  if (unit === undefined) return us >= 1000 ? `${Math.floor(us / 1000)}ms` : '0s'
  const [name, sizeUs] = unit
  const whole = `${Math.floor(us / sizeUs)}${name}`
  const next = spanUnits[at + 1]
  const rest = next === undefined ? 0 : Math.floor((us % sizeUs) / next[1])
  return next === undefined || rest === 0 ? whole : `${whole} ${rest}${next[0]}`
}

const spanUnits = [
  ['d', 86_400_000_000],
  ['h', 3_600_000_000],
  ['m', 60_000_000],
  ['s', 1_000_000],
] as const

/** A calendar month (UTC) by its beginning: `2026-11`. */
export const monthText = (monthStartUs: number): string => isoOf(monthStartUs).slice(0, 7)

/** A moment to the minute, in UTC: `2026-11-21 03:01`. */
export const minuteText = (atUs: number): string => isoOf(atUs).slice(0, 16).replace('T', ' ')

/** `1 alert`, `2,000 alerts`. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${countText(count)} ${count === 1 ? noun : plural}`
