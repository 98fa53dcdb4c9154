import { describe, expect, it } from '@jest/globals'
import { contentId } from '@tidemark/model'
import fc from 'fast-check'
import { encode } from './codec.ts'
import { lineOf } from './line.ts'
import { lineBytesMax, parseLine } from './ndjson.ts'
import { randomEvent, randomFrom } from './testing/index.ts'

const uuid = '6f1c2d3e-4b5a-4978-8695-a4b3c2d1e0f0'
const requestFields = {
  type: 'request',
  id: uuid,
  service: 'checkout',
  operation: 'GET /cart',
  at: '2026-11-21T03:00:00.123456Z',
  latencyMs: 42.5,
  status: 200,
  success: true,
}
const checkFields = {
  type: 'health-check',
  id: uuid,
  service: 'checkout',
  check: 'http',
  at: '2026-11-21T03:00:01Z',
  passed: true,
  latencyMs: 3.1,
  reason: null,
}

const lineWith = (changes: object, fields: object = requestFields): string =>
  JSON.stringify({ ...fields, ...changes })
const eventOf = (line: string) => {
  const parsed = parseLine(line)
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.event
}
const reasonOf = (line: string): string | null => {
  const parsed = parseLine(line)
  return parsed.ok ? null : parsed.reason
}

describe('a line', () => {
  it('is a request', () => {
    expect(eventOf(lineWith({}))).toEqual({
      type: 'RequestObserved',
      id: uuid,
      service: 'checkout',
      operation: 'GET /cart',
      atUs: 1_795_230_000_123_456,
      latencyUs: 42_500,
      status: 200,
      success: true,
    })
  })

  it('is a health check', () => {
    expect(eventOf(lineWith({}, checkFields))).toEqual({
      type: 'HealthChecked',
      id: uuid,
      service: 'checkout',
      check: 'http',
      atUs: 1_795_230_001_000_000,
      passed: true,
      latencyUs: 3100,
      reason: null,
    })
  })

  it('needs no more than this', () => {
    expect(eventOf('{"type":"request","service":"a","at":0,"latencyUs":0,"status":0}')).toEqual({
      type: 'RequestObserved',
      id: null,
      service: 'a',
      operation: '',
      atUs: 0,
      latencyUs: 0,
      status: 0,
      success: true,
    })
    expect(eventOf('{"type":"health-check","service":"a","at":0,"passed":false}')).toEqual({
      type: 'HealthChecked',
      id: null,
      service: 'a',
      check: '',
      atUs: 0,
      passed: false,
      latencyUs: null,
      reason: null,
    })
  })

  it('takes null where a field may be missing', () => {
    const nothing = { id: null, operation: null, success: null, latencyMs: null, latencyUs: 5 }
    expect(eventOf(lineWith(nothing))).toMatchObject({
      id: null,
      operation: '',
      success: true,
      latencyUs: 5,
    })
    const less = { id: null, check: null, latencyMs: null, reason: null }
    expect(eventOf(lineWith(less, checkFields))).toMatchObject({ check: '', latencyUs: null })
  })

  it('is given an id where it has none, if somebody draws one', () => {
    const line = lineWith({ id: null })
    expect(parseLine(line, () => uuid)).toMatchObject({ event: { id: uuid } })
    expect(parseLine(lineWith({}), () => 'another')).toMatchObject({ event: { id: uuid } })
    expect(
      parseLine('{}', () => {
        throw new Error('drawn for a bad line')
      }),
    ).toMatchObject({ ok: false })
  })

  it('writes its id in lower case', () => {
    expect(eventOf(lineWith({ id: uuid.toUpperCase() })).id).toBe(uuid)
  })

  it.each([
    [0, true],
    [200, true],
    [429, true],
    [499, true],
    [500, false],
    [999, false],
  ])('of status %d without success has success %p', (status, success) => {
    expect(eventOf(lineWith({ status, success: undefined }))).toMatchObject({ success })
  })

  it('keeps a success that contradicts its status', () => {
    expect(eventOf(lineWith({ status: 503, success: true }))).toMatchObject({ success: true })
    expect(eventOf(lineWith({ status: 200, success: false }))).toMatchObject({ success: false })
  })

  it.each([
    ['20.123', 20_123],
    ['0.0004999', 0],
    ['0.0005', 1],
    ['1.0005', 1001],
    ['-0', 0],
    ['1e3', 1_000_000],
  ])('rounds latencyMs %s to %d us', (ms, us) => {
    const line = lineWith({ latencyMs: 'here' }).replace('"here"', ms)
    expect(eventOf(line)).toMatchObject({ latencyUs: us })
  })

  it.each([
    ['1795230000123456', 1_795_230_000_123_456],
    ['1795230000123456.0', 1_795_230_000_123_456],
    ['"2026-11-21T03:00:00.1234569Z"', 1_795_230_000_123_456],
    ['"2026-11-21T04:00:00+01:00"', 1_795_230_000_000_000],
  ])('takes %s as its time', (at, us) => {
    expect(eventOf(lineWith({ at: 'here' }).replace('"here"', at))).toMatchObject({ atUs: us })
  })

  it.each<readonly [changes: object, reason: string]>([
    [{ type: undefined }, 'type: missing'],
    [{ type: 'tick' }, 'type: "tick" is neither request nor health-check'],
    [{ type: 1 }, 'type: 1 is neither request nor health-check'],
    [{ id: 'x' }, 'id: "x" is not a UUID'],
    [{ id: 5 }, 'id: 5 is not a string'],
    [{ id: `{${uuid}}` }, `id: "{${uuid}}" is not a UUID`],
    [{ service: undefined }, 'service: missing'],
    [{ service: '' }, 'service: "" is not 1-128 characters of [A-Za-z0-9._/-]'],
    [{ service: 'a b' }, 'service: "a b" is not 1-128 characters of [A-Za-z0-9._/-]'],
    [
      { service: 'a'.repeat(129) },
      `service: "${'a'.repeat(64)}..." is not 1-128 characters of [A-Za-z0-9._/-]`,
    ],
    [{ operation: 'a\tb' }, 'operation: "a\\tb" holds control characters'],
    [{ operation: 'e\u0301' }, 'operation: "e\u0301" is not in Unicode form NFC'],
    [{ operation: 'ä'.repeat(129) }, 'operation: longer than 256 bytes of UTF-8'],
    [{ operation: '\ud800' }, 'operation: not well-formed Unicode'],
    [{ operation: 7 }, 'operation: 7 is not a string'],
    [{ at: undefined }, 'at: missing'],
    [{ at: null }, 'at: missing'],
    [
      { at: '2026-11-21T03:00:00' },
      'at: "2026-11-21T03:00:00" is neither ISO 8601 with Z or an offset nor whole microseconds',
    ],
    [{ at: 1.5 }, 'at: 1.5 is neither ISO 8601 with Z or an offset nor whole microseconds'],
    [{ at: true }, 'at: true is neither ISO 8601 with Z or an offset nor whole microseconds'],
    [{ at: -1 }, 'at: -1 is not between 1970 and 2255'],
    [{ at: '1969-12-31T23:59:59Z' }, 'at: "1969-12-31T23:59:59Z" is not between 1970 and 2255'],
    [{ at: '2300-01-01T00:00:00Z' }, 'at: "2300-01-01T00:00:00Z" is not between 1970 and 2255'],
    [{ latencyMs: undefined }, 'latencyMs or latencyUs: missing'],
    [{ latencyUs: 5 }, 'latencyMs and latencyUs: one of them, not both'],
    [{ latencyMs: -1 }, 'latencyMs: -1 is not a number of 0 to 9007199254740.99'],
    [{ latencyMs: -0.0001 }, 'latencyMs: -0.0001 is not a number of 0 to 9007199254740.99'],
    [{ latencyMs: 1e300 }, 'latencyMs: 1e+300 is not a number of 0 to 9007199254740.99'],
    [{ latencyMs: '42' }, 'latencyMs: "42" is not a number'],
    [
      { latencyMs: undefined, latencyUs: 1.5 },
      'latencyUs: 1.5 is not an integer of 0 to 9007199254740990',
    ],
    [
      { latencyMs: undefined, latencyUs: -1 },
      'latencyUs: -1 is not an integer of 0 to 9007199254740990',
    ],
    [
      { latencyMs: undefined, latencyUs: 2 ** 53 },
      'latencyUs: 9007199254740992 is not an integer of 0 to 9007199254740990',
    ],
    [{ status: undefined }, 'status: missing'],
    [{ status: null }, 'status: missing'],
    [{ status: '200' }, 'status: "200" is not a number'],
    [{ status: 1000 }, 'status: 1000 is not an integer of 0 to 999'],
    [{ status: -1 }, 'status: -1 is not an integer of 0 to 999'],
    [{ status: 200.5 }, 'status: 200.5 is not an integer of 0 to 999'],
    [{ success: 'yes' }, 'success: "yes" is not true or false'],
    [{ success: 1 }, 'success: 1 is not true or false'],
    [{ passed: true }, 'unknown key "passed"'],
    [{ colour: 'red', 'a\nb': 1 }, 'unknown key "colour"; unknown key "a\\nb"'],
    [
      { status: 'x', service: '?' },
      'status: "x" is not a number; service: "?" is not 1-128 characters of [A-Za-z0-9._/-]',
    ],
    [
      { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1 },
      'unknown key "a"; unknown key "b"; unknown key "c"; unknown key "d"; unknown key "e"; and 2 more',
    ],
  ])('is refused with a reason: %j', (changes, reason) => {
    expect(reasonOf(lineWith(changes))).toBe(reason)
  })

  it.each<readonly [changes: object, reason: string]>([
    [{ passed: undefined }, 'passed: missing'],
    [{ passed: null }, 'passed: missing'],
    [{ passed: 'true' }, 'passed: "true" is not true or false'],
    [{ reason: 'r'.repeat(257) }, 'reason: longer than 256 bytes of UTF-8'],
    [{ check: 'a\u202eb' }, 'check: "a\u202eb" holds control characters'],
    [{ status: 200 }, 'unknown key "status"'],
    [{ operation: 'GET /' }, 'unknown key "operation"'],
  ])('that is a health check is refused with a reason: %j', (changes, reason) => {
    expect(reasonOf(lineWith(changes, checkFields))).toBe(reason)
  })

  it('is refused where two doubles are one number, and where a number is written longer than a double holds', () => {
    const line = lineWith({ latencyMs: undefined, latencyUs: 'here' })
    expect(reasonOf(line.replace('"here"', '9007199254740993'))).toContain(
      'latencyUs: 9007199254740993 is not',
    )
    expect(reasonOf(line.replace('"here"', '1e400'))).toContain('latencyUs: 1e400 is not')
  })

  it('is refused with equal keys, __proto__ and values inside values', () => {
    expect(reasonOf(lineWith({}).replace('{', '{"status":500,'))).toContain(
      'key "status" stands there twice',
    )
    expect(reasonOf(lineWith({}).replace('{', '{"__proto__":1,'))).toBe('unknown key "__proto__"')
    expect(reasonOf(lineWith({ tags: {} }))).toContain('a value is a string, a number')
    expect(reasonOf('not json')).toBe('not a JSON object (column 1)')
  })

  it('is refused above 64 KB, counted in bytes', () => {
    const padded = (bytes: number) => `${lineWith({})}${' '.repeat(bytes - lineWith({}).length)}`
    expect(reasonOf(padded(lineBytesMax))).toBeNull()
    expect(reasonOf(padded(lineBytesMax + 1))).toBe('longer than 65536 bytes')
    expect(reasonOf(`"${'é'.repeat(lineBytesMax / 2)}`)).toBe('longer than 65536 bytes')
  })

  it('never throws, and gives events that encode', () => {
    const value = fc.oneof(
      fc.string(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.constantFrom('checkout', uuid, '2026-11-21T03:00:00Z'),
      fc.nat(1000),
    )
    const key = fc.constantFrom(
      'type',
      ...Object.keys(requestFields),
      ...Object.keys(checkFields),
      'latencyUs',
    )
    const fields = fc
      .dictionary(key, value)
      .chain((changes) =>
        fc.constantFrom(
          { ...requestFields, ...changes, type: 'request' },
          { ...checkFields, ...changes, type: 'health-check' },
        ),
      )
    fc.assert(
      fc.property(
        fc.oneof(
          fields.map((object) => JSON.stringify(object)),
          fc.string(),
        ),
        (line) => {
          const parsed = parseLine(line)
          if (parsed.ok) expect(encode(parsed.event).length).toBeGreaterThan(10)
          else expect(parsed.reason).not.toBe('')
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('the line of an event', () => {
  it('has every key, in the order of the documentation', () => {
    expect(lineOf(eventOf(lineWith({})))).toBe(
      `{"type":"request","id":"${uuid}","service":"checkout","operation":"GET /cart","at":"2026-11-21T03:00:00.123456Z","latencyMs":42.5,"status":200,"success":true}`,
    )
    expect(lineOf(eventOf(lineWith({}, checkFields)))).toBe(
      `{"type":"health-check","id":"${uuid}","service":"checkout","check":"http","at":"2026-11-21T03:00:01Z","passed":true,"latencyMs":3.1,"reason":null}`,
    )
  })

  it.each(['RequestObserved', 'HealthChecked'] as const)(
    'of a %s is read as the same event',
    (type) => {
      fc.assert(
        fc.property(fc.integer(), (seed) => {
          const event = randomEvent(type, randomFrom(seed))
          expect(parseLine(lineOf(event))).toEqual({ ok: true, event })
        }),
        { numRuns: 500 },
      )
    },
  )

  it('shows other events with the fields of their schema, in its order, bytes in base64', () => {
    expect(
      lineOf({
        value: Uint8Array.of(1, 2, 255),
        key: null,
        cause: { index: 3, offset: 9, partition: 2, topic: 'requests' },
        type: 'RecordRejected',
        id: contentId('x'),
        reason: 'bad_avro',
        detail: 'x',
        indexes: [1],
        timestampMs: 5,
        valueBytes: 3,
      }),
    ).toBe(
      '{"type":"RecordRejected","cause":{"topic":"requests","partition":2,"offset":9,"index":3},"id":"2d711642b726b04401627ca9fbac32f5","reason":"bad_avro","detail":"x","indexes":[1],"timestampMs":5,"key":null,"value":"AQL/","valueBytes":3}',
    )
    expect(lineOf({ type: 'Tick' })).toBe('{"type":"Tick"}')
  })
})
