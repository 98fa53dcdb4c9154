import { Period } from '@js-joda/core'
import type { SloPeriod } from '@tidemark/model'
import { accepted, refused, shown, type Outcome } from './outcome.ts'

export const periodDaysMax = 31
export const periodForms = `whole days like 30d or P30D, 1 to ${periodDaysMax}, or "month" for calendar months in UTC`

/** The period of an objective: so many days that roll, or the calendar month. */
export const periodOf = (text: string): Outcome<SloPeriod> => {
  if (text === 'month') return accepted({ kind: 'calendar-month' })
  const days = /^\d{1,4}d$/.test(text) ? Number(text.slice(0, -1)) : isoDays(text)
  if (days === null || days < 1 || days > periodDaysMax)
    return refused(`${shown(text)} is not ${periodForms}`)
  return accepted({ kind: 'rolling', days })
}

/** Of `P30D` and `P4W`; null for what has months or years, for these are not so many days. */
const isoDays = (text: string): number | null => {
  try {
    const period = Period.parse(text)
    return period.toTotalMonths() === 0 ? period.days() : null
  } catch {
    return null
  }
}

export const periodText = (period: SloPeriod): string =>
  period.kind === 'rolling' ? `${period.days}d` : 'month'
