/**
 * A time in ISO 8601, extended form with `Z` or an offset, in microseconds since the epoch; null where it is none. Decimals of the
 * second are cut after six, not rounded: a rounded time may lie in the next window.
 */
export const parseIsoUs = (text: string): number | null => {
  const match = isoPattern.exec(text)
  if (match === null) return null
  const [, year, month, day, hour, minute, second = '0', decimals = '', zone = 'Z'] = match
  const date = { year: Number(year), month: Number(month), day: Number(day) }
  if (!isDate(date)) return null
  const [hours, minutes, seconds] = [Number(hour), Number(minute), Number(second)]
  const offsetMinutes = offsetOf(zone)
  if (hours > 23 || minutes > 59 || seconds > 59 || offsetMinutes === null) return null
  const utcMs = Date.UTC(
    date.year,
    date.month - 1,
    date.day,
    hours,
    minutes - offsetMinutes,
    seconds,
  )
  return utcMs * 1000 + Number(decimals.slice(0, 6).padEnd(6, '0'))
}

const isoPattern =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]+))?)?(Z|[+-][0-9]{2}(?::?[0-9]{2})?)$/

type CalendarDate = { readonly year: number; readonly month: number; readonly day: number }

/** `Date.UTC` takes a year below 100 for one of the last century; nobody reports requests from before 1900. */
const isDate = ({ year, month, day }: CalendarDate): boolean =>
  year >= 1900 &&
  month >= 1 &&
  month <= 12 &&
  day >= 1 &&
  day <= new Date(Date.UTC(year, month, 0)).getUTCDate()

const offsetOf = (zone: string): number | null => {
  if (zone === 'Z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(3).replace(':', ''))
  if (hours > 23 || minutes > 59) return null
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}
