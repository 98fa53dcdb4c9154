import { offset, type Offset } from '@tidemark/model'
import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createRequire } from 'node:module'
import { CorruptBatchError, UnsupportedBatchError } from './errors.ts'
import { hideBatch } from './record-batch.ts'
import { writeRecordBatch, type BatchEntry } from './record-batch-writer.ts'
import { recordCursor, type RecordCursor } from './record-cursor.ts'

const require = createRequire(import.meta.url)
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0')
const Record = require('kafkajs/src/protocol/recordBatch/record/v0')
const Long = require('kafkajs/src/utils/long')

type Seen = { offset: number; timestampMs: number; key: number[] | null; value: number[] | null }

const seenAt = (cursor: RecordCursor): Seen => ({
  offset: cursor.offset,
  timestampMs: cursor.timestampMs,
  key: cursor.keyEnd === -1 ? null : [...cursor.bytes.slice(cursor.keyStart, cursor.keyEnd)],
  value:
    cursor.valueEnd === -1 ? null : [...cursor.bytes.slice(cursor.valueStart, cursor.valueEnd)],
})

const walk = (bytes: Uint8Array, fromOffset: Offset, cursor = recordCursor()): Seen[] => {
  const seen: Seen[] = []
  cursor.open({ bytes, fromOffset })
  while (cursor.next()) seen.push(seenAt(cursor))
  return seen
}

const anyField = fc.option(fc.uint8Array({ maxLength: 200 }))
const anyEntry = fc.record({
  key: anyField,
  value: anyField,
  timestampMs: fc.oneof(fc.nat(2000), fc.maxSafeNat()),
})
const anyBatch = fc.record({
  entries: fc.array(anyEntry, { minLength: 1, maxLength: 80 }),
  appendTimeMs: fc.option(fc.maxSafeNat()),
  hidden: fc.boolean(),
  /** Offsets that are missing before the batch. */
  gap: fc.nat(3),
})

const concat = (pieces: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(pieces))

/** Batches one after the other, and the records that a reader of all of them has to see. */
const written = (
  batches: readonly {
    entries: readonly BatchEntry[]
    appendTimeMs: number | null
    hidden: boolean
    gap: number
  }[],
  start: number,
): { bytes: Uint8Array; records: Seen[] } => {
  const records: Seen[] = []
  const pieces: Uint8Array[] = []
  let next = start
  for (const { entries, appendTimeMs, hidden, gap } of batches) {
    const baseOffset = next + gap
    const piece = writeRecordBatch(entries, baseOffset, appendTimeMs)
    if (hidden) hideBatch(piece, 0)
    else
      entries.forEach(({ key, value, timestampMs }, i) =>
        records.push({
          offset: baseOffset + i,
          timestampMs: appendTimeMs ?? timestampMs,
          key: key && [...key],
          value: value && [...value],
        }),
      )
    pieces.push(piece)
    next = baseOffset + entries.length
  }
  return { bytes: concat(pieces), records }
}

it('sees the records that were written, from the position asked for', () => {
  const cursor = recordCursor()
  fc.assert(
    fc.property(
      fc.array(anyBatch, { maxLength: 5 }),
      fc.constantFrom(0, 2 ** 31, 2 ** 40),
      fc.nat(300),
      (batches, start, skipped) => {
        const { bytes, records } = written(batches, start)
        const fromOffset = offset(start + skipped)
        expect(walk(bytes, fromOffset, cursor)).toEqual(
          records.filter((record) => record.offset >= fromOffset),
        )
        expect(cursor.next()).toBe(false)
      },
    ),
  )
})

it('reads what kafkajs writes, headers and transactions included', async () => {
  const value = Buffer.from('value')
  const headers = { traceparent: Buffer.from('00-1-2-01'), empty: Buffer.alloc(0) }
  const records = [
    Record({ offsetDelta: 0, timestampDelta: 0, key: Buffer.from('key'), value, headers }),
    Record({ offsetDelta: 3, timestampDelta: -70_000, key: null, value: Buffer.alloc(0) }),
  ]
  const encoder = await RecordBatch({
    firstOffset: Long.fromNumber(2 ** 34),
    firstTimestamp: 1_700_000_000_000,
    maxTimestamp: 1_700_000_000_000,
    lastOffsetDelta: 3,
    transactional: true,
    producerId: Long.fromNumber(9),
    records,
  })
  expect(walk(new Uint8Array(encoder.buffer), offset(0))).toEqual([
    {
      offset: 2 ** 34,
      timestampMs: 1_700_000_000_000,
      key: [...Buffer.from('key')],
      value: [...value],
    },
    { offset: 2 ** 34 + 3, timestampMs: 1_699_999_930_000, key: null, value: [] },
  ])
})

it('goes on where it stopped, also between other walks', () => {
  const entries = Array.from({ length: 10 }, (_, i) => ({
    key: null,
    value: Uint8Array.of(i),
    timestampMs: i,
  }))
  const first = recordCursor()
  const second = recordCursor()
  first.open({ bytes: writeRecordBatch(entries, 0), fromOffset: offset(0) })
  second.open({ bytes: writeRecordBatch(entries, 100), fromOffset: offset(105) })
  const seen: number[] = []
  while (first.next()) {
    seen.push(first.offset)
    if (second.next()) seen.push(second.offset)
  }
  expect(seen).toEqual([0, 105, 1, 106, 2, 107, 3, 108, 4, 109, 5, 6, 7, 8, 9])
})

it('passes over a batch that compaction has emptied', () => {
  const batch = writeRecordBatch([{ key: null, value: null, timestampMs: 0 }], 4)
  const empty = batch.slice(0, 61)
  empty[11] = 49
  empty[60] = 0
  expect(walk(concat([empty, batch]), offset(0)).map((record) => record.offset)).toEqual([4])
})

const entry = { key: Uint8Array.of(1, 2), value: Uint8Array.of(3, 4, 5), timestampMs: 1 }

// The first record: 61 length, 62 attributes, 63 timestamp delta, 64 offset delta, 65 key length, 66 key, 68 value length,
// 69 value, 72 header count.
it.each([
  ['a record longer than its batch', { 61: 0x7e }, /record of 63 bytes/],
  ['a record of negative length', { 61: 0x01 }, /record of -1 bytes/],
  ['a record shorter than its fields', { 61: 0x14 }, /value of|does not end|headers/],
  ['a record longer than its fields', { 61: 0x18 }, /0 headers, 1 bytes left/],
  ['an offset that does not ascend', { 64: 0x01 }, /offset delta -1 after -1/],
  ['an offset beyond the batch', { 64: 0x04 }, /offset delta 2 after -1/],
  ['a key that is too long', { 65: 0x7e }, /key of 63 bytes/],
  ['a key of negative length', { 65: 0x03 }, /key of -2 bytes/],
  ['a value that is too long', { 68: 0x7e }, /value of 63 bytes/],
  ['a value of negative length', { 68: 0x05 }, /value of -3 bytes/],
  ['a negative count of headers', { 72: 0x01 }, /-1 headers/],
  ['fewer records than the batch has bytes for', { 60: 1 }, /behind the last record/],
])('stops at %s, and stays there', (_, changes, message) => {
  const bytes = writeRecordBatch([entry, entry], 0)
  for (const [at, byte] of Object.entries(changes)) bytes[Number(at)] = byte
  const cursor = recordCursor()
  cursor.open({ bytes, fromOffset: offset(0) })
  expect(() => cursor.next()).toThrow(CorruptBatchError)
  expect(() => cursor.next()).toThrow(message)
})

it('stops at a number that is longer than ten bytes or beyond 2^53', () => {
  for (const [filler, last] of [
    [0xff, 0xff],
    [0xff, 0x7f],
  ]) {
    const value = new Uint8Array(30).fill(filler!)
    const bytes = writeRecordBatch([{ key: null, value, timestampMs: 0 }], 0)
    bytes.fill(filler!, 63, 72)
    bytes[72] = last!
    expect(() => walk(bytes, offset(0))).toThrow(/does not end|beyond 2\^53/)
  }
})

it('stops at a cut batch, another format and compression, rather than skip records', () => {
  const batch = writeRecordBatch([entry], 0)
  expect(() => walk(batch.subarray(0, batch.length - 1), offset(0))).toThrow(CorruptBatchError)
  for (const [at, byte] of [
    [16, 1],
    [22, 2],
  ] as const) {
    const other = batch.slice()
    other[at] = byte
    expect(() => walk(other, offset(0))).toThrow(UnsupportedBatchError)
  }
})

it('never reads outside and throws nothing else, whatever the bytes', () => {
  const cursor = recordCursor()
  const change = fc.record({ at: fc.nat(), byte: fc.nat(255) })
  fc.assert(
    fc.property(
      fc.array(anyBatch, { minLength: 1, maxLength: 3 }),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      (batches, changes) => {
        const { bytes, records } = written(batches, 0)
        for (const { at, byte } of changes) bytes[at % bytes.length] = byte
        cursor.open({ bytes, fromOffset: offset(0) })
        let steps = 0
        try {
          while (cursor.next()) {
            steps++
            expect(Number.isSafeInteger(cursor.offset)).toBe(true)
            expectInside(cursor.keyStart, cursor.keyEnd, bytes)
            expectInside(cursor.valueStart, cursor.valueEnd, bytes)
          }
        } catch (error) {
          if (!(error instanceof CorruptBatchError) && !(error instanceof UnsupportedBatchError))
            throw error
        }
        // A record takes at least seven bytes.
        expect(steps).toBeLessThanOrEqual(Math.max(records.length, bytes.length / 7))
      },
    ),
    { numRuns: 1000 },
  )
})

const expectInside = (start: number, end: number, bytes: Uint8Array): void => {
  expect(Number.isInteger(start) && start >= 61 && start <= bytes.length).toBe(true)
  expect(end === -1 || (end >= start && end <= bytes.length)).toBe(true)
}
