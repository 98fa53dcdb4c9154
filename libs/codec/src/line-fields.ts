import { isUuid, serviceNameFault, textFault } from '@tidemark/model'
import { decimalOf, exactInteger, rounded, scaled } from './decimal.ts'
import { quoted, type FlatValue } from './flat-json.ts'
import { parseIsoUs } from './iso-time.ts'
import { longMax } from './pre-walk.ts'

/** The fields of a line and what was found wrong with them. Reading a field always returns something; faults end the line. */
export type Line = { readonly fields: ReadonlyMap<string, FlatValue>; readonly faults: string[] }

/** Where the field is not there, or null, which says the same. */
export const isMissing = ({ fields }: Line, field: string): boolean =>
  (fields.get(field) ?? nothing).kind === 'null'

const nothing: FlatValue = { kind: 'null' }

export const requireField = (line: Line, ...oneOf: readonly string[]): void => {
  if (oneOf.every((field) => isMissing(line, field)))
    line.faults.push(`${oneOf.join(' or ')}: missing`)
}

export const refuseUnknown = ({ fields, faults }: Line, known: readonly string[]): void => {
  for (const key of fields.keys())
    if (!known.includes(key)) faults.push(`unknown key ${quoted(key)}`)
}

/** In one spelling: lower case. */
export const idIn = (line: Line): string | null => {
  const id = stringIn(line, 'id')
  if (id === null || isUuid(id)) return id?.toLowerCase() ?? null
  line.faults.push(`id: ${quoted(id)} is not a UUID`)
  return null
}

export const serviceIn = (line: Line): string => {
  requireField(line, 'service')
  const service = stringIn(line, 'service')
  const fault = service === null ? null : serviceNameFault(service)
  if (fault !== null) line.faults.push(fault)
  return service ?? ''
}

export const textIn = (line: Line, field: string, bytesMax?: number): string | null => {
  const text = stringIn(line, field)
  const fault = text === null ? null : textFault(field, text, bytesMax)
  if (fault !== null) line.faults.push(fault)
  return text
}

export const timeIn = (line: Line, field = 'at'): number => {
  requireField(line, field)
  return optionalTimeIn(line, field) ?? 0
}

export const optionalTimeIn = (line: Line, field: string): number | null => {
  if (isMissing(line, field)) return null
  const value = line.fields.get(field) ?? nothing
  const atUs =
    value.kind === 'string'
      ? parseIsoUs(value.value)
      : value.kind === 'number'
        ? exactInteger(decimalOf(value.text))
        : null
  if (atUs !== null && atUs >= 0 && atUs <= longMax) return atUs
  const fault =
    atUs === null
      ? 'is neither ISO 8601 with Z or an offset nor whole microseconds'
      : 'is not between 1970 and 2255'
  line.faults.push(`${field}: ${shown(value)} ${fault}`)
  return 0
}

/** From `latencyMs`, rounded to the nearest microsecond, or from `latencyUs`; null where there is neither. */
export const latencyIn = (line: Line): number | null => {
  const ms = numberIn(line, 'latencyMs')
  const us = numberIn(line, 'latencyUs')
  if (ms !== null && us !== null) line.faults.push('latencyMs and latencyUs: one of them, not both')
  if (us !== null) return within(line, 'latencyUs', us, exactInteger(decimalOf(us)), longMax)
  if (ms === null) return null
  const decimal = decimalOf(ms)
  // A negative one may round to 0, but it is no latency.
  const value = decimal.isNegative ? null : rounded(scaled(decimal, 3))
  return within(line, 'latencyMs', ms, value, longMax)
}

export const statusIn = (line: Line): number => {
  requireField(line, 'status')
  const text = numberIn(line, 'status')
  return text === null ? 0 : within(line, 'status', text, exactInteger(decimalOf(text)), 999)
}

/** An integer that may be negative. */
export const integerIn = (line: Line, field: string): number => {
  requireField(line, field)
  const text = numberIn(line, field)
  const value = text === null ? 0 : exactInteger(decimalOf(text))
  if (value === null) line.faults.push(`${field}: ${text ?? ''} is not an integer`)
  return value ?? 0
}

/** The text of a number, or of a string that may hold one: digits as they were written. */
export const writtenNumberIn = (line: Line, field: string): string | null => {
  const value = line.fields.get(field) ?? nothing
  return value.kind === 'string' ? value.value : numberIn(line, field)
}

/** One of a closed list. */
export const choiceIn = <T extends string>(line: Line, field: string, allowed: readonly T[]): T => {
  requireField(line, field)
  const text = stringIn(line, field)
  const known = allowed.find((each) => each === text)
  if (text !== null && known === undefined)
    line.faults.push(`${field}: ${quoted(text)} is none of ${allowed.join(', ')}`)
  return known ?? (allowed[0] as T)
}

export const booleanIn = (line: Line, field: string): boolean | null => {
  const value = line.fields.get(field) ?? nothing
  if (value.kind === 'null') return null
  if (value.kind === 'boolean') return value.value
  line.faults.push(`${field}: ${shown(value)} is not true or false`)
  return null
}

const stringIn = (line: Line, field: string): string | null => {
  const value = line.fields.get(field) ?? nothing
  if (value.kind === 'null') return null
  if (value.kind === 'string') return value.value
  line.faults.push(`${field}: ${shown(value)} is not a string`)
  return null
}

const numberIn = (line: Line, field: string): string | null => {
  const value = line.fields.get(field) ?? nothing
  if (value.kind === 'null') return null
  if (value.kind === 'number') return value.text
  line.faults.push(`${field}: ${shown(value)} is not a number`)
  return null
}

const within = (
  line: Line,
  field: string,
  text: string,
  value: number | null,
  max: number,
): number => {
  if (value !== null && value >= 0 && value <= max) return value
  const allowed =
    field === 'latencyMs' ? `a number of 0 to ${max / 1000}` : `an integer of 0 to ${max}`
  line.faults.push(`${field}: ${shown({ kind: 'number', text })} is not ${allowed}`)
  return 0
}

/** A value of a stranger as it may stand in a message. */
export const shown = (value: FlatValue): string => {
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
