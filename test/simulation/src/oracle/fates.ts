import { isFact, type Fact, type InputTopic, type Layout, type RejectReason } from '@tidemark/model'
import type { LoggedRecord } from '../invariants/evidence.ts'
import { contentOf, notText, type AvroValue } from './avro.ts'
import { factOf, refusalOf } from './fact-fates.ts'
import { isName, isServiceName } from './names.ts'

/** One event of an input record. */
export type OracleEvent = {
  readonly offset: number
  readonly service: string
  /** Of the operation or the check. */
  readonly name: string
  readonly atUs: number
  /** Null: it has none, and repeats are not noticed. */
  readonly identity: string | null
  readonly isOfBatch: boolean
  readonly ok: boolean
  /** Of requests alone. */
  readonly latencyUs: number
  readonly status: number
}

/** A record or some of its events that are refused whatever came before them. */
export type Refusal = {
  readonly reason: RejectReason
  /** Empty: the record as a whole, which counts as one event. */
  readonly indexes: readonly number[]
}

export type RecordFate = {
  readonly refusals: readonly Refusal[]
  readonly events: readonly OracleEvent[]
  /** The record as a fact, which counts as an event. */
  readonly fact: Fact | null
}

/** What a record of an input topic comes to by itself: what is refused, and the events that are left to be counted. */
export const fateOf = (
  record: LoggedRecord,
  topic: InputTopic,
  { maxFutureSkewUs }: Layout,
): RecordFate => {
  const whole = (reason: RejectReason): RecordFate => ({
    refusals: [{ reason, indexes: [] }],
    events: [],
    fact: null,
  })
  const { key, value, offset, timestampMs } = record
  if (value === null) return whole('tombstone')
  const content = contentOf(value)
  if (content.kind === 'refused') return whole(content.reason)
  const { type, fields } = content
  if (type === 'Tick' || (type === 'LossAccepted' && topic === 'facts'))
    return { refusals: [], events: [], fact: null }
  if (isFact(content) && topic === 'facts') {
    const fact = factOf(content)
    const reason = refusalOf(fact, record, maxFutureSkewUs)
    return reason === null ? { refusals: [], events: [], fact } : whole(reason)
  }
  if (topicOf[type] !== topic) return whole('unknown_schema')
  if (!isWhole(type, fields)) return whole('bad_avro')
  const service = fields.service as string
  if (!isServiceName(service)) return whole('bad_value')
  if (key === null || !Buffer.from(service).equals(key)) return whole('bad_key')
  const singles = singlesOf(type, fields, service, offset)
  const indexes = (of: (event: Single) => boolean): readonly number[] =>
    singles.flatMap((event, index) => (of(event) ? [index] : []))
  const latestUs = timestampMs * 1000 + maxFutureSkewUs
  const isFuture = (event: Single): boolean => !event.isBad && event.atUs > latestUs
  const refusals = [
    { reason: 'bad_value', indexes: indexes(({ isBad }) => isBad) },
    { reason: 'future', indexes: indexes(isFuture) },
  ] as const
  return {
    refusals: refusals.filter((refusal) => refusal.indexes.length > 0),
    events: singles.filter((event) => !event.isBad && !isFuture(event)),
    fact: null,
  }
}

const topicOf: Readonly<Record<string, InputTopic>> = {
  RequestObserved: 'requests',
  RequestBatch: 'requests',
  HealthChecked: 'health-checks',
}

type Columns = {
  readonly batchId: string
  readonly baseUs: number
  readonly operations: readonly string[]
  readonly deltaUs: readonly number[]
  readonly latencyUs: readonly number[]
  readonly status: readonly number[]
  readonly operation: readonly number[]
  readonly failures: readonly number[]
}

/** What a schema cannot say: columns of one length, indexes that point at something, a reason that is text. */
const isWhole = (type: string, fields: AvroValue): boolean => {
  if (type === 'HealthChecked') return fields.reason !== notText
  if (type !== 'RequestBatch') return true
  const { operations, deltaUs, latencyUs, status, operation, failures } = fields as Columns
  const count = deltaUs.length
  return (
    count <= 65_536 &&
    operations.length <= 4096 &&
    [latencyUs, status, operation].every((column) => column.length === count) &&
    operation.every((index) => index >= 0 && index < operations.length) &&
    failures.every((index, i) => index > (failures[i - 1] ?? -1) && index < count)
  )
}

type Single = OracleEvent & { readonly isBad: boolean }

const singlesOf = (
  type: string,
  fields: AvroValue,
  service: string,
  offset: number,
): readonly Single[] => {
  if (type === 'RequestBatch') {
    const { batchId, baseUs, operations, deltaUs, latencyUs, status, operation, failures } =
      fields as Columns
    const failed = new Set(failures)
    return deltaUs.map((delta, i): Single => {
      const name = operations[operation[i]!]!
      const atUs = baseUs + delta
      return {
        ...{ offset, service, name, atUs, latencyUs: latencyUs[i]!, status: status[i]! },
        identity: `${batchId}/${i}`,
        isOfBatch: true,
        ok: !failed.has(i),
        isBad:
          ![baseUs, delta].every(Number.isSafeInteger) ||
          !areInRange(atUs, latencyUs[i]!, status[i]!) ||
          !isName(name),
      }
    })
  }
  const { id, atUs, latencyUs, reason } = fields as {
    readonly id: string | null
    readonly atUs: number
    readonly latencyUs: number | null
    readonly reason: string | null
  }
  const isRequest = type === 'RequestObserved'
  const name = (isRequest ? fields.operation : fields.check) as string
  const status = isRequest ? (fields.status as number) : 0
  return [
    {
      ...{ offset, service, name, atUs, status, identity: id, isOfBatch: false },
      latencyUs: latencyUs ?? 0,
      ok: (isRequest ? fields.success : fields.passed) as boolean,
      isBad:
        !areInRange(atUs, latencyUs ?? 0, status) ||
        !isName(name) ||
        (!isRequest && reason !== null && !isName(reason)),
    },
  ]
}

const areInRange = (atUs: number, latencyUs: number, status: number): boolean =>
  [atUs, latencyUs].every((value) => Number.isSafeInteger(value) && value >= 0) &&
  status >= 0 &&
  status <= 999
