import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createRequire } from 'node:module'
import { batchHeaderAt } from './record-batch.ts'
import {
  recordBatchBytes,
  splitBySize,
  writeRecordBatch,
  type BatchEntry,
} from './record-batch-writer.ts'

const require = createRequire(import.meta.url)
const Decoder = require('kafkajs/src/protocol/decoder')
const decodeBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder')
const crcOf = require('kafkajs/src/protocol/recordBatch/crc32C')

const anyField = fc.option(fc.uint8Array({ maxLength: 200 }))
const anyTimestamp = fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.maxSafeNat())
const anyEntries = fc.array(
  fc.record({ key: anyField, value: anyField, timestampMs: anyTimestamp }),
  { minLength: 1, maxLength: 100 },
)
const anyOffset = fc.oneof(fc.nat(), fc.constantFrom(0, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1001))

it('writes what kafkajs reads, in one piece of exactly the size foretold', async () => {
  await fc.assert(
    fc.asyncProperty(anyEntries, anyOffset, async (entries, baseOffset) => {
      const bytes = writeRecordBatch(entries, baseOffset)
      expect(bytes.length).toBe(recordBatchBytes(entries))
      const batch = await decodeBatch(new Decoder(Buffer.from(bytes)))
      expect(batch.records.map(recordOf)).toEqual(
        entries.map((entry, i) => ({
          offset: String(baseOffset + i),
          timestamp: String(entry.timestampMs),
          key: entry.key === null ? null : [...entry.key],
          value: entry.value === null ? null : [...entry.value],
          headers: {},
        })),
      )
      expect(batch).toMatchObject({
        firstTimestamp: String(entries[0]!.timestampMs),
        maxTimestamp: String(Math.max(...entries.map(({ timestampMs }) => timestampMs))),
        producerId: '-1',
        producerEpoch: -1,
        firstSequence: -1,
        inTransaction: false,
        isControlBatch: false,
        lastOffsetDelta: entries.length - 1,
      })
    }),
  )
})

it('says which producer wrote it in a transaction, and as its how manieth record', async () => {
  const anyWriter = fc.record({
    producerId: fc.maxSafeNat(),
    producerEpoch: fc.nat(2 ** 15 - 1),
    sequence: fc.nat(2 ** 31 - 1),
  })
  await fc.assert(
    fc.asyncProperty(anyEntries, anyWriter, async (entries, writer) => {
      const bytes = writeRecordBatch(entries, 0, null, writer)
      expect(bytes.length).toBe(recordBatchBytes(entries))
      expect(await decodeBatch(new Decoder(Buffer.from(bytes)))).toMatchObject({
        producerId: String(writer.producerId),
        producerEpoch: writer.producerEpoch,
        firstSequence: writer.sequence,
        inTransaction: true,
        isControlBatch: false,
      })
      expect(new DataView(bytes.buffer).getUint32(17)).toBe(crcOf(Buffer.from(bytes).subarray(21)))
    }),
  )
})

it('stamps all records with the append time, as a broker does', async () => {
  await fc.assert(
    fc.asyncProperty(anyEntries, fc.maxSafeNat(), async (entries, appendTimeMs) => {
      const bytes = writeRecordBatch(entries, 7, appendTimeMs)
      expect(bytes.length).toBe(recordBatchBytes(entries, appendTimeMs))
      const batch = await decodeBatch(new Decoder(Buffer.from(bytes)))
      for (const record of batch.records) expect(record.timestamp).toBe(String(appendTimeMs))
      expect(batchHeaderAt(bytes, 0)).toMatchObject({
        attributes: 0x08,
        baseTimestampMs: appendTimeMs,
        maxTimestampMs: appendTimeMs,
      })
    }),
  )
})

it('writes the checksum that kafkajs computes', () => {
  fc.assert(
    fc.property(anyEntries, (entries) => {
      const bytes = Buffer.from(writeRecordBatch(entries, 0))
      expect(bytes.readUInt32BE(17)).toBe(crcOf(bytes.subarray(21)))
    }),
  )
})

it('splits entries in their order into batches within the bound', () => {
  fc.assert(
    fc.property(anyEntries, fc.integer({ min: 61, max: 400 }), (entries, bytesMax) => {
      const pieces = splitBySize(entries, bytesMax)
      expect(pieces.flat()).toEqual(entries)
      for (const piece of pieces)
        if (piece.length > 1) expect(recordBatchBytes(piece)).toBeLessThanOrEqual(bytesMax)
      // No piece could have taken the first entry of the next one.
      for (let i = 1; i < pieces.length; i++)
        expect(recordBatchBytes([...pieces[i - 1]!, pieces[i]![0]!])).toBeGreaterThan(bytesMax)
    }),
  )
})

it('splits nothing into nothing', () => {
  expect(splitBySize([], 100)).toEqual([])
})

it('refuses an empty batch and numbers beyond 2^53', () => {
  const entry: BatchEntry = { key: null, value: null, timestampMs: 0 }
  expect(() => writeRecordBatch([], 0)).toThrow(/at least one entry/)
  expect(() => writeRecordBatch([entry], 2 ** 53)).toThrow(/no safe integer/)
  expect(() => writeRecordBatch([entry, entry], 2 ** 53 - 1)).toThrow(/no safe integer/)
  expect(() => writeRecordBatch([{ ...entry, timestampMs: 0.5 }], 0)).toThrow(/no safe integer/)
  expect(() => writeRecordBatch([entry, { ...entry, timestampMs: NaN }], 0)).toThrow(/no safe/)
})

const recordOf = (record: {
  offset: string
  timestamp: string
  key: Buffer | null
  value: Buffer | null
  headers: object
}) => ({
  offset: record.offset,
  timestamp: record.timestamp,
  key: record.key === null ? null : [...record.key],
  value: record.value === null ? null : [...record.value],
  headers: record.headers,
})
