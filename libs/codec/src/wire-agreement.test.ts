import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import { serviceNameFault, textFault, type EventType } from '@tidemark/model'
import {
  decodeUtf8,
  healthCheckedReader,
  requestBatchReader,
  requestObservedReader,
  type ReadResult,
} from '@tidemark/wire'
import { decodeBody, encode, type Decoded } from './codec.ts'
import { longMax, longMin } from './pre-walk.ts'
import { randomEvent, randomFrom, type Random } from './testing/index.ts'

/** The aggregator reads bodies in place, everybody else through avsc. Both must take and refuse the same ones, for the same reason. */
type InPlace = {
  readonly event: EventType
  readonly read: (body: Uint8Array) => ReadResult
  /** Faults of names, which the caller of an in-place reader looks for, and numbers that avsc cannot hold exactly. */
  readonly elsewhere: (body: Uint8Array) => ReadResult
  readonly fields: (body: Uint8Array) => object
}

const nameResult = (
  body: Uint8Array,
  ranges: readonly (readonly [
    start: number,
    end: number,
    fault: (text: string) => string | null,
  ])[],
): ReadResult => {
  let result: ReadResult = 'ok'
  for (const [start, end, fault] of ranges) {
    const text = decodeUtf8(body, start, end)
    if (text === null) return 'bad_avro'
    if (fault(text) !== null) result = 'bad_value'
  }
  return result
}

const isHeld = (...longs: readonly number[]): boolean =>
  longs.every((long) => long >= longMin && long <= longMax)

const text = (field: string) => (value: string) => textFault(field, value)
const utf8 = new TextDecoder()
const slice = (body: Uint8Array, start: number, end: number): string =>
  utf8.decode(body.subarray(start, end))

const request = requestObservedReader()
const check = healthCheckedReader()
const batch = requestBatchReader()

const readers: readonly InPlace[] = [
  {
    event: 'RequestObserved',
    read: (body) => request.read(body, 0, body.length),
    elsewhere: (body) => {
      const names = nameResult(body, [
        [request.serviceStart, request.serviceEnd, serviceNameFault],
        [request.operationStart, request.operationEnd, text('operation')],
      ])
      return names === 'ok' && !isHeld(request.atUs, request.latencyUs) ? 'bad_value' : names
    },
    fields: (body) => ({
      service: slice(body, request.serviceStart, request.serviceEnd),
      operation: slice(body, request.operationStart, request.operationEnd),
      atUs: request.atUs,
      latencyUs: request.latencyUs,
      status: request.status,
      success: request.success,
    }),
  },
  {
    event: 'HealthChecked',
    read: (body) => check.read(body, 0, body.length),
    elsewhere: (body) => {
      const names = nameResult(body, [
        [check.serviceStart, check.serviceEnd, serviceNameFault],
        [check.checkStart, check.checkEnd, text('check')],
      ])
      return names === 'ok' && !isHeld(check.atUs, check.latencyUs) ? 'bad_value' : names
    },
    fields: (body) => ({
      service: slice(body, check.serviceStart, check.serviceEnd),
      check: slice(body, check.checkStart, check.checkEnd),
      atUs: check.atUs,
      passed: check.passed,
      latencyUs: check.latencyUs === -1 ? null : check.latencyUs,
      reason: check.reasonEnd === -1 ? null : slice(body, check.reasonStart, check.reasonEnd),
    }),
  },
  {
    event: 'RequestBatch',
    read: (body) => batch.read(body, 0, body.length),
    elsewhere: (body) => {
      const operations = Array.from(
        { length: batch.operationCount },
        (_, i) => [batch.operationStart[i]!, batch.operationEnd[i]!, text('operations')] as const,
      )
      const names = nameResult(body, [
        [batch.serviceStart, batch.serviceEnd, serviceNameFault],
        ...operations,
      ])
      const { count, deltaUs, latencyUs, baseUs } = batch
      // The codec holds the base to its own range, where a reader in place looks at sums only.
      const isTime =
        baseUs >= 0 &&
        Array.from(deltaUs.subarray(0, count)).every((delta) => baseUs + delta <= longMax)
      const isExact = isHeld(baseUs, ...deltaUs.subarray(0, count), ...latencyUs.subarray(0, count))
      return names === 'ok' && !(isTime && isExact) ? 'bad_value' : names
    },
    fields: () => ({
      baseUs: batch.baseUs,
      deltaUs: [...batch.deltaUs.subarray(0, batch.count)],
      latencyUs: [...batch.latencyUs.subarray(0, batch.count)],
      status: [...batch.status.subarray(0, batch.count)],
      operation: [...batch.operation.subarray(0, batch.count)],
      failures: [...batch.failed.subarray(0, batch.count)].flatMap((failed, i) =>
        failed === 1 ? [i] : [],
      ),
    }),
  },
]

const mutated = (body: Uint8Array, random: Random): Uint8Array => {
  const bytes = body.slice(0, random() < 0.2 ? Math.floor(random() * body.length) : body.length)
  for (let left = Math.floor(random() * 3); left > 0 && bytes.length > 0; left--)
    bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
  return bytes
}

const worst = (a: ReadResult, b: ReadResult): ReadResult =>
  [a, b].includes('bad_avro') ? 'bad_avro' : [a, b].includes('bad_value') ? 'bad_value' : 'ok'

/** A long that no number holds ends avsc's part, so columns that do not belong together besides are not seen. */
const isLongFirst = (inPlace: ReadResult, decoded: Decoded): boolean =>
  inPlace === 'bad_avro' && !decoded.ok && decoded.detail.startsWith('RequestBatch: a long outside')

describe.each(readers)(
  'reading $event in place and through avsc',
  ({ event, read, elsewhere, fields }) => {
    it('comes to the same, on 10,000 bodies, most of them mutated', () => {
      const seed = Math.floor(Math.random() * 2 ** 32)
      const random = randomFrom(seed)
      const seen = { ok: 0, bad_avro: 0, bad_value: 0 }
      for (let i = 0; i < 10_000; i++) {
        const body = mutated(encode(randomEvent(event, random)).subarray(10), random)
        const result = read(body)
        const inPlace = result === 'bad_avro' ? result : worst(result, elsewhere(body))
        const decoded = decodeBody(event, body)
        const through = decoded.ok ? 'ok' : decoded.reason
        seen[inPlace]++
        if (inPlace !== through && !isLongFirst(inPlace, decoded))
          throw new Error(
            `seed ${seed}: ${Buffer.from(body).toString('hex')}: in place ${inPlace}, ${JSON.stringify(decoded)}`,
          )
        if (decoded.ok && !isDeepStrictEqual({ ...decoded.event, ...fields(body) }, decoded.event))
          expect(decoded.event).toMatchObject(fields(body))
      }
      expect(Math.min(seen.ok, seen.bad_avro, seen.bad_value)).toBeGreaterThan(100)
    })
  },
)
