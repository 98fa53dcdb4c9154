import { Duration } from '@js-joda/core'
import { decimalOf, decimalText, inUnits } from './decimal.ts'
import { accepted, refused, shown, type Outcome } from './outcome.ts'

export const durationForms = 'a duration like 500ms, 1m30s, 1.5s, 30d or PT1M30S'

/** Largest first, which is also the order in which they are written. */
const units = [
  ['w', 604_800_000_000n],
  ['d', 86_400_000_000n],
  ['h', 3_600_000_000n],
  ['m', 60_000_000n],
  ['s', 1_000_000n],
  ['ms', 1000n],
  ['us', 1n],
] as const

const part = /^(\d{1,16}(?:\.\d{1,16})?)(w|d|h|ms|m|s|us)/
/** A hundred years of 365 days. */
const usMax = 100n * 365n * 86_400_000_000n

/** A duration in microseconds, from `1m30s`, in descending units each once, or ISO 8601; exact, and never negative. */
export const durationOf = (text: string): Outcome<number> => {
  if (text === '0') return accepted(0)
  const us = text.startsWith('P') ? isoUs(text) : shorthandUs(text)
  if (us === null) return refused(`${shown(text)} is not ${durationForms}`)
  if (us === 'fine') return refused(`${shown(text)} is finer than one microsecond`)
  if (us > usMax) return refused(`${shown(text)} is longer than 100 years`)
  return accepted(Number(us))
}

type Microseconds = bigint | 'fine' | null

const shorthandUs = (text: string): Microseconds => {
  let rest = text
  let sum = 0n
  let isFine = false
  for (let next = 0; rest !== '';) {
    const [all = '', number = '', name = ''] = part.exec(rest) ?? []
    const at = units.findIndex(([unit]) => unit === name)
    const decimal = decimalOf(number)
    if (decimal === null || at < next) return null
    const [, sizeUs] = units[at]!
    // Scaled up first, so that 1.5s and 0.1w are exact.
    const us = inUnits({ digits: decimal.digits * sizeUs, decimals: decimal.decimals }, 0)
    isFine ||= us === null
    sum += us ?? 0n
    rest = rest.slice(all.length)
    next = at + 1
  }
  if (text === '') return null
  return isFine ? 'fine' : sum
}

const isoUs = (text: string): Microseconds => {
  const duration = parsedIso(text)
  if (duration === null || duration.isNegative()) return null
  const nanos = BigInt(duration.seconds()) * 1_000_000_000n + BigInt(duration.nano())
  return nanos % 1000n === 0n ? nanos / 1000n : 'fine'
}

/** Null where js-joda throws, be it for the form or for a number too large for it. */
const parsedIso = (text: string): Duration | null => {
  try {
    return Duration.parse(text)
  } catch {
    return null
  }
}

/** The shortest text that reads back as the same duration: `1m30s`, `500ms`, `1.5s`, `1d`. */
export const durationTextOf = (us: number): string => {
  if (us === 0) return '0s'
  if (us < 1000) return `${us}us`
  if (us < 1_000_000) return `${decimalText(us, 3)}ms`
  let rest = us
  let text = ''
  for (const [name, size] of units) {
    const sizeUs = Number(size)
    if (name === 'w' || rest < sizeUs) continue
    if (name === 's') return `${text}${decimalText(rest, 6)}s`
    text += `${Math.floor(rest / sizeUs)}${name}`
    rest %= sizeUs
  }
  return text
}
