import { describe, expect, it } from '@jest/globals'
import {
  sendBytesMax,
  type HealthChecked,
  type RequestBatch,
  type RequestObserved,
  type TidemarkEvent,
} from '@tidemark/model'
import { fingerprintHex } from '@tidemark/wire'
import fc from 'fast-check'
import { decode, decodeBody, encode, EncodeError, inputSchemas, makeCodec } from './codec.ts'
import { readableSchemas } from './event-schemas.ts'
import { tick } from './output.ts'
import { eventTypes, randomEvent, randomFrom } from './testing/index.ts'

const request: RequestObserved = {
  type: 'RequestObserved',
  id: '6f1c2d3e-4b5a-4978-8695-a4b3c2d1e0f0',
  service: 'checkout',
  operation: 'GET /cart',
  atUs: 1_795_230_000_123_456,
  latencyUs: 42_500,
  status: 200,
  success: true,
}
const check: HealthChecked = {
  type: 'HealthChecked',
  id: null,
  service: 'checkout',
  check: 'http',
  atUs: 1_795_230_001_000_000,
  passed: true,
  latencyUs: null,
  reason: null,
}
const batch: RequestBatch = {
  type: 'RequestBatch',
  batchId: '00000000-0000-0000-0000-000000000001',
  service: 'checkout',
  baseUs: 1_795_230_000_000_000,
  operations: ['', 'GET /cart'],
  deltaUs: [0, -5, 70_000],
  latencyUs: [1, 2, 3],
  status: [200, 200, 503],
  operation: [0, 1, 1],
  failures: [2],
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
/** Without the checks that stand in front of encoding: what a stranger may send. */
const withByte = (bytes: Uint8Array, at: number, byte: number): Uint8Array => bytes.with(at, byte)

describe('encoding', () => {
  it('writes single-object encoding: marker, fingerprint with the lowest byte first, body', () => {
    expect(hex(encode(request))).toBe(
      'c301f00e27f6e34e9cbf' + // marker and fingerprint
        '026f1c2d3e4b5a49788695a4b3c2d1e0f0' + // id, present
        '10636865636b6f7574' + // service
        '12474554202f63617274' + // operation
        '80b994e791b0b006' + // atUs
        '889805' + // latencyUs
        '9003' + // status
        '01', // success
    )
    expect(hex(tick)).toHaveLength(20)
  })

  it.each(eventTypes)('gives back every %s that it wrote', (type) => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const event = randomEvent(type, randomFrom(seed))
        const decoded = decode(encode(event))
        expect(decoded).toStrictEqual({ ok: true, event })
      }),
      { numRuns: 200 },
    )
  })

  it('writes a UUID in lower case, whatever it was given', () => {
    const upper = { ...request, id: '6F1C2D3E-4B5A-4978-8695-A4B3C2D1E0F0' }
    expect(encode(upper)).toEqual(encode(request))
  })

  it.each<readonly [event: object, message: string]>([
    [
      { ...request, latencyUs: 1.5 },
      'RequestObserved.latencyUs: 1.5 is not an integer of 0 to 9007199254740990',
    ],
    [
      { ...request, latencyUs: -1 },
      'RequestObserved.latencyUs: -1 is not an integer of 0 to 9007199254740990',
    ],
    [
      { ...request, latencyUs: Number.NaN },
      'RequestObserved.latencyUs: NaN is not an integer of 0 to 9007199254740990',
    ],
    [
      { ...request, atUs: 2 ** 53 },
      'RequestObserved.atUs: 9007199254740992 is not an integer of 0 to 9007199254740990',
    ],
    [{ ...request, atUs: 5n }, 'RequestObserved.atUs: 5 is not a number'],
    [{ ...request, status: 1000 }, 'RequestObserved.status: 1000 is not an integer of 0 to 999'],
    [{ ...request, success: 1 }, 'RequestObserved.success: 1 is not a boolean'],
    [{ ...request, id: 'x' }, 'RequestObserved.id: "x" is not a UUID'],
    [{ ...request, id: undefined }, 'RequestObserved.id: undefined is not a UUID'],
    [
      { ...request, service: 'a b' },
      'RequestObserved.service: "a b" is not 1-128 characters of [A-Za-z0-9._/-]',
    ],
    [
      { ...request, operation: 'a\nb' },
      'RequestObserved.operation: "a\\nb" holds control characters',
    ],
    [
      { ...request, operation: 'e\u0301' },
      'RequestObserved.operation: "e\u0301" is not in Unicode form NFC',
    ],
    [
      { ...request, operation: '\ud800' },
      'RequestObserved.operation: "\\ud800" is not well-formed Unicode',
    ],
    [{ ...request, colour: 'red' }, 'RequestObserved.colour: unknown'],
    [{ ...check, reason: 7 }, 'HealthChecked.reason: 7 is not a string'],
    [{ ...batch, status: [200, 'ok', 503] }, 'RequestBatch.status[1]: "ok" is not a number'],
    [{ ...batch, deltaUs: 5 }, 'RequestBatch.deltaUs: 5 is not an array'],
    [{ ...batch, latencyUs: [1, 2] }, 'RequestBatch.latencyUs: 2 values for 3 events'],
    [{ ...batch, operation: [0, 1, 2] }, 'RequestBatch.operation[2]: 2 of 2 operations'],
    [
      { ...batch, failures: [2, 1] },
      'RequestBatch.failures[1]: 1 is not above the one before and below 3',
    ],
    [
      { ...batch, failures: [3] },
      'RequestBatch.failures[0]: 3 is not above the one before and below 3',
    ],
    [
      { ...batch, baseUs: 4 },
      'RequestBatch.deltaUs[1]: 4 + -5 is not a time of 0 to 9007199254740990',
    ],
    [{ type: 'Tick', at: 1 }, 'Tick.at: unknown'],
  ])('refuses an event that does not fit: %#', (event, message) => {
    expect(() => encode(event as TidemarkEvent)).toThrow(new EncodeError(message))
  })

  it('names the place in nested events', () => {
    const slice = randomEvent('FleetSlice', randomFrom(7))
    if (slice.type !== 'FleetSlice') throw new TypeError(slice.type)
    const [row] = [...slice.rows, ...manyRows()]
    const broken = { ...slice, rows: [row, { ...row, status: 'off' }] } as unknown as TidemarkEvent
    expect(() => encode(broken)).toThrow(
      'FleetSlice.rows[1].status: "off" is not one of down, critical, degraded, healthy, unknown, maintenance',
    )
  })

  it('refuses an event larger than a record may be', () => {
    const layout = {
      type: 'LayoutProvisioned',
      layoutId: '0'.repeat(32),
      layout: 'x'.repeat(sendBytesMax),
    }
    expect(() => encode(layout as TidemarkEvent)).toThrow(
      `LayoutProvisioned: ${sendBytesMax + 29} bytes, a record takes ${sendBytesMax}`,
    )
  })
})

describe('decoding', () => {
  it('shares nothing with the bytes that it read', () => {
    const event = randomEvent('RequestWindowClosed', randomFrom(3))
    const bytes = encode(event)
    const decoded = decode(bytes)
    bytes.fill(0xff)
    expect(decoded).toStrictEqual({ ok: true, event })
  })

  it('reads a view that starts in the middle of its buffer', () => {
    const bytes = encode(request)
    const larger = new Uint8Array(bytes.length + 20)
    larger.set(bytes, 7)
    expect(decode(larger.subarray(7, 7 + bytes.length))).toEqual({ ok: true, event: request })
  })

  it('makes plain objects and plain byte arrays', () => {
    const decoded = decode(encode(randomEvent('RequestWindowClosed', randomFrom(3))))
    if (!decoded.ok || decoded.event.type !== 'RequestWindowClosed') throw new TypeError('not read')
    expect(Object.getPrototypeOf(decoded.event.input)).toBe(Object.prototype)
    expect(Object.getPrototypeOf(decoded.event.histogram)).toBe(Uint8Array.prototype)
  })

  it('calls a missing value a tombstone', () => {
    expect(decode(null)).toEqual({ ok: false, reason: 'tombstone', detail: 'no value' })
  })

  it('knows no frame but its own: 256 first bytes, lengths of 0 to 12', () => {
    for (let first = 0; first < 256; first++)
      for (let length = 0; length <= 12; length++) {
        const bytes = new Uint8Array(length)
        if (length > 0) bytes[0] = first
        expect(decode(bytes)).toMatchObject({ ok: false, reason: 'bad_frame' })
      }
  })

  it('names a fingerprint that nobody knows', () => {
    expect(decode(bytesOf('c301 0102030405060708'))).toEqual({
      ok: false,
      reason: 'unknown_schema',
      detail: 'fingerprint 0807060504030201',
    })
  })

  it('refuses every cut of a record, and every byte more', () => {
    for (const event of [request, check, batch, { type: 'Tick' } as const]) {
      const bytes = encode(event)
      for (let length = 0; length < bytes.length; length++)
        expect(decode(bytes.subarray(0, length))).toMatchObject({
          ok: false,
          reason: length < 10 ? 'bad_frame' : 'bad_avro',
        })
      expect(decode(Uint8Array.of(...bytes, 0))).toMatchObject({ ok: false, reason: 'bad_avro' })
    }
  })

  it('tells broken bytes, which are no Avro, from values out of range', () => {
    const bytes = encode(request)
    const last = bytes.length - 1
    expect(decode(withByte(bytes, last, 7))).toEqual({
      ok: false,
      reason: 'bad_avro',
      detail: 'RequestObserved: success: boolean 7 at byte 49',
    })
    expect(decode(withByte(bytes, 28, 0x20))).toEqual({
      ok: false,
      reason: 'bad_value',
      detail: 'RequestObserved.service: " heckout" is not 1-128 characters of [A-Za-z0-9._/-]',
    })
    expect(decode(withByte(bytes, last - 1, 0x7f))).toMatchObject({
      ok: false,
      reason: 'bad_value',
    })
  })

  it('refuses columns of unequal length as broken', () => {
    const bytes = hex(encode({ ...batch, latencyUs: [0x2a, 0x2b, 0x2c] }))
    const shorter = bytesOf(bytes.replace('0654565800', '04545600'))
    expect(decode(shorter)).toEqual({
      ok: false,
      reason: 'bad_avro',
      detail: 'RequestBatch: latencyUs: 2 values for 3 events',
    })
  })

  it('looks at no record that is larger than one may be', () => {
    const bytes = new Uint8Array(sendBytesMax + 1)
    bytes.set(encode(request))
    expect(decode(bytes)).toMatchObject({ ok: false, reason: 'bad_value' })
  })

  it('reads a closed list as closed', () => {
    const event = randomEvent('PartitionAdvanced', randomFrom(1))
    if (event.type !== 'PartitionAdvanced') throw new TypeError(event.type)
    const bytes = hex(
      encode({ ...event, topic: 'requests', cause: { ...event.cause, topic: 'facts' } }),
    )
    const wrong = bytesOf(bytes.replace('0a6661637473', '0a6661637478'))
    expect(decode(wrong)).toEqual({
      ok: false,
      reason: 'bad_value',
      detail: 'PartitionAdvanced.cause.topic: "factx" is not one of requests, health-checks, facts',
    })
  })

  it('reads a body without its frame by the name of its schema', () => {
    const body = encode(check).subarray(10)
    expect(decodeBody('HealthChecked', body)).toEqual({ ok: true, event: check })
    expect(decodeBody('HealthChecked.1', body.subarray(0, -1))).toEqual({ ok: true, event: check })
    expect(decodeBody('HealthChecked.9', body)).toMatchObject({
      ok: false,
      reason: 'unknown_schema',
    })
  })
})

describe('the frame of a registry', () => {
  const olderHex = fingerprintHex(
    readableSchemas.find(({ name }) => name === 'HealthChecked.1')!.fingerprint,
  )
  const codec = makeCodec({
    registryIds: new Map([
      [1, 'tidemark.RequestObserved'],
      [0xffff_fffe, 'tidemark.HealthChecked'],
      [3, olderHex],
      [4, 'tidemark.PlatformReported'],
    ]),
  })
  const framed = (id: string, event: TidemarkEvent): Uint8Array =>
    Uint8Array.of(0, ...bytesOf(id), ...encode(event).subarray(10))

  it('is read where a table of ids is given', () => {
    expect(codec.decode(framed('00000001', request))).toEqual({ ok: true, event: request })
    expect(codec.decode(framed('fffffffe', check))).toEqual({ ok: true, event: check })
    expect(codec.decode(framed('00000003', check).subarray(0, -1))).toEqual({
      ok: true,
      event: check,
    })
    expect(codec.decode(encode(request))).toEqual({ ok: true, event: request })
  })

  it('is refused without one, with another id, and cut', () => {
    expect(decode(framed('00000001', request))).toMatchObject({ reason: 'bad_frame' })
    expect(codec.decode(framed('00000009', request))).toEqual({
      ok: false,
      reason: 'unknown_schema',
      detail: 'registry id 9',
    })
    expect(codec.decode(bytesOf('00000000'))).toMatchObject({ reason: 'bad_frame' })
  })

  it('is handed to readers of inputs with the schemas of inputs only', () => {
    expect([...(codec.inputSchemas.frames.registryIds ?? [])]).toEqual([
      [1, 'RequestObserved'],
      [0xffff_fffe, 'HealthChecked'],
      [3, 'HealthChecked.1'],
    ])
    expect(codec.inputSchemas.frames.fingerprints.map(({ schema }) => schema)).toEqual([
      'AcknowledgementGiven',
      'BudgetCorrected',
      'ConfigurationActivated',
      'CostRecorded',
      'DeploymentFinished',
      'GovernanceEvidence',
      'HealthChecked',
      'IncidentClosed',
      'IncidentOpened',
      'LossAccepted',
      'RequestBatch',
      'RequestObserved',
      'SilenceCreated',
      'SilenceExpired',
      'Tick',
      'HealthChecked.1',
    ])
  })

  it('upgrades a body of an older version to a whole value of the current one', () => {
    const older = encode(check).subarray(10, -1)
    expect(inputSchemas.upgrade('HealthChecked.1', older)).toEqual({
      ok: true,
      value: encode(check),
    })
    expect(inputSchemas.upgrade('HealthChecked.1', older.subarray(1))).toMatchObject({
      ok: false,
      reason: 'bad_avro',
    })
  })

  it('does not start with a table that names an unknown schema', () => {
    expect(() => makeCodec({ registryIds: new Map([[5, 'tidemark.Nothing']]) })).toThrow(
      'registry id 5: "tidemark.Nothing" is neither the full name of an event nor a known fingerprint',
    )
  })
})

function manyRows() {
  const found = [1, 2, 3, 4, 5].map((seed) => randomEvent('FleetSlice', randomFrom(seed)))
  return found.flatMap((event) => (event.type === 'FleetSlice' ? event.rows : []))
}
