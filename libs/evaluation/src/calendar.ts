// Calendar months in UTC, in integers: the core has no time zones and no Date.

export const dayUs = 86_400_000_000

export type Month = {
  readonly startUs: number
  /** Start of the next one. */
  readonly endUs: number
}

/** The month that holds a moment. */
export const monthOf = (atUs: number): Month => {
  const { year, month } = civilOf(Math.floor(atUs / dayUs))
  return monthAt(12 * year + month - 1)
}

/** The month before one that starts at `startUs`. */
export const monthBefore = (startUs: number): Month => monthOf(startUs - 1)

const monthAt = (months: number): Month => ({
  startUs: firstDayOf(months) * dayUs,
  endUs: firstDayOf(months + 1) * dayUs,
})

/** Days from 1 March of year 0 to 1 January 1970. */
const daysToEpoch = 719_468
const daysPerEra = 146_097

/**
 * Proleptic Gregorian date of a day since the epoch. Years begin in March here, so that the day that is not always there is their last.
 * Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
 */
const civilOf = (day: number): { readonly year: number; readonly month: number } => {
  const days = day + daysToEpoch
  const era = Math.floor(days / daysPerEra)
  const dayOfEra = days - era * daysPerEra
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  return { year: yearOfEra + 400 * era + (month <= 2 ? 1 : 0), month }
}

/** Day since the epoch on which a month begins; `months` are counted from January of year 0. Source: days_from_civil, ibid. */
const firstDayOf = (months: number): number => {
  const month = months - 12 * Math.floor(months / 12) + 1
  const year = Math.floor(months / 12) - (month <= 2 ? 1 : 0)
  const era = Math.floor(year / 400)
  const yearOfEra = year - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5)
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * daysPerEra + dayOfEra - daysToEpoch
}
