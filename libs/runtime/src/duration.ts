import { Duration } from '@js-joda/core'

const shorthand = /^(\d+)(ms|s|m|h|d)$/

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** A duration in milliseconds, from `500ms`, `10s`, `5m`, `1h`, `7d` or ISO 8601 (`PT10S`). Throws RangeError on anything else. */
export const parseDurationMs = (text: string): number => {
  const match = shorthand.exec(text)
  if (match !== null) return Number(match[1]) * unitMs[match[2] as keyof typeof unitMs]
  try {
    const ms = Duration.parse(text).toMillis()
    if (ms >= 0) return ms
  } catch {
    // The message below says more than the parser's.
  }
  throw new RangeError(
    `${JSON.stringify(text)} is no duration: write 500ms, 10s, 5m, 1h, 7d or PT10S`,
  )
}
