import { OffsetDateTime } from '@js-joda/core'
import { accepted, refused, shown, type Outcome } from './outcome.ts'

export const instantForms =
  'a time with its zone like 2026-11-21T03:00:00Z or 2026-11-21T04:00+01:00'

/** A moment in microseconds since 1970, from ISO 8601 with `Z` or an offset; from 1970 to 2255, where they are safe integers. */
export const instantOf = (text: string): Outcome<number> => {
  const parsed = parsedIso(text)
  if (parsed === null)
    return refused(
      /^\d{4}-\d{2}-\d{2}([T ][\d:.]+)?$/.test(text)
        ? `${shown(text)} names no time zone: write ${instantForms}`
        : `${shown(text)} is not ${instantForms}`,
    )
  const { second, nano } = parsed
  if (nano % 1000 !== 0) return refused(`${shown(text)} is finer than one microsecond`)
  const us = BigInt(second) * 1_000_000n + BigInt(nano / 1000)
  if (us < 0n || us > BigInt(Number.MAX_SAFE_INTEGER))
    return refused(`${shown(text)} is not between 1970 and 2255`)
  return accepted(Number(us))
}

const parsedIso = (text: string): { second: number; nano: number } | null => {
  try {
    const instant = OffsetDateTime.parse(text).toInstant()
    return { second: instant.epochSecond(), nano: instant.nano() }
  } catch {
    return null
  }
}
