import { OffsetDateTime } from '@js-joda/core'
import { epochUs, type EpochUs } from '@tidemark/model'
import { UsageError } from './context.ts'

/** A moment from ISO 8601 in UTC or with an offset, or from epoch microseconds. */
export const parseMoment = (option: string, text: string): EpochUs => {
  try {
    if (/^\d+$/.test(text)) return epochUs(Number(text))
    const instant = OffsetDateTime.parse(text).toInstant()
    return epochUs(instant.epochSecond() * 1_000_000 + Math.floor(instant.nano() / 1000))
  } catch {
    throw new UsageError(
      `${option}: ${JSON.stringify(text)} is neither ISO 8601 like 2026-11-21T03:00:00Z nor epoch microseconds`,
    )
  }
}
