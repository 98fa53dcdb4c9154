import { integer, pick } from './random.mjs'

/** One of the many lines that say the same event. */
export const lineOf = (random, event) => {
  const fields = { type: event.kind, service: event.service, at: atOf(random, event.atUs) }
  if (event.id !== null) fields.id = event.id
  else if (random() < 0.5) fields.id = null
  if (event.kind === 'request') {
    if (event.operation !== '') fields.operation = event.operation
    fields.status = event.status
    if (event.success !== event.status < 500 || random() < 0.5) fields.success = event.success
    return textOf(random, fields, latencyOf(random, event.latencyUs))
  }
  fields.passed = event.passed
  if (event.check !== '') fields.check = event.check
  if (random() < 0.5) fields.reason = event.passed ? null : 'timeout'
  if (random() < 0.5) return textOf(random, fields, '')
  return textOf(random, fields, latencyOf(random, integer(random, 0, 5_000_000)))
}

const textOf = (random, fields, latency) => {
  const parts = Object.entries(fields).map(
    ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
  )
  if (latency !== '') parts.push(latency)
  // Members of a JSON object have no order.
  if (random() < 0.2) parts.reverse()
  const space = random() < 0.1 ? ' ' : ''
  return `{${parts.join(`,${space}`)}}`
}

/** Whole microseconds, or milliseconds with three decimals or with a fourth that is rounded away (never a tie). */
const latencyOf = (random, latencyUs) => {
  const lot = random()
  if (lot < 0.4) return `"latencyUs":${latencyUs}`
  if (lot < 0.8) return `"latencyMs":${milliseconds(latencyUs)}`
  const digit = pick(random, [1, 2, 3, 4, 6, 7, 8, 9])
  return digit < 5 || latencyUs === 0
    ? `"latencyMs":${milliseconds(latencyUs)}${Math.min(digit, 4)}`
    : `"latencyMs":${milliseconds(latencyUs - 1)}${digit}`
}

const milliseconds = (us) => `${Math.floor(us / 1000)}.${String(us % 1000).padStart(3, '0')}`

const atOf = (random, atUs) => {
  const lot = random()
  if (lot < 0.3) return atUs
  const fraction = String(atUs % 1_000_000).padStart(6, '0')
  const seconds = Math.floor(atUs / 1_000_000)
  if (lot < 0.8) return `${calendar(seconds)}.${fraction}Z`
  // Cut after six decimals, not rounded.
  if (lot < 0.9) return `${calendar(seconds)}.${fraction}${pick(random, ['9', '99', '501'])}Z`
  const short = fraction.replace(/0+$/, '')
  const decimals = short === '' ? '' : `.${short}`
  if (lot < 0.95) return `${calendar(seconds)}${decimals}Z`
  return `${calendar(seconds + 2 * 3600)}${decimals}+02:00`
}

/** Seconds since the epoch as date and time, by counting days (Hinnant's civil-from-days). */
const calendar = (seconds) => {
  const two = (n) => String(n).padStart(2, '0')
  const shifted = Math.floor(seconds / 86_400) + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const march = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * march + 2) / 5) + 1
  const month = march < 10 ? march + 3 : march - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  const rest = seconds % 86_400
  const time = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60].map(two).join(':')
  return `${year}-${two(month)}-${two(day)}T${time}`
}
