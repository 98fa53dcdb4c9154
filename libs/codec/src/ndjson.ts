import { utf8Length, type HealthChecked, type RequestObserved } from '@tidemark/model'
import { parseFlatJson } from './flat-json.ts'
import {
  booleanIn,
  idIn,
  latencyIn,
  refuseUnknown,
  requireField,
  serviceIn,
  shown,
  statusIn,
  textIn,
  timeIn,
  type Line,
} from './line-fields.ts'

/** What a line comes to: an event, or what is wrong with it. */
export type ParsedLine =
  | { readonly ok: true; readonly event: RequestObserved | HealthChecked }
  | { readonly ok: false; readonly reason: string }

/** The longest line, in bytes of UTF-8. */
export const lineBytesMax = 65_536

/**
 * One line of NDJSON as an event, by the rules of README.md ("Lines"). It lives beside the codec because it is the second door to the
 * same events, and holds them to the same rules. `drawId` gives an id to an event that comes without one; by default it stays without.
 */
export const parseLine = (text: string, drawId: () => string | null = () => null): ParsedLine => {
  if (isTooLong(text)) return bad(`longer than ${lineBytesMax} bytes`)
  const json = parseFlatJson(text)
  if (!json.ok) return bad(json.fault)
  const type = json.fields.get('type')
  if (type === undefined) return bad('type: missing')
  const read = type.kind === 'string' ? readers.get(type.value) : undefined
  if (read === undefined) return bad(`type: ${shown(type)} is neither request nor health-check`)
  const line: Line = { fields: json.fields, faults: [] }
  const event = read(line)
  if (line.faults.length > 0) return bad(summed(line.faults))
  return { ok: true, event: event.id === null ? { ...event, id: drawId() } : event }
}

const anyKeys = ['type', 'id', 'service', 'at', 'latencyMs', 'latencyUs']
const requestKeys = [...anyKeys, 'operation', 'status', 'success']
const checkKeys = [...anyKeys, 'check', 'passed', 'reason']

const requestOf = (line: Line): RequestObserved => {
  refuseUnknown(line, requestKeys)
  requireField(line, 'latencyMs', 'latencyUs')
  const status = statusIn(line)
  return {
    type: 'RequestObserved',
    id: idIn(line),
    service: serviceIn(line),
    operation: textIn(line, 'operation') ?? '',
    atUs: timeIn(line),
    latencyUs: latencyIn(line) ?? 0,
    status,
    success: booleanIn(line, 'success') ?? status < 500,
  }
}

const checkOf = (line: Line): HealthChecked => {
  refuseUnknown(line, checkKeys)
  requireField(line, 'passed')
  return {
    type: 'HealthChecked',
    id: idIn(line),
    service: serviceIn(line),
    check: textIn(line, 'check') ?? '',
    atUs: timeIn(line),
    passed: booleanIn(line, 'passed') ?? false,
    latencyUs: latencyIn(line),
    reason: textIn(line, 'reason'),
  }
}

const readers = new Map<string, (line: Line) => RequestObserved | HealthChecked>([
  ['request', requestOf],
  ['health-check', checkOf],
])

const faultsMax = 5

export const summed = (faults: readonly string[]): string =>
  faults.length <= faultsMax
    ? faults.join('; ')
    : `${faults.slice(0, faultsMax).join('; ')}; and ${faults.length - faultsMax} more`

/** No UTF-16 unit takes more than three bytes, so most lines need not be measured. */
export const isTooLong = (text: string): boolean =>
  text.length > lineBytesMax || (text.length * 3 > lineBytesMax && utf8Length(text) > lineBytesMax)

const bad = (reason: string): ParsedLine => ({ ok: false, reason })
