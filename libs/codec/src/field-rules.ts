import {
  factTypes,
  inputTopics,
  operators,
  rejectReasons,
  serviceNameFault,
  signalNames,
  textFault,
  type AlertResolved,
  type InputRange,
} from '@tidemark/model'
import type { ClosedStringField } from './drift.ts'
import { longMax, longMin } from './pre-walk.ts'

/** What a field takes beyond what its schema says: null, or what is wrong, to be put behind the field's name. */
export type FieldRule = (value: string | number) => string | null

/** The rule of a field by `Record.field`; of an array's field for each item. */
export const fieldRule = (field: string): FieldRule | undefined => rules.get(field)

/** Integers have no sign here unless a rule says so: they are counts, positions, durations and times since 1970. */
export const unsigned: FieldRule = (value) => range(value, 0, longMax)

const range = (value: string | number, min: number, max: number): string | null =>
  Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max
    ? null
    : `: ${value} is not an integer of ${min} to ${max}`

const oneOf =
  (values: readonly string[]): FieldRule =>
  (value) =>
    values.includes(String(value))
      ? null
      : `: ${quote(String(value))} is not one of ${values.join(', ')}`

const quote = (text: string): string =>
  JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}...` : text)

const serviceName: FieldRule = (value) =>
  serviceNameFault(String(value))?.slice('service'.length) ?? null
const text: FieldRule = (value) => textFault('', String(value))
const textUpTo =
  (bytesMax: number): FieldRule =>
  (value) =>
    textFault('', String(value), bytesMax)
const name: FieldRule = (value) =>
  value === '' ? ': empty, where a name belongs' : textFault('', String(value))
const currency: FieldRule = (value) =>
  /^[A-Z]{3}$/.test(String(value))
    ? null
    : `: ${quote(String(value))} is not three capital letters, as ISO 4217 has them`
const status: FieldRule = (value) => range(value, 0, 999)
const signed: FieldRule = (value) => range(value, longMin, longMax)

/** A closed list of which the model has the type only; the compiler sees that it is whole. */
const listed = (values: Readonly<Record<string, true>>): readonly string[] => Object.keys(values)
type Every<Value extends string> = Readonly<Record<Value, true>>

/** What a field of a closed list takes. The compiler sees that no such field is missing, and none is left over. */
export const closedStrings: Readonly<Record<ClosedStringField, readonly string[]>> = {
  'InputCause.topic': inputTopics,
  'LossAccepted.topic': inputTopics,
  'PartitionAdvanced.topic': inputTopics,
  'InputPosition.topic': inputTopics,
  'InputRange.topic': listed({
    requests: true,
    'health-checks': true,
  } satisfies Every<InputRange['topic']>),
  'RecordRejected.reason': rejectReasons,
  'RejectedCount.reason': rejectReasons,
  'AlertCondition.signal': signalNames,
  'AlertCondition.operator': operators,
  'AlertResolved.reason': listed({
    recovered: true,
    rule_removed: true,
    service_removed: true,
    flapping_ended: true,
  } satisfies Every<AlertResolved['reason']>),
}

/** Bytes of what somebody writes about a fact, and of a silence's matchers. */
export const noteBytesMax = 2048
const matchersBytesMax = 4096

const factNames: readonly string[] = factTypes

const rules: ReadonlyMap<string, FieldRule> = new Map([
  ...Object.entries(closedStrings).map(([field, values]) => [field, oneOf(values)] as const),
  ['RequestObserved.service', serviceName],
  ['RequestObserved.operation', text],
  ['RequestObserved.status', status],
  ['RequestBatch.service', serviceName],
  ['RequestBatch.operations', text],
  ['RequestBatch.status', status],
  ['RequestBatch.deltaUs', signed],
  ['HealthChecked.service', serviceName],
  ['HealthChecked.check', text],
  ['HealthChecked.reason', text],
  ['LossAccepted.by', text],
  ['LossAccepted.note', text],
  ...factNames.flatMap((fact) => [
    [`${fact}.by`, text] as const,
    [`${fact}.note`, textUpTo(noteBytesMax)] as const,
    [`${fact}.service`, serviceName] as const,
  ]),
  ['SilenceCreated.matchers', textUpTo(matchersBytesMax)],
  ['CostRecorded.currency', currency],
  ['CostRecorded.amountMinor', signed],
  ['DeploymentFinished.deployment', name],
  ['IncidentOpened.incident', name],
  ['IncidentClosed.incident', name],
  ['BudgetCorrected.slo', name],
  ['BudgetCorrected.valid', signed],
  ['BudgetCorrected.bad', signed],
  ['StatusCount.status', status],
  ['AlertCondition.value', signed],
  ['BudgetEvidence.remainingBelowPpm', signed],
  ['CostState.amountMinor', signed],
  ['CostState.previousMinor', signed],
  ['CostState.forecastMinor', signed],
  ['CostTotal.amountMinor', signed],
])
