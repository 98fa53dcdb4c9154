import { encode } from '@tidemark/codec'
import type {
  DeploymentFinished,
  HealthChecked,
  RejectReason,
  RequestBatch,
  RequestObserved,
} from '@tidemark/model'

/** A record as a foreign producer may write it, and what must become of it. */
export type BadRecord = {
  readonly name: string
  readonly topic: 'requests' | 'health-checks' | 'facts'
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  /** Why it is refused; a batch may be for several reasons, each with the events that it names. None: it counts. */
  readonly refusals: readonly {
    readonly reason: RejectReason
    readonly indexes?: readonly number[]
  }[]
}

/** Avro's primitives as they stand in a body; nothing stops them from lying. */
const long = (value: number | bigint): Uint8Array => {
  let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))
  const bytes: number[] = []
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Uint8Array.from([...bytes, Number(rest)])
}
const text = (value: string | Uint8Array): Uint8Array => {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  return joined(long(bytes.length), bytes)
}
const array = (items: readonly Uint8Array[]): Uint8Array =>
  items.length === 0 ? long(0) : joined(long(items.length), ...items, long(0))
const joined = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts)
const byte = (value: number): Uint8Array => Uint8Array.of(value)

const uuid = new Uint8Array(16).fill(7)
const noId = long(0)

/** The catalogue, for events that happen at `atUs` and a log that refuses what is 10 s ahead. */
export const badRecords = (atUs: number): readonly BadRecord[] => {
  const request: RequestObserved = {
    type: 'RequestObserved',
    id: null,
    service: 'bad-svc',
    operation: '',
    atUs,
    latencyUs: 1000,
    status: 200,
    success: true,
  }
  const check: HealthChecked = {
    type: 'HealthChecked',
    id: null,
    service: 'bad-svc',
    check: '',
    atUs,
    passed: true,
    latencyUs: null,
    reason: null,
  }
  const batch: RequestBatch = {
    type: 'RequestBatch',
    batchId: '07070707-0707-4707-8707-070707070707',
    service: 'bad-svc',
    baseUs: atUs,
    operations: ['GET'],
    deltaUs: [0, 1, 2],
    latencyUs: [1, 2, 3],
    status: [200, 200, 500],
    operation: [0, 0, 0],
    failures: [2],
  }
  const key = Buffer.from('bad-svc')
  const good = encode(request)
  const requestFrame = good.subarray(0, 10)
  const batchFrame = encode(batch).subarray(0, 10)
  const checkFrame = encode(check).subarray(0, 10)
  type Fields = Partial<
    Record<'id' | 'service' | 'operation' | 'at' | 'latency' | 'status' | 'success', Uint8Array>
  >
  const requestOf = (fields: Fields): Uint8Array =>
    joined(
      requestFrame,
      fields.id ?? noId,
      fields.service ?? text('bad-svc'),
      fields.operation ?? text(''),
      fields.at ?? long(atUs),
      fields.latency ?? long(1000),
      fields.status ?? long(200),
      fields.success ?? byte(1),
    )
  const checkOf = (passed: Uint8Array, latency: Uint8Array): Uint8Array =>
    joined(checkFrame, noId, text('bad-svc'), text(''), long(atUs), passed, latency, long(0))
  const batchOf = (deltas: Uint8Array, statuses: Uint8Array, failures: Uint8Array): Uint8Array => {
    const zeros = array([long(0), long(0), long(0)])
    const head = joined(batchFrame, uuid, text('bad-svc'), long(atUs), array([text('GET')]))
    return joined(head, deltas, zeros, statuses, zeros, failures)
  }
  const deltas = array([long(0), long(1), long(2)])
  const statuses = array([long(200), long(200), long(500)])

  const rejected = (
    reason: RejectReason,
    rows: readonly (readonly [name: string, value: Uint8Array | null, key?: Uint8Array | null])[],
    topic: BadRecord['topic'] = 'requests',
  ): BadRecord[] =>
    rows.map(([name, value, ownKey]) => ({
      name,
      topic,
      key: ownKey === undefined ? key : ownKey,
      value,
      refusals: [{ reason }],
    }))

  /** Refused by name, under a key that is the name: nothing else is wrong with it. */
  const named = (name: string, service: string | Uint8Array) =>
    [
      name,
      requestOf({ service: text(service) }),
      typeof service === 'string' ? Buffer.from(service) : service,
    ] as const

  return [
    ...rejected('tombstone', [
      ['a tombstone', null],
      ['a tombstone without a key', null, null],
    ]),
    ...rejected('tombstone', [['a tombstone among checks', null]], 'health-checks'),
    ...rejected('bad_frame', [
      ['an empty value', new Uint8Array(0)],
      ['one byte', byte(0xc3)],
      ['JSON', Buffer.from('{"type":"request"}')],
      ['a frame that ends in its fingerprint', good.subarray(0, 6)],
      ['another version of the frame', joined(Uint8Array.of(0xc3, 0x02), good.subarray(2))],
      ['a frame by a registry id', joined(Uint8Array.of(0, 0, 0, 0, 1), good.subarray(10))],
    ]),
    ...rejected('unknown_schema', [
      [
        'an unknown fingerprint',
        joined(good.subarray(0, 2), uuid.subarray(0, 8), good.subarray(10)),
      ],
      ['a health check among requests', encode(check)],
    ]),
    ...rejected('unknown_schema', [['a request among facts', good]], 'facts'),
    ...rejected('bad_avro', [
      ['a truncated body', good.subarray(0, -1)],
      ['a body cut to nothing', good.subarray(0, 10)],
      ['a byte too many', joined(good, byte(0))],
      ['a union index out of range', requestOf({ id: long(2) })],
      ['a negative union index', requestOf({ id: long(-1) })],
      ['a boolean of 7', requestOf({ success: byte(7) })],
      ['a negative length', requestOf({ service: long(-5) })],
      ['a length of 2^53', requestOf({ service: long(2n ** 53n) })],
      ['a varint that does not end', requestOf({ at: new Uint8Array(11).fill(0xff) })],
      ['columns of different lengths', batchOf(deltas, array([long(200)]), long(0))],
      ['a count of fifty million', batchOf(long(50_000_000), statuses, long(0))],
      ['a count of 2^62', batchOf(long(2n ** 62n), statuses, long(0))],
      ['failures that do not ascend', batchOf(deltas, statuses, array([long(2), long(1)]))],
      ['a failure that is no event', batchOf(deltas, statuses, array([long(3)]))],
      ['a tick with something behind it', joined(tickFrame, byte(0)), null],
    ]),
    ...rejected(
      'bad_avro',
      [['a check that neither passed nor failed', checkOf(byte(2), long(0))]],
      'health-checks',
    ),
    ...rejected('bad_key', [
      ['no key', good, null],
      ['an empty key', good, new Uint8Array(0)],
      ['the key of another service', good, Buffer.from('checkout')],
      ['a key in other letters', good, Buffer.from('Bad-Svc')],
    ]),
    ...rejected('bad_value', [
      ['a negative latency', requestOf({ latency: long(-1) })],
      ['a latency above 2^53', requestOf({ latency: long(2n ** 60n) })],
      ['a status of -1', requestOf({ status: long(-1) })],
      ['a status of 1000', requestOf({ status: long(1000) })],
      ['a time before 1970', requestOf({ at: long(-1) })],
      named('a service without a name', ''),
      named('a name with NUL', 'bad\u0000svc'),
      named('a name with a control character', 'bad\u001b[31m'),
      named('a name with a bidi mark', 'bad\u202esvc'),
      named('a name with a zero-width space', 'bad\u200bsvc'),
      named('a name that is not NFC', 'cafe\u0301'),
      named('a name of 129 characters', 'x'.repeat(129)),
      ['an operation that is not UTF-8', requestOf({ operation: text(Uint8Array.of(0xc3, 0x28)) })],
      ['an operation with NUL', requestOf({ operation: text('a\u0000b') })],
      ['an operation with a bidi mark', requestOf({ operation: text('a\u202eb') })],
      ['an operation that is not NFC', requestOf({ operation: text('cafe\u0301') })],
      ['an operation of 257 bytes', requestOf({ operation: text('x'.repeat(257)) })],
    ]),
    ...rejected(
      'bad_value',
      [['a check of negative latency', checkOf(byte(1), joined(long(1), long(-1)))]],
      'health-checks',
    ),
    ...badFacts(atUs),
    ...rejected('future', [
      ['a time 11 s ahead', requestOf({ at: long(atUs + 11_000_000) })],
      ['a time in 2099', requestOf({ at: long(4_070_908_800_000_000) })],
      ['milliseconds for microseconds times a million', requestOf({ at: long(atUs * 5) })],
    ]),
    {
      name: 'a batch with one wrong clock',
      topic: 'requests',
      key,
      value: batchOf(array([long(0), long(11_000_000), long(2)]), statuses, array([long(1)])),
      refusals: [{ reason: 'future', indexes: [1] }],
    },
    {
      name: 'a batch with one wrong clock and one wrong status',
      topic: 'requests',
      key,
      value: batchOf(
        array([long(0), long(11_000_000), long(2)]),
        array([long(200), long(200), long(1000)]),
        long(0),
      ),
      refusals: [
        { reason: 'bad_value', indexes: [2] },
        { reason: 'future', indexes: [1] },
      ],
    },
  ]
}

const tickFrame = encode({ type: 'Tick' })

/** Facts are refused as a whole, each as one event. */
const badFacts = (atUs: number): readonly BadRecord[] => {
  const fields = { id: '07070707-0707-4707-8707-070707070707', atUs, by: null, note: null }
  const deployed: DeploymentFinished = {
    ...{ ...fields, type: 'DeploymentFinished', service: 'bad-svc', deployment: 'v1' },
  }
  const good = encode(deployed)
  const key = Buffer.from('bad-svc')
  const silence = encode({
    ...{ ...fields, type: 'SilenceCreated', matchers: '', maintenance: false },
    ...{ fromUs: 1, toUs: 2 },
  })
  const silenceOf = (matchers: Uint8Array, fromUs: number, toUs: number): Uint8Array =>
    joined(
      ...[silence.subarray(0, 10), uuid, long(atUs), long(0), long(0), matchers],
      ...[long(fromUs), long(toUs), byte(0)],
    )
  const bad = (
    reason: RejectReason,
    name: string,
    value: Uint8Array | null,
    of: Uint8Array | null = key,
  ): BadRecord => ({ name, topic: 'facts', key: of, value, refusals: [{ reason }] })
  const ofSilence = Buffer.from(fields.id)
  return [
    bad('tombstone', 'a tombstone among facts', null),
    bad('bad_avro', 'a fact with a byte too many', joined(good, byte(0))),
    bad('bad_key', 'a fact without a key', good, null),
    bad('bad_key', 'a fact under the key of another', good, Buffer.from('checkout')),
    bad('bad_key', 'a silence under the key of a service', silence),
    bad(
      'bad_value',
      'a silence that is over before it begins',
      silenceOf(text(''), 2, 1),
      ofSilence,
    ),
    bad('bad_value', 'a silence with NUL in it', silenceOf(text('a\u0000'), 1, 2), ofSilence),
    bad(
      'bad_avro',
      'a silence that is not UTF-8',
      silenceOf(text(Uint8Array.of(0xc3, 0x28)), 1, 2),
      ofSilence,
    ),
    bad('future', 'a fact 11 s ahead', encode({ ...deployed, atUs: atUs + 11_000_000 })),
  ]
}
