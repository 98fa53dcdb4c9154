import { describe, expect, it } from '@jest/globals'
import { offset } from '@tidemark/model'
import fc from 'fast-check'
import { crc64Avro } from './fingerprint.ts'
import { frameReader, singleObjectHeader } from './frame.ts'
import { nameTable } from './name-table.ts'
import { writeRecordBatch } from './record-batch-writer.ts'
import { recordCursor, type RecordCursor } from './record-cursor.ts'
import { requestObservedReader } from './request-observed-reader.ts'
import { requestRun, type RunBounds } from './request-run.ts'
import { encodeUtf8 } from './utf8.ts'

// The oracle: cursor, frame and reader, one record after the other.

const baseMs = 1_700_000_000_000
const fingerprint = crc64Avro(encodeUtf8('RequestObserved'))
const frames = frameReader({ fingerprints: [{ fingerprint, schema: true }], registryIds: null })

const varint = (value: number): number[] => {
  const bytes: number[] = []
  for (let rest = BigInt(value) * (value < 0 ? -2n : 2n) - (value < 0 ? 1n : 0n); ; rest >>= 7n) {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0))
    if (rest <= 0x7fn) return bytes
  }
}
const text = (value: string): number[] => [...varint(value.length), ...encodeUtf8(value)]

const services = ['checkout', 'a', 'x'.repeat(63), 'y'.repeat(64), 'unknown']
const operations = ['', 'GET /cart', 'z'.repeat(70), 'POST /unknown']

const record = fc.record({
  hasId: fc.boolean(),
  id: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  key: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, fc.constantFrom('other', '')),
  service: fc.oneof(
    { weight: 5, arbitrary: fc.constant('checkout') },
    fc.constantFrom(...services),
  ),
  operation: fc.oneof(
    { weight: 5, arbitrary: fc.constant('GET /cart') },
    fc.constantFrom(...operations),
  ),
  aheadUs: fc.oneof(
    fc.integer({ min: -3_000_000, max: 500_000 }),
    fc.constantFrom(-baseMs * 1000, 2_000_000),
  ),
  latencyUs: fc.oneof(
    fc.nat(300_000),
    fc.constantFrom(
      0,
      63,
      64,
      8191,
      8192,
      1_048_575,
      1_048_576,
      134_217_727,
      134_217_728,
      -1,
      2 ** 53 - 1,
    ),
  ),
  status: fc.constantFrom(200, 200, 0, 63, 64, 999, 1000, -1),
  success: fc.constantFrom(1, 1, 0, 2),
  timestampMs: fc.integer({ min: -20_000, max: 20_000 }).map((ms) => baseMs + ms),
  trailing: fc.constantFrom<number[]>([], [], [], [0]),
})
type Draft = typeof record extends fc.Arbitrary<infer R> ? R : never

const valueOf = (draft: Draft): Uint8Array =>
  Uint8Array.from([
    ...singleObjectHeader(fingerprint),
    ...(draft.hasId ? [2, ...draft.id] : [0]),
    ...text(draft.service),
    ...text(draft.operation),
    ...varint(draft.timestampMs * 1000 + draft.aheadUs),
    ...varint(draft.latencyUs),
    ...varint(draft.status),
    draft.success,
    ...draft.trailing,
  ])

const written = (drafts: readonly Draft[]): Uint8Array =>
  writeRecordBatch(
    drafts.map((draft) => ({
      key: encodeUtf8(draft.key ?? draft.service),
      value: valueOf(draft),
      timestampMs: draft.timestampMs,
    })),
    1000,
  )

const known = (names: readonly string[]) => {
  const table = nameTable(100)
  for (const name of names) table.add(encodeUtf8(name), 0, name.length, name)
  return table
}

const bounds: RunBounds = {
  ...{ countMax: 64, endOffset: Number.MAX_SAFE_INTEGER, endMs: baseMs + 10_000 },
  ...{ fromUs: (baseMs - 15_000) * 1000, aheadUsMax: 1_000_000 },
}

/** What is said of a record: by a run, or by the plain version, which then checks all that a run has to. */
type Said = readonly unknown[]

const plainly = (cursor: RecordCursor, limits: RunBounds): Said | null => {
  const request = requestObservedReader()
  const { bytes } = cursor
  if (frames.read(bytes, cursor.valueStart, cursor.valueEnd) === null) return null
  if (request.read(bytes, frames.bodyStart, cursor.valueEnd) !== 'ok') return null
  const cut = (start: number, end: number): string =>
    Buffer.from(bytes.subarray(start, end)).toString('latin1')
  const service = cut(request.serviceStart, request.serviceEnd)
  const operation = cut(request.operationStart, request.operationEnd)
  if (cursor.keyEnd < 0 || cut(cursor.keyStart, cursor.keyEnd) !== service) return null
  const { atUs, latencyUs, status, success, idStart } = request
  if (cursor.timestampMs >= limits.endMs || cursor.timestampMs < 0) return null
  if (atUs < limits.fromUs || atUs > cursor.timestampMs * 1000 + limits.aheadUsMax) return null
  const id = idStart < 0 ? null : cut(idStart, idStart + 16)
  return [
    cursor.offset,
    cursor.timestampMs,
    service,
    operation,
    atUs,
    latencyUs,
    status,
    success,
    id,
  ]
}

/** Walks all records by runs where these are taken, comparing each with the plain version; returns how many were in runs. */
const compare = (bytes: Uint8Array, limits: RunBounds): number => {
  const names = { services: known(services.slice(0, 4)), operations: known(operations.slice(0, 3)) }
  const run = requestRun(fingerprint, names.services, names.operations)
  const cursor = recordCursor()
  const plain = recordCursor()
  cursor.open({ bytes, fromOffset: offset(0) })
  plain.open({ bytes, fromOffset: offset(0) })
  let inRuns = 0
  for (;;) {
    const count = attempt(() => run.fill(cursor, limits))
    let timestampMsMax = -1
    for (let i = 0; i < (count ?? 0); i++) {
      expect(plain.next()).toBe(true)
      timestampMsMax = Math.max(timestampMsMax, plain.timestampMs)
      const words = new Uint8Array(run.idWords.slice(4 * i, 4 * i + 4).buffer)
      expect([
        ...[run.firstOffset + i, plain.timestampMs],
        ...[names.services.name(run.service[i]!), names.operations.name(run.operation[i]!)],
        ...[run.atUs[i], run.latencyUs[i], run.status[i], run.failed[i] === 0],
        run.hasId[i] === 0 ? null : Buffer.from(words).toString('latin1'),
      ]).toEqual(plainly(plain, limits))
    }
    if (count !== null && count > 0) {
      expect(run.timestampMsMax).toBe(timestampMsMax)
      expect(plain.offset).toBeLessThan(limits.endOffset)
      inRuns += count
      continue
    }
    const stepped = attempt(() => cursor.next())
    expect(attempt(() => plain.next())).toBe(stepped)
    if (stepped !== true) return inRuns
    expect(cursor.offset).toBe(plain.offset)
  }
}

/** Null where it throws. */
const attempt = <T>(work: () => T): T | null => {
  try {
    return work()
  } catch {
    return null
  }
}

describe('a run of requests', () => {
  it('reads on when the memory of what it read before is gone', () => {
    const [draft] = fc.sample(record, { numRuns: 1, seed: 7 })
    const usual = { ...draft!, hasId: true, key: null, service: 'checkout', operation: 'GET /cart' }
    const drafts = Array.from({ length: 3 }, (): Draft => ({
      ...{ ...usual, aheadUs: 0, latencyUs: 100, status: 200, success: 1, timestampMs: baseMs },
      trailing: [],
    }))
    const run = requestRun(fingerprint, known(['checkout']), known(['GET /cart']))
    const cursor = recordCursor()
    for (const bytes of [written(drafts), written(drafts), written(drafts)]) {
      cursor.open({ bytes, fromOffset: offset(0) })
      expect([run.fill(cursor, bounds), run.latencyUs[1]]).toEqual([2, 100])
      // As a log does it that needs more room for the next read.
      ;(bytes.buffer as ArrayBuffer).transfer(0)
    }
  })

  it('says what cursor, frame and reader say, and leaves to them what is not usual', () => {
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 150 }),
        fc.integer({ min: 1, max: 80 }),
        fc.option(fc.integer({ min: 1000, max: 1100 })),
        (drafts, countMax, endOffset) => {
          compare(written(drafts), {
            ...{ ...bounds, countMax, endOffset: endOffset ?? bounds.endOffset },
          })
        },
      ),
    )
  })

  it('finds damage where they find it', () => {
    const arbitrary = fc.array(record, { minLength: 1, maxLength: 8 })
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(arbitrary, damage, (drafts, flips) => {
        const bytes = written(drafts)
        // Behind the header, and cut to the batch, so that nothing may be read behind it.
        for (const [at, byte] of flips) bytes[61 + (at % (bytes.length - 61))] = byte
        compare(bytes, bounds)
      }),
      { numRuns: 500 },
    )
  })

  it('takes all usual records but the last of a batch', () => {
    const usual = (i: number): Draft => ({
      ...{ hasId: i % 2 === 0, id: new Uint8Array(16).fill(i), key: null, service: 'checkout' },
      ...{ operation: 'GET /cart', aheadUs: -i, latencyUs: 20_000 + i, status: 200, success: 1 },
      ...{ timestampMs: baseMs + i, trailing: [] },
    })
    const drafts = Array.from({ length: 200 }, (_, i) => usual(i))
    expect(compare(written(drafts), bounds)).toBe(199)
    expect(compare(written(drafts), { ...bounds, endOffset: 1050 })).toBe(50)
    expect(compare(written(drafts), { ...bounds, endMs: baseMs + 20 })).toBe(20)
  })
})
