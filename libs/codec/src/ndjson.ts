import {
  isUuid,
  serviceNameFault,
  textFault,
  utf8Length,
  type HealthChecked,
  type RequestObserved,
} from '@tidemark/model'
import { decimalOf, exactInteger, rounded, scaled } from './decimal.ts'
import { parseFlatJson, quoted, type FlatValue } from './flat-json.ts'
import { parseIsoUs } from './iso-time.ts'
import { longMax } from './pre-walk.ts'

/** What a line comes to: an event, or everything that is wrong with it. */
export type ParsedLine =
  | { readonly ok: true; readonly event: RequestObserved | HealthChecked }
  | { readonly ok: false; readonly reason: string }

/** The longest line, in bytes of UTF-8. */
export const lineBytesMax = 65_536

/**
 * One line of NDJSON as an event, by the rules of README.md ("Lines"). It lives beside the codec because it is the second door to the
 * same events, and holds them to the same rules. `drawId` gives an id to an event that comes without one; without it such
 * an event has none.
 */
export const parseLine = (text: string, drawId: () => string | null = () => null): ParsedLine => {
  if (isTooLong(text)) return bad(`longer than ${lineBytesMax} bytes`)
  const json = parseFlatJson(text)
  if (!json.ok) return bad(json.fault)
  const type = json.fields.get('type')
  const kind = type?.kind === 'string' ? type.value : null
  if (kind !== 'request' && kind !== 'health-check')
    return bad(
      `type: ${type === undefined ? 'missing' : `${shown(type)} is neither request nor health-check`}`,
    )
  const line: Line = { fields: json.fields, faults: [] }
  refuseUnknown(line, kind === 'request' ? requestKeys : checkKeys)
  const event = kind === 'request' ? requestOf(line) : checkOf(line)
  if (line.faults.length > 0) return bad(summed(line.faults))
  return { ok: true, event: event.id === null ? { ...event, id: drawId() } : event }
}

/** The fields of a line and what was found wrong with them. A reader of a field always returns something; faults end the line. */
type Line = { readonly fields: ReadonlyMap<string, FlatValue>; readonly faults: string[] }

const requestKeys = [
  'type',
  'id',
  'service',
  'operation',
  'at',
  'latencyMs',
  'latencyUs',
  'status',
  'success',
]
const checkKeys = [
  'type',
  'id',
  'service',
  'check',
  'at',
  'passed',
  'latencyMs',
  'latencyUs',
  'reason',
]

const requestOf = (line: Line): RequestObserved => {
  const status = statusIn(line)
  const latencyUs = latencyIn(line)
  if (latencyUs === null) line.faults.push('latencyMs or latencyUs: missing')
  return {
    type: 'RequestObserved',
    id: idIn(line),
    service: serviceIn(line),
    operation: textIn(line, 'operation') ?? '',
    atUs: timeIn(line),
    latencyUs: latencyUs ?? 0,
    status,
    success: booleanIn(line, 'success') ?? status < 500,
  }
}

const checkOf = (line: Line): HealthChecked => {
  const passed = booleanIn(line, 'passed')
  if (passed === null) line.faults.push('passed: missing')
  return {
    type: 'HealthChecked',
    id: idIn(line),
    service: serviceIn(line),
    check: textIn(line, 'check') ?? '',
    atUs: timeIn(line),
    passed: passed ?? false,
    latencyUs: latencyIn(line),
    reason: textIn(line, 'reason'),
  }
}

const refuseUnknown = ({ fields, faults }: Line, known: readonly string[]): void => {
  for (const key of fields.keys())
    if (!known.includes(key)) faults.push(`unknown key ${quoted(key)}`)
}

/** In one spelling: lower case. */
const idIn = (line: Line): string | null => {
  const id = stringIn(line, 'id')
  if (id === null || isUuid(id)) return id?.toLowerCase() ?? null
  line.faults.push(`id: ${quoted(id)} is not a UUID`)
  return null
}

const serviceIn = (line: Line): string => {
  const service = stringIn(line, 'service')
  const fault = service === null ? 'service: missing' : serviceNameFault(service)
  if (fault !== null) line.faults.push(fault)
  return service ?? ''
}

const textIn = (line: Line, field: string): string | null => {
  const text = stringIn(line, field)
  const fault = text === null ? null : textFault(field, text)
  if (fault !== null) line.faults.push(fault)
  return text
}

const timeIn = (line: Line): number => {
  const value = line.fields.get('at')
  const atUs =
    value?.kind === 'string'
      ? parseIsoUs(value.value)
      : value?.kind === 'number'
        ? exactInteger(decimalOf(value.text))
        : null
  if (value === undefined || value.kind === 'null') line.faults.push('at: missing')
  else if (atUs === null)
    line.faults.push(
      `at: ${shown(value)} is neither ISO 8601 with Z or an offset nor whole microseconds`,
    )
  else if (atUs < 0 || atUs > longMax)
    line.faults.push(`at: ${shown(value)} is not between 1970 and 2255`)
  return atUs ?? 0
}

const latencyIn = (line: Line): number | null => {
  const ms = numberIn(line, 'latencyMs')
  const us = numberIn(line, 'latencyUs')
  if (ms !== null && us !== null) line.faults.push('latencyMs and latencyUs: one of them, not both')
  if (us !== null) return countIn(line, 'latencyUs', us, exactInteger(decimalOf(us)), longMax)
  if (ms === null) return null
  const decimal = decimalOf(ms)
  // A negative one may round to 0, but it is no latency.
  return countIn(
    line,
    'latencyMs',
    ms,
    decimal.isNegative ? null : rounded(scaled(decimal, 3)),
    longMax,
  )
}

const statusIn = (line: Line): number => {
  const text = numberIn(line, 'status')
  if (text !== null) return countIn(line, 'status', text, exactInteger(decimalOf(text)), 999)
  if (isMissing(line.fields.get('status'))) line.faults.push('status: missing')
  return 0
}

const countIn = (
  line: Line,
  field: string,
  text: string,
  value: number | null,
  max: number,
): number => {
  if (value !== null && value >= 0 && value <= max) return value
  const what =
    field === 'latencyMs' ? `a number of 0 to ${max / 1000}` : `an integer of 0 to ${max}`
  line.faults.push(`${field}: ${shown({ kind: 'number', text })} is not ${what}`)
  return 0
}

/** Null: the field is not there, or null, which says the same. */
const stringIn = (line: Line, field: string): string | null => {
  const value = line.fields.get(field)
  if (value === undefined || value.kind === 'null') return null
  if (value.kind === 'string') return value.value
  line.faults.push(`${field}: ${shown(value)} is not a string`)
  return null
}

const numberIn = (line: Line, field: string): string | null => {
  const value = line.fields.get(field)
  if (value === undefined || value.kind === 'null') return null
  if (value.kind === 'number') return value.text
  line.faults.push(`${field}: ${shown(value)} is not a number`)
  return null
}

const booleanIn = (line: Line, field: string): boolean | null => {
  const value = line.fields.get(field)
  if (value === undefined || value.kind === 'null') return null
  if (value.kind === 'boolean') return value.value
  line.faults.push(`${field}: ${shown(value)} is not true or false`)
  return null
}

const isMissing = (value: FlatValue | undefined): boolean =>
  value === undefined || value.kind === 'null'

const shown = (value: FlatValue): string => {
  switch (value.kind) {
    case 'string':
      return quoted(value.value)
    case 'number':
      return value.text.length > 64 ? `${value.text.slice(0, 64)}...` : value.text
    case 'boolean':
      return String(value.value)
    case 'null':
      return 'null'
  }
}

const faultsMax = 5

const summed = (faults: readonly string[]): string =>
  faults.length <= faultsMax
    ? faults.join('; ')
    : `${faults.slice(0, faultsMax).join('; ')}; and ${faults.length - faultsMax} more`

/** No character takes more than three bytes per UTF-16 unit, so most lines need not be measured. */
const isTooLong = (text: string): boolean =>
  text.length > lineBytesMax || (text.length * 3 > lineBytesMax && utf8Length(text) > lineBytesMax)

const bad = (reason: string): ParsedLine => ({ ok: false, reason })
