import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { CorruptBatchError, UnsupportedBatchError } from './errors.ts'
import {
  batchBytesAt,
  batchCrcMatches,
  batchHeaderAt,
  hideBatch,
  transactionMarkerAt,
} from './record-batch.ts'
import { writeRecordBatch } from './record-batch-writer.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

const entry = { key: bytesOf('checkout'), value: bytesOf('body'), timestampMs: 1_700_000_000_000 }
const later = { key: null, value: bytesOf('more'), timestampMs: 1_700_000_000_250 }

/** A batch with some bytes changed, its checksum not made right. */
const changed = (changes: Record<number, number>): Uint8Array => {
  const bytes = writeRecordBatch([entry, later], 2 ** 33)
  for (const [at, byte] of Object.entries(changes)) bytes[Number(at)] = byte
  return bytes
}

it('reads the header of a batch anywhere in a buffer', () => {
  const batch = writeRecordBatch([entry, later], 2 ** 33)
  const buffer = new Uint8Array(batch.length + 20)
  buffer.set(batch, 13)
  expect(batchHeaderAt(buffer, 13)).toEqual({
    bytes: batch.length,
    baseOffset: 2 ** 33,
    lastOffset: 2 ** 33 + 1,
    count: 2,
    attributes: 0,
    baseTimestampMs: entry.timestampMs,
    maxTimestampMs: later.timestampMs,
    producerId: -1,
  })
})

it('tells a batch that is cut from a whole one at every length', () => {
  const batch = writeRecordBatch([entry], 0)
  for (let end = 0; end < batch.length; end++) {
    expect(batchBytesAt(batch, 0, end)).toBe(0)
    expect(() => batchHeaderAt(batch, 0, end)).toThrow(CorruptBatchError)
  }
  expect(batchBytesAt(batch, 0)).toBe(batch.length)
})

it('finds every single changed byte behind the checksum', () => {
  const batch = writeRecordBatch([entry, later], 5)
  expect(batchCrcMatches(batch, 0, batch.length)).toBe(true)
  fc.assert(
    fc.property(
      fc.integer({ min: 17, max: batch.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      (at, flip) => {
        const damaged = batch.slice()
        damaged[at]! ^= flip
        expect(batchCrcMatches(damaged, 0, damaged.length)).toBe(false)
      },
    ),
  )
})

it('hides a batch by making it look like a control batch', () => {
  const batch = writeRecordBatch([entry], 0)
  hideBatch(batch, 0)
  expect(batchHeaderAt(batch, 0).attributes).toBe(0x20)
})

it.each([
  ['format v1', { 16: 1 }, UnsupportedBatchError, /format v1/],
  ['gzip', { 22: 1 }, UnsupportedBatchError, /codec 1/],
  ['zstd', { 22: 4 }, UnsupportedBatchError, /codec 4/],
  ['a length below the header', { 10: 0, 11: 48 }, CorruptBatchError, /60 bytes long/],
  ['a negative length', { 8: 0xff }, CorruptBatchError, /long/],
  ['an offset beyond 2^53', { 0: 0x01 }, CorruptBatchError, /beyond 2\^53/],
  ['a negative offset', { 0: 0xff, 1: 0xff, 2: 0xff }, CorruptBatchError, /offsets -/],
  ['offsets that go back', { 23: 0xff }, CorruptBatchError, /offsets/],
  ['more records than offsets', { 60: 3 }, CorruptBatchError, /3 records/],
  ['a negative count', { 57: 0xff }, CorruptBatchError, /records/],
])('refuses %s', (_, changes, error, message) => {
  const bytes = changed(changes)
  expect(() => batchHeaderAt(bytes, 0)).toThrow(error)
  expect(() => batchHeaderAt(bytes, 0)).toThrow(message)
})

it.each([
  ['abort', 0],
  ['commit', 1],
  [null, 2],
])('reads the transaction marker %s', (marker, type) => {
  const key = Uint8Array.of(0, 0, 0, type)
  const batch = writeRecordBatch([{ key, value: new Uint8Array(6), timestampMs: 0 }], 0)
  hideBatch(batch, 0)
  expect(transactionMarkerAt(batch, 0)).toBe(marker)
})

it('refuses a control batch without a marker', () => {
  const withKey = (key: Uint8Array | null): Uint8Array =>
    writeRecordBatch([{ key, value: null, timestampMs: 0 }], 0)
  expect(() => transactionMarkerAt(withKey(null), 0)).toThrow(CorruptBatchError)
  expect(() => transactionMarkerAt(withKey(Uint8Array.of(0, 0, 0)), 0)).toThrow(CorruptBatchError)
})
