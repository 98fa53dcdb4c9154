import {
  factTypes,
  isFact,
  type EventType,
  type Fact,
  type HealthChecked,
  type InputEvent,
  type LossAccepted,
  type RequestBatch,
  type RequestObserved,
} from '@tidemark/model'
import { encodeUtf8, singleObjectHeader, type FrameSchemas } from '@tidemark/wire'

// Input events as record values, by a plain Avro writer: the bodies of schemas/*.avsc behind fingerprints that only have to differ. Facts, which
// the aggregator has somebody else read, are JSON here.

const fingerprintOf = (index: number) => ({ high: 0x7e57_0000, low: index + 1 })
const types: readonly EventType[] = [
  'Tick',
  'RequestObserved',
  'RequestBatch',
  'HealthChecked',
  'AlertRaised',
  'LossAccepted',
  ...factTypes,
]

export const testSchemas: FrameSchemas<EventType> = {
  fingerprints: types.map((schema, i) => ({ schema, fingerprint: fingerprintOf(i) })),
  registryIds: null,
}

export const frameOf = (type: EventType): Uint8Array =>
  singleObjectHeader(fingerprintOf(types.indexOf(type)))

export const encodeEvent = (event: InputEvent): Uint8Array =>
  Uint8Array.from([...frameOf(event.type), ...body(event)])

const body = (event: InputEvent): number[] => {
  if (isFact(event)) return [...encodeUtf8(JSON.stringify(event))]
  switch (event.type) {
    case 'Tick':
      return []
    case 'RequestObserved':
      return request(event)
    case 'RequestBatch':
      return batch(event)
    case 'HealthChecked':
      return check(event)
    case 'LossAccepted':
      return loss(event)
  }
}

const request = (event: RequestObserved): number[] => [
  ...optional(event.id, uuid),
  ...text(event.service),
  ...text(event.operation),
  ...long(event.atUs),
  ...long(event.latencyUs),
  ...long(event.status),
  event.success ? 1 : 0,
]

const batch = (event: RequestBatch): number[] => [
  ...uuid(event.batchId),
  ...text(event.service),
  ...long(event.baseUs),
  ...array(event.operations, text),
  ...array(event.deltaUs, long),
  ...array(event.latencyUs, long),
  ...array(event.status, long),
  ...array(event.operation, long),
  ...array(event.failures, long),
]

const check = (event: HealthChecked): number[] => [
  ...optional(event.id, uuid),
  ...text(event.service),
  ...text(event.check),
  ...long(event.atUs),
  event.passed ? 1 : 0,
  ...optional(event.latencyUs, long),
  ...optional(event.reason, text),
]

const loss = (event: LossAccepted): number[] => [
  ...text(event.topic),
  ...long(event.partition),
  ...long(event.fromOffset),
  ...long(event.toOffset),
  ...optional(event.by, text),
  ...optional(event.note, text),
]

const long = (value: number): number[] => {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return [...bytes, Number(rest)]
}

const text = (value: string): number[] => {
  const bytes = encodeUtf8(value)
  return [...long(bytes.length), ...bytes]
}

export const uuidBytes = (id: string): Uint8Array =>
  Uint8Array.from(id.replaceAll('-', '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

const uuid = (id: string): number[] => [...uuidBytes(id)]

const optional = <T>(value: T | null, write: (value: T) => number[]): number[] =>
  value === null ? [0] : [2, ...write(value)]

const array = <T>(items: readonly T[], write: (item: T) => number[]): number[] =>
  items.length === 0 ? [0] : [...long(items.length), ...items.flatMap(write), 0]

/** What stands here for all that the codec refuses of a fact. */
export const isSenseless = (fact: Fact): boolean =>
  fact.atUs < 0 || (fact.type === 'SilenceCreated' && fact.toUs <= fact.fromUs)
