import { describe, expect, it } from '@jest/globals'
import avsc from 'avsc'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { healthCheckedReader } from './health-checked-reader.ts'
import type { ReadResult } from './read-result.ts'
import { requestBatchReader } from './request-batch-reader.ts'
import { requestObservedReader } from './request-observed-reader.ts'

// The readers know three schemas by heart. Here they meet a reader and a writer that know none and follow the schema files
// in unbounded integers, and avsc.

type Schema = any
type Bytes = number[]

const schemaOf = (name: string): Schema =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../../../schemas/${name}.avsc`), 'utf8'))

/** What the oracle throws where the bytes are not strict Avro. */
class Refused extends Error {
  readonly code = 'refused'
}

const require_ = (holds: boolean): void => {
  if (!holds) throw new Refused()
}

type Source = { readonly bytes: Uint8Array; at: number }

const byteOf = (source: Source): number => {
  require_(source.at < source.bytes.length)
  return source.bytes[source.at++]!
}

const longOf = (source: Source): bigint => {
  let zigzag = 0n
  for (let length = 1; ; length++) {
    const byte = byteOf(source)
    zigzag |= BigInt(byte & 0x7f) << BigInt(7 * (length - 1))
    if (byte >= 0x80) {
      require_(length < 10)
      continue
    }
    require_(zigzag < 1n << 64n && (length === 1 || byte !== 0))
    return (zigzag >> 1n) ^ -(zigzag & 1n)
  }
}

const take = (source: Source, length: bigint): Bytes => {
  require_(length >= 0n && length <= BigInt(source.bytes.length - source.at))
  source.at += Number(length)
  return [...source.bytes.slice(source.at - Number(length), source.at)]
}

const itemsOf = (schema: Schema, source: Source): any[] => {
  const items: any[] = []
  for (let count; (count = longOf(source)) !== 0n;) {
    const size = count < 0n ? longOf(source) : null
    const start = BigInt(source.at)
    for (let i = 0n; i < (count < 0n ? -count : count); i++) items.push(plain(schema, source))
    require_(size === null || BigInt(source.at) - start === size)
  }
  return items
}

/** The value by the schema: longs as bigint, strings and fixed as bytes. */
const plain = (schema: Schema, source: Source): any => {
  if (Array.isArray(schema)) {
    const branch = longOf(source)
    require_(branch === 0n || branch === 1n)
    return plain(schema[Number(branch)], source)
  }
  const type = typeof schema === 'string' ? schema : schema.type
  switch (type) {
    case 'null':
      return null
    case 'long':
      return longOf(source)
    case 'int': {
      const value = longOf(source)
      require_(BigInt.asIntN(32, value) === value)
      return value
    }
    case 'boolean': {
      const byte = byteOf(source)
      require_(byte <= 1)
      return byte === 1
    }
    case 'string':
      return take(source, longOf(source))
    case 'fixed':
      return take(source, BigInt(schema.size))
    case 'array':
      return itemsOf(schema.items, source)
    case 'record':
      return Object.fromEntries(
        schema.fields.map((field: Schema) => [field.name, plain(field.type, source)]),
      )
    default:
      return plain(type, source)
  }
}

const plainRecord = (schema: Schema, bytes: Uint8Array): any => {
  const source = { bytes, at: 0 }
  const value = plain(schema, source)
  require_(source.at === bytes.length)
  return value
}

const varint = (value: bigint): Bytes => {
  const bytes: Bytes = []
  for (let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)); ; rest >>= 7n) {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0))
    if (rest <= 0x7fn) return bytes
  }
}

/** Writes what `plain` reads; `blockItems` cuts arrays into blocks, with a negative count and their size where it says so. */
const written = (schema: Schema, value: any, blockItems: number, sized: boolean): Bytes => {
  if (Array.isArray(schema)) {
    const branch = value === null ? 0 : 1
    return [2 * branch, ...written(schema[branch], value, blockItems, sized)]
  }
  const type = typeof schema === 'string' ? schema : schema.type
  switch (type) {
    case 'null':
      return []
    case 'long':
    case 'int':
      return varint(BigInt(value))
    case 'boolean':
      return [value === true ? 1 : 0]
    case 'string':
      return [...varint(BigInt(value.length)), ...value]
    case 'fixed':
      return value
    case 'array': {
      const bytes: Bytes = []
      for (let i = 0; i < value.length; i += blockItems) {
        const items = value.slice(i, i + blockItems)
        const body = items.flatMap((item: any) => written(schema.items, item, blockItems, sized))
        const count = BigInt(items.length)
        bytes.push(...(sized ? [...varint(-count), ...varint(BigInt(body.length))] : varint(count)))
        bytes.push(...body)
      }
      return [...bytes, 0]
    }
    case 'record':
      return schema.fields.flatMap((field: Schema) =>
        written(field.type, value[field.name], blockItems, sized),
      )
    default:
      return written(type, value, blockItems, sized)
  }
}

const anyId = fc.array(fc.nat(255), { minLength: 16, maxLength: 16 })
const anyName = fc.string({ maxLength: 20 }).map((text) => [...new TextEncoder().encode(text)])
const goodTime = fc.bigInt(1_600_000_000_000_000n, 1_900_000_000_000_000n)
const anyLong = fc.oneof(
  fc.bigInt(-(1n << 63n), (1n << 63n) - 1n),
  fc.constantFrom(-1n, 0n, 2n ** 53n - 1n, 2n ** 53n, -(2n ** 53n), 1n - 2n ** 53n),
)
const mostly = <T>(good: fc.Arbitrary<T>, any: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 15, arbitrary: good }, { weight: 1, arbitrary: any })
const anyTime = mostly(goodTime, anyLong)
const anyLatency = mostly(fc.bigInt(0n, 2n ** 30n), anyLong)
const anyStatus = mostly(fc.bigInt(0n, 999n), fc.bigInt(-(1n << 31n), (1n << 31n) - 1n))

const anyRequest = fc.record({
  id: fc.option(anyId),
  service: anyName,
  operation: anyName,
  atUs: anyTime,
  latencyUs: anyLatency,
  status: anyStatus,
  success: fc.boolean(),
})

const anyReason = fc.oneof(
  anyName,
  fc
    .constantFrom('tímeout', 'e\u0301', 'line\nbreak', 'x'.repeat(300))
    .map((text) => [...new TextEncoder().encode(text)]),
)

const anyCheck = fc.record({
  id: fc.option(anyId),
  service: anyName,
  check: anyName,
  atUs: anyTime,
  passed: fc.boolean(),
  latencyUs: fc.option(anyLatency),
  reason: fc.option(anyReason),
})

const anyBatch = fc
  .tuple(
    fc.array(fc.tuple(anyLatency, anyStatus, fc.boolean(), fc.nat(4), anyDelta()), {
      maxLength: 20,
    }),
    fc.array(anyName, { minLength: 5, maxLength: 8 }),
    fc.record({ batchId: anyId, service: anyName, baseUs: anyTime }),
  )
  .map(([events, operations, head]) => ({
    ...head,
    operations,
    deltaUs: events.map((event) => event[4]),
    latencyUs: events.map((event) => event[0]),
    status: events.map((event) => event[1]),
    operation: events.map((event) => BigInt(event[3])),
    failures: events.flatMap((event, i) => (event[2] ? [BigInt(i)] : [])),
  }))

function anyDelta(): fc.Arbitrary<bigint> {
  return mostly(fc.bigInt(-5_000_000n, 5_000_000n), anyLong)
}

/** Changed bytes, cut, lengthened, or left as they are. */
const anyMutation = fc.oneof(
  fc.constant((bytes: Bytes) => bytes),
  fc
    .array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 })
    .map((changes) => (bytes: Bytes) => {
      const mutated = [...bytes]
      for (const [at, byte] of changes) mutated[at % bytes.length] = byte
      return mutated
    }),
  fc.nat().map((at) => (bytes: Bytes) => bytes.slice(0, at % bytes.length)),
  fc.tuple(fc.nat(), fc.nat(255)).map(
    ([at, byte]) =>
      (bytes: Bytes) =>
        bytes.toSpliced(at % (bytes.length + 1), 0, byte),
  ),
)

const numRuns = 2000
const maxUs = BigInt(Number.MAX_SAFE_INTEGER)
const isTime = (value: bigint): boolean => value >= 0n && value <= maxUs
const isStatus = (value: bigint): boolean => value >= 0n && value <= 999n

/** Reads in the middle of a larger buffer: what lies around is not the reader's. */
const placed = (body: Bytes): { bytes: Uint8Array; start: number; end: number } => ({
  bytes: Uint8Array.from([0x80, 0x02, ...body, 0x02, 0x00]),
  start: 2,
  end: 2 + body.length,
})

const expectSame = (
  schema: Schema,
  body: Bytes,
  result: ReadResult,
  judge: (value: any) => ReadResult,
): any => {
  let value = null
  let expected: ReadResult = 'bad_avro'
  try {
    value = plainRecord(schema, Uint8Array.from(body))
    expected = judge(value)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
  }
  expect(result).toBe(expected)
  return value
}

/** avsc accepts more (padded numbers, booleans over 1), but what it writes back unchanged is strict. */
const avscWritesBack = (type: avsc.Type, body: Bytes): boolean => {
  try {
    const value = type.fromBuffer(Buffer.from(body))
    return type.isValid(value) && type.toBuffer(value).equals(Buffer.from(body))
  } catch {
    return false
  }
}

const range = (bytes: Uint8Array, start: number, end: number): Bytes | null =>
  end === -1 ? null : [...bytes.slice(start, end)]

describe('requestObservedReader', () => {
  const schema = schemaOf('RequestObserved')
  const type = avsc.Type.forSchema(schema)
  const reader = requestObservedReader()

  it('agrees with a reader of the schema on any bytes', () => {
    fc.assert(
      fc.property(anyRequest, anyMutation, (request, mutate) => {
        const body = mutate(written(schema, request, 1, false))
        const { bytes, start, end } = placed(body)
        const result = reader.read(bytes, start, end)
        const value = expectSame(schema, body, result, ({ atUs, latencyUs, status }) =>
          isTime(atUs) && isTime(latencyUs) && isStatus(status) ? 'ok' : 'bad_value',
        )
        if (avscWritesBack(type, body)) expect(result).not.toBe('bad_avro')
        if (result === 'bad_avro' || result === 'bad_value') expect(reader.detail).not.toBe('')
        if (result !== 'ok') return
        expect({
          id: reader.idStart === -1 ? null : range(bytes, reader.idStart, reader.idStart + 16),
          service: range(bytes, reader.serviceStart, reader.serviceEnd),
          operation: range(bytes, reader.operationStart, reader.operationEnd),
          atUs: BigInt(reader.atUs),
          latencyUs: BigInt(reader.latencyUs),
          status: BigInt(reader.status),
          success: reader.success,
        }).toEqual(value)
      }),
      { numRuns },
    )
  })

  const request = {
    id: null,
    service: 'checkout',
    operation: 'GET /cart',
    atUs: 1_700_000_000_000_000,
    latencyUs: 42_500,
    status: 200,
    success: true,
  }

  it('reads what avsc writes', () => {
    const body = type.toBuffer(request)
    expect(reader.read(body, 0, body.length)).toBe('ok')
    expect(reader).toMatchObject({
      idStart: -1,
      atUs: request.atUs,
      latencyUs: request.latencyUs,
      status: 200,
      success: true,
    })
  })

  it.each([
    [{ latencyUs: -1 }, 'latencyUs: -1, not in 0 to 2^53 - 1'],
    [{ atUs: -5 }, 'atUs: -5, not in 0 to 2^53 - 1'],
    [{ status: 1000 }, 'status: 1000, not in 0 to 999'],
    [{ status: -1 }, 'status: -1, not in 0 to 999'],
  ])('says what is wrong with %j', (change, detail) => {
    const body = type.toBuffer({ ...request, ...change })
    expect(reader.read(body, 0, body.length)).toBe('bad_value')
    expect(reader.detail).toBe(detail)
  })

  it('says where the bytes are wrong', () => {
    const body = [...type.toBuffer(request)]
    const faults = [
      [body.slice(0, -1), 'ends in the middle at byte 33'],
      [[...body, 7], '1 bytes left over at byte 34'],
      [body.with(-1, 2), 'boolean 2 at byte 33'],
      [[4, ...body.slice(1)], 'union branch 2 at byte 1'],
      [[0x80, 0x00, ...body.slice(1)], 'padded varint at byte 0'],
    ] as const
    for (const [bytes, detail] of faults) {
      expect(reader.read(Uint8Array.from(bytes), 0, bytes.length)).toBe('bad_avro')
      expect(reader.detail).toBe(detail)
    }
  })
})

describe('healthCheckedReader', () => {
  const schema = schemaOf('HealthChecked')
  const type = avsc.Type.forSchema(schema)
  const reader = healthCheckedReader()
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

  const textOf = (bytes: Bytes): string => {
    try {
      return utf8.decode(Uint8Array.from(bytes))
    } catch {
      throw new Refused()
    }
  }

  /** NFC, at most 256 bytes, and of what the mutations make only these are forbidden. */
  const isReason = (text: string, bytes: Bytes): boolean =>
    bytes.length <= 256 &&
    text.normalize('NFC') === text &&
    !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)

  it('agrees with a reader of the schema on any bytes', () => {
    fc.assert(
      fc.property(anyCheck, anyMutation, (check, mutate) => {
        const body = mutate(written(schema, check, 1, false))
        const { bytes, start, end } = placed(body)
        const result = reader.read(bytes, start, end)
        const value = expectSame(schema, body, result, ({ atUs, latencyUs, reason }) => {
          const text = textOf(reason ?? [])
          const isGood = isTime(atUs) && (latencyUs === null || isTime(latencyUs))
          return isGood && isReason(text, reason ?? []) ? 'ok' : 'bad_value'
        })
        if (avscWritesBack(type, body)) expect(result).not.toBe('bad_avro')
        if (result !== 'ok') return
        expect({
          id: reader.idStart === -1 ? null : range(bytes, reader.idStart, reader.idStart + 16),
          service: range(bytes, reader.serviceStart, reader.serviceEnd),
          check: range(bytes, reader.checkStart, reader.checkEnd),
          atUs: BigInt(reader.atUs),
          passed: reader.passed,
          latencyUs: reader.latencyUs === -1 ? null : BigInt(reader.latencyUs),
          reason: range(bytes, reader.reasonStart, reader.reasonEnd),
        }).toEqual(value)
      }),
      { numRuns },
    )
  })
})

describe('requestBatchReader', () => {
  const schema = schemaOf('RequestBatch')
  const type = avsc.Type.forSchema(schema)
  const reader = requestBatchReader()

  const isBad = (batch: any, i: number): boolean =>
    !isSafe(batch.baseUs) ||
    !isSafe(batch.deltaUs[i]) ||
    !isTime(batch.baseUs + batch.deltaUs[i]) ||
    !isTime(batch.latencyUs[i]) ||
    !isStatus(batch.status[i])

  const isSafe = (value: bigint): boolean => value >= -maxUs && value <= maxUs

  const badIndexes = (batch: any): number[] =>
    batch.deltaUs.flatMap((_: bigint, i: number) => (isBad(batch, i) ? [i] : []))

  const judge = (batch: any): ReadResult => {
    const count = batch.deltaUs.length
    for (const column of ['latencyUs', 'status', 'operation'])
      require_(batch[column].length === count)
    for (const index of batch.operation)
      require_(index >= 0n && index < BigInt(batch.operations.length))
    batch.failures.forEach((index: bigint, i: number) =>
      require_(index > (i === 0 ? -1n : batch.failures[i - 1]) && index < BigInt(count)),
    )
    return badIndexes(batch).length === 0 ? 'ok' : 'bad_value'
  }

  const columnsOf = (bytes: Uint8Array) => ({
    batchId: range(bytes, reader.batchIdStart, reader.batchIdStart + 16),
    service: range(bytes, reader.serviceStart, reader.serviceEnd),
    operations: Array.from({ length: reader.operationCount }, (_, i) =>
      range(bytes, reader.operationStart[i]!, reader.operationEnd[i]!),
    ),
    operation: [...reader.operation.slice(0, reader.count)].map(BigInt),
    failures: [...reader.failed.slice(0, reader.count)].flatMap((failed, i) =>
      failed === 1 ? [BigInt(i)] : [],
    ),
  })

  it('agrees with a reader of the schema on any bytes and any blocks', () => {
    fc.assert(
      fc.property(
        anyBatch,
        anyMutation,
        fc.integer({ min: 1, max: 25 }),
        fc.boolean(),
        (batch, mutate, blockItems, sized) => {
          const body = mutate(written(schema, batch, blockItems, sized))
          const { bytes, start, end } = placed(body)
          const result = reader.read(bytes, start, end)
          const value = expectSame(schema, body, result, judge)
          if (result === 'bad_avro') return
          const { batchId, service, operations, operation, failures } = value
          expect(columnsOf(bytes)).toEqual({ batchId, service, operations, operation, failures })
          const bad = badIndexes(value)
          expect([...reader.badIndexes.slice(0, reader.badCount)]).toEqual(bad)
          expect(reader.count).toBe(value.deltaUs.length)
          for (let i = 0; i < reader.count; i++) {
            if (bad.includes(i)) continue
            expect(BigInt(reader.baseUs + reader.deltaUs[i]!)).toBe(value.baseUs + value.deltaUs[i])
            expect(BigInt(reader.latencyUs[i]!)).toBe(value.latencyUs[i])
            expect(BigInt(reader.status[i]!)).toBe(value.status[i])
          }
        },
      ),
      { numRuns },
    )
  })

  const batchOf = (count: number, change: object = {}) => ({
    batchId: Buffer.alloc(16, 7),
    service: 'checkout',
    baseUs: 1_700_000_000_000_000,
    operations: ['', 'GET /cart'],
    deltaUs: Array.from({ length: count }, (_, i) => i - 3),
    latencyUs: Array.from({ length: count }, (_, i) => 100 * i),
    status: Array.from({ length: count }, () => 200),
    operation: Array.from({ length: count }, (_, i) => i % 2),
    failures: [],
    ...change,
  })

  const read = (batch: object): ReadResult => {
    const body = type.toBuffer(batch)
    return reader.read(body, 0, body.length)
  }

  it('reads what avsc writes, up to the most events and operations allowed', () => {
    expect(read(batchOf(65_536, { failures: [0, 65_535] }))).toBe('ok')
    expect(reader.count).toBe(65_536)
    expect(reader.deltaUs[65_535]).toBe(65_532)
    expect(reader.latencyUs[65_535]).toBe(6_553_500)
    expect([reader.failed[0], reader.failed[1], reader.failed[65_535]]).toEqual([1, 0, 1])
    expect(read(batchOf(65_537))).toBe('bad_avro')
    expect(reader.detail).toMatch(/more items than allowed: 65537/)
    const names = Array.from({ length: 4097 }, (_, i) => `operation-${i}`)
    expect(read(batchOf(2, { operations: names.slice(1) }))).toBe('ok')
    expect(reader.operationCount).toBe(4096)
    expect(read(batchOf(2, { operations: names }))).toBe('bad_avro')
  })

  it('forgets the failures of the batch before', () => {
    expect(read(batchOf(3, { failures: [0, 1, 2] }))).toBe('ok')
    expect(read(batchOf(3, { failures: [1] }))).toBe('ok')
    expect([...reader.failed.slice(0, 3)]).toEqual([0, 1, 0])
  })

  it('takes an empty batch, whatever its base', () => {
    expect(read(batchOf(0, { operations: [], baseUs: -1 }))).toBe('ok')
    expect(reader.count).toBe(0)
  })

  it('names the bad events and says what is wrong with the first', () => {
    const change = { latencyUs: [0, -1, 5, 5], status: [200, 200, 200, 1000] }
    expect(read(batchOf(4, change))).toBe('bad_value')
    expect([...reader.badIndexes.slice(0, reader.badCount)]).toEqual([1, 3])
    expect(reader.detail).toBe('event 1: latencyUs: -1, not in 0 to 2^53 - 1')
    expect(read(batchOf(1, { baseUs: -7 }))).toBe('bad_value')
    expect(reader.detail).toBe('event 0: atUs: -10, not in 0 to 2^53 - 1')
  })

  it.each([
    ['latencyUs', [1], /latencyUs: 1 values for 2 events/],
    ['latencyUs', [1, 2, 3], /more items than allowed: 3/],
    ['status', [], /status: 0 values for 2 events/],
    ['operation', [0, 2], /operation 2 of event 1, 2 in the dictionary/],
    ['operation', [-1, 0], /operation -1 of event 0/],
    ['failures', [1, 0], /failures: 0 after 1/],
    ['failures', [1, 1], /failures: 1 after 1/],
    ['failures', [2], /failures: 2 after -1, of 2 events/],
  ])('refuses %s %j for two events', (column, values, detail) => {
    expect(read(batchOf(2, { [column]: values }))).toBe('bad_avro')
    expect(reader.detail).toMatch(detail)
  })

  it('believes no count beyond the bytes there are, and allocates nothing for it', () => {
    const fresh = requestBatchReader()
    const capacity = fresh.deltaUs.length
    for (const count of [5n, 60_000n, 50_000_000n, 2n ** 40n, 2n ** 62n, -60_000n, -(2n ** 63n)]) {
      const head = [...Buffer.alloc(16), 0, 0, 0]
      const body = [...head, ...varint(count), ...(count < 0n ? [2] : []), 0, 0]
      expect(fresh.read(Uint8Array.from(body), 0, body.length)).toBe('bad_avro')
      expect(fresh.detail).toMatch(/block of|more items/)
    }
    expect(fresh.deltaUs.length).toBe(capacity)
  })
})
