import { keyOfEvent, type Fact, type RejectReason } from '@tidemark/model'
import type { LoggedRecord } from '../invariants/evidence.ts'
import { notText, type AvroValue } from './avro.ts'
import { isName, isServiceName } from './names.ts'
import { monthOf } from './spans.ts'

/** A fact with its identities as UUIDs are written. */
export const factOf = ({
  type,
  fields,
}: {
  readonly type: string
  readonly fields: AvroValue
}): Fact => {
  const uuidOf = (hex: unknown): string =>
    (hex as string).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  return {
    ...{ type, ...fields, id: uuidOf(fields.id) },
    ...(fields.silenceId !== undefined && { silenceId: uuidOf(fields.silenceId) }),
  } as unknown as Fact
}

/** Why a fact is refused as a whole, or null. */
export const refusalOf = (
  fact: Fact,
  { key, timestampMs }: LoggedRecord,
  maxFutureSkewUs: number,
): RejectReason | null => {
  const fields = Object.values(fact) as readonly unknown[]
  if (fields.includes(notText)) return 'bad_avro'
  if (!areInRange(fact) || !makesSense(fact)) return 'bad_value'
  if (key === null || !Buffer.from(keyOfEvent(fact)!).equals(key)) return 'bad_key'
  return fact.atUs > timestampMs * 1000 + maxFutureSkewUs ? 'future' : null
}

/** Below zero are amounts and corrections alone. */
const signed = ['amountMinor', 'valid', 'bad']
const bytesMaxOf: Readonly<Record<string, number>> = { note: 2048, matchers: 4096 }
const named = ['deployment', 'incident', 'slo']

const areInRange = (fact: Fact): boolean =>
  Object.entries(fact as object).every(([field, value]: [string, unknown]) => {
    if (typeof value === 'number')
      return Number.isSafeInteger(value) && (value >= 0 || signed.includes(field))
    if (typeof value !== 'string') return true
    if (field === 'service') return isServiceName(value)
    if (field === 'currency') return /^[A-Z]{3}$/.test(value)
    return isName(value, bytesMaxOf[field]) && !(named.includes(field) && value === '')
  })

const makesSense = (fact: Fact): boolean => {
  switch (fact.type) {
    case 'SilenceCreated':
      return fact.fromUs < fact.toUs
    case 'CostRecorded': {
      const { fromUs, toUs } = monthOf(fact.monthStartUs)
      const { throughUs } = fact
      return fact.monthStartUs === fromUs && fromUs <= throughUs && throughUs <= toUs
    }
    case 'GovernanceEvidence':
      return fact.result !== 'skipped' || (fact.untilUs !== null && fact.note !== null)
    default:
      return true
  }
}
