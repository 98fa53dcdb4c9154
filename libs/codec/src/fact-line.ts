import {
  currencyFault,
  evidenceResults,
  governanceChecks,
  parseAmount,
  type FactFields,
  type Id,
  type ServiceFact,
} from '@tidemark/model'
import { factFault } from './fact-fault.ts'
import { noteBytesMax } from './field-rules.ts'
import { parseFlatJson, quoted } from './flat-json.ts'
import {
  choiceIn,
  idIn,
  integerIn,
  optionalTimeIn,
  refuseUnknown,
  requireField,
  serviceIn,
  shown,
  textIn,
  timeIn,
  writtenNumberIn,
  type Line,
} from './line-fields.ts'
import { isTooLong, lineBytesMax, summed } from './ndjson.ts'

/** What a line comes to: a fact about a service, or what is wrong with it. */
export type ParsedFactLine =
  | { readonly ok: true; readonly fact: ServiceFact }
  | { readonly ok: false; readonly reason: string }

export type FactLineOptions = {
  /** When something was said, where a line does not say it; and how far a month has gone. */
  readonly nowUs: number
  /** Who says it, where a line does not. */
  readonly by: string | null
  readonly drawId: () => string
}

/** One line of NDJSON as a fact about a service; "tidemark record facts --help" lists its keys. */
export const parseFactLine = (text: string, options: FactLineOptions): ParsedFactLine => {
  if (isTooLong(text)) return bad(`longer than ${lineBytesMax} bytes`)
  const json = parseFlatJson(text)
  if (!json.ok) return bad(json.fault)
  const type = json.fields.get('type')
  if (type === undefined) return bad('type: missing')
  const read = type.kind === 'string' ? readers.get(type.value) : undefined
  if (read === undefined)
    return bad(`type: ${shown(type)} is none of ${[...readers.keys()].join(', ')}`)
  const line: Line = { fields: json.fields, faults: [] }
  const fact = read(line, options)
  if (line.faults.length > 0) return bad(summed(line.faults))
  const fault = factFault(fact)
  return fault === null ? { ok: true, fact } : bad(fault.slice(1))
}

const bad = (reason: string): ParsedFactLine => ({ ok: false, reason })

type Read = (line: Line, options: FactLineOptions) => ServiceFact

const anyKeys = ['type', 'id', 'at', 'by', 'note', 'service']

/** What every fact has; `at` may be missing where only the saying of it has a time. */
const fieldsOf = (
  line: Line,
  options: FactLineOptions,
  at: 'required' | 'optional',
  keys: readonly string[],
): FactFields & { readonly service: string } => {
  refuseUnknown(line, [...anyKeys, ...keys])
  return {
    id: idIn(line) ?? options.drawId(),
    atUs: at === 'required' ? timeIn(line) : (optionalTimeIn(line, 'at') ?? options.nowUs),
    by: textIn(line, 'by') ?? options.by,
    note: textIn(line, 'note', noteBytesMax),
    service: serviceIn(line),
  }
}

const costOf: Read = (line, options) => {
  const keys = ['month', 'through', 'currency', 'amount']
  const fields = fieldsOf(line, options, 'optional', keys)
  const month = monthIn(line)
  const currency = nameIn(line, 'currency')
  const fault = currency === '' ? null : currencyFault('currency', currency)
  if (fault !== null) line.faults.push(fault)
  requireField(line, 'amount')
  const written = writtenNumberIn(line, 'amount')
  const amount = written === null || fault !== null ? null : parseAmount(written, currency)
  if (amount?.ok === false) line.faults.push(`amount: ${amount.fault}`)
  return {
    type: 'CostRecorded',
    ...fields,
    monthStartUs: month.startUs,
    throughUs:
      optionalTimeIn(line, 'through') ??
      Math.max(month.startUs, Math.min(options.nowUs, month.endUs)),
    currency,
    amountMinor: amount?.ok === true ? amount.minor : 0,
  }
}

const deploymentOf: Read = (line, options) => ({
  type: 'DeploymentFinished',
  ...fieldsOf(line, options, 'required', ['deployment']),
  deployment: nameIn(line, 'deployment'),
})

const openedOf: Read = (line, options) => ({
  type: 'IncidentOpened',
  ...fieldsOf(line, options, 'required', ['incident', 'alert']),
  incident: nameIn(line, 'incident'),
  alertId: alertIn(line),
})

const closedOf: Read = (line, options) => ({
  type: 'IncidentClosed',
  ...fieldsOf(line, options, 'required', ['incident']),
  incident: nameIn(line, 'incident'),
})

const evidenceOf: Read = (line, options) => ({
  type: 'GovernanceEvidence',
  ...fieldsOf(line, options, 'optional', ['check', 'result', 'until']),
  check: choiceIn(line, 'check', governanceChecks),
  result: choiceIn(line, 'result', evidenceResults),
  untilUs: optionalTimeIn(line, 'until'),
})

const correctionOf: Read = (line, options) => ({
  type: 'BudgetCorrected',
  ...fieldsOf(line, options, 'required', ['slo', 'valid', 'bad']),
  slo: nameIn(line, 'slo'),
  valid: integerIn(line, 'valid'),
  bad: integerIn(line, 'bad'),
})

const acknowledgementOf: Read = (line, options) => {
  requireField(line, 'alert')
  return {
    type: 'AcknowledgementGiven',
    ...fieldsOf(line, options, 'optional', ['alert', 'until']),
    alertId: alertIn(line) ?? ('' as Id),
    untilUs: optionalTimeIn(line, 'until'),
  }
}

const readers: ReadonlyMap<string, Read> = new Map([
  ['cost', costOf],
  ['deployment', deploymentOf],
  ['incident-opened', openedOf],
  ['incident-closed', closedOf],
  ['evidence', evidenceOf],
  ['correction', correctionOf],
  ['acknowledgement', acknowledgementOf],
])

const nameIn = (line: Line, field: string): string => {
  requireField(line, field)
  const name = textIn(line, field)
  if (name === '') line.faults.push(`${field}: empty, where a name belongs`)
  return name ?? ''
}

const alertIn = (line: Line): Id | null => {
  const id = textIn(line, 'alert')
  if (id === null || /^[0-9a-f]{32}$/.test(id)) return id as Id | null
  line.faults.push(`alert: ${quoted(id)} is no id of an alert, 32 hexadecimal digits`)
  return null
}

type Month = { readonly startUs: number; readonly endUs: number }

/** A calendar month in UTC, as `2026-11`; null where it is none. */
export const parseMonth = (text: string): Month | null => {
  const [, year, month] = /^([0-9]{4})-(0[1-9]|1[0-2])$/.exec(text) ?? []
  if (year === undefined || Number(year) < 1970 || Number(year) > 2254) return null
  const at = (months: number): number => Date.UTC(Number(year), Number(month) + months, 1) * 1000
  return { startUs: at(-1), endUs: at(0) }
}

/** The calendar month in UTC that holds a moment. */
export const monthOf = (atUs: number): Month => {
  const date = new Date(Math.floor(atUs / 1000))
  const at = (months: number): number =>
    Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1) * 1000
  return { startUs: at(0), endUs: at(1) }
}

const monthIn = (line: Line): Month => {
  const text = nameIn(line, 'month')
  const month = parseMonth(text)
  if (month === null && text !== '')
    line.faults.push(`month: ${quoted(text)} is no month like 2026-11`)
  return month ?? { startUs: 0, endUs: 0 }
}
