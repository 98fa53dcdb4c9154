import { describe, expect, it } from '@jest/globals'
import { offset, type RecordBatches, type TidemarkEvent, type TopicName } from '@tidemark/model'
import { CorruptBatchError, writeRecordBatch, type BatchEntry } from '@tidemark/wire'
import { encode } from './codec.ts'
import { encodeOutput, tick } from './output.ts'
import { recordReader, type DecodedRecord } from './record-reader.ts'
import { eventTypes, randomEvent, randomFrom } from './testing/index.ts'

const utf8 = new TextEncoder()

const batchesOf = (topic: TopicName, entries: readonly BatchEntry[], from = 40): RecordBatches => ({
  topic,
  partition: 1,
  bytes: writeRecordBatch(entries, 40),
  fromOffset: offset(from),
  nextOffset: offset(40 + entries.length),
  endOffset: offset(99),
})

const all = (batches: RecordBatches): readonly DecodedRecord[] => {
  const reader = recordReader()
  reader.open(batches)
  const records: DecodedRecord[] = []
  for (let record = reader.next(); record !== null; record = reader.next()) records.push(record)
  return records
}

const entryOf = (event: TidemarkEvent, key: string | null, timestampMs = 1000): BatchEntry => ({
  key: key === null ? null : utf8.encode(key),
  value: encode(event),
  timestampMs,
})

const request = randomEvent('RequestObserved', randomFrom(5)) as TidemarkEvent & { service: string }

describe('the record reader', () => {
  it('hands out records with position, timestamp, key, value and event', () => {
    const entry = entryOf(request, request.service, 1234)
    const [record, ...others] = all(batchesOf('requests', [entry]))
    expect(record).toEqual({
      offset: 40,
      timestampMs: 1234,
      key: entry.key,
      value: entry.value,
      decoded: { ok: true, event: request },
    })
    expect(others).toEqual([])
  })

  it('begins at the position asked for, and again at the next batches', () => {
    const entries = [1, 2, 3].map((ms) => entryOf({ type: 'Tick' }, null, ms))
    expect(all(batchesOf('facts', entries, 41)).map(({ offset }) => offset)).toEqual([41, 42])
    const reader = recordReader()
    reader.open(batchesOf('facts', entries))
    reader.next()
    reader.open(batchesOf('requests', [entryOf(request, request.service)]))
    expect(reader.next()?.decoded).toEqual({ ok: true, event: request })
    expect(reader.next()).toBeNull()
    expect(reader.next()).toBeNull()
  })

  it.each(eventTypes.filter((type) => type !== 'Tick'))('reads the %s that goes out', (type) => {
    const event = randomEvent(type, randomFrom(9))
    // Inputs and the layout go out by other doors, under the same rule for keys.
    const { topic, key, value } = encodeOutput(event as Parameters<typeof encodeOutput>[0])
    const [record] = all(batchesOf(topic, [{ key, value, timestampMs: 1 }]))
    expect(record?.decoded).toEqual({ ok: true, event })
  })

  it('reads ticks in every input topic and nowhere else', () => {
    const entry = { key: null, value: tick, timestampMs: 5 }
    for (const topic of ['requests', 'health-checks', 'facts'] as const)
      expect(all(batchesOf(topic, [entry]))[0]?.decoded).toEqual({
        ok: true,
        event: { type: 'Tick' },
      })
    expect(all(batchesOf('alerts', [entry]))[0]?.decoded).toEqual({
      ok: false,
      reason: 'unknown_schema',
      detail: 'alerts takes no Tick',
    })
  })

  it('refuses records of other topics, without a value, and under another key', () => {
    const decodedOf = (topic: TopicName, entry: BatchEntry) =>
      all(batchesOf(topic, [entry]))[0]?.decoded
    expect(decodedOf('health-checks', entryOf(request, request.service))).toMatchObject({
      reason: 'unknown_schema',
    })
    expect(
      decodedOf('requests', { key: utf8.encode('a'), value: null, timestampMs: 1 }),
    ).toMatchObject({
      reason: 'tombstone',
    })
    expect(decodedOf('requests', entryOf(request, null))).toEqual({
      ok: false,
      reason: 'bad_key',
      detail: 'RequestObserved: no key',
    })
    expect(decodedOf('requests', entryOf(request, `${request.service}x`))).toEqual({
      ok: false,
      reason: 'bad_key',
      detail: `RequestObserved: the key is not ${JSON.stringify(request.service)}`,
    })
  })

  it('goes on behind a record that it refuses', () => {
    const entries = [
      { key: null, value: Uint8Array.of(1, 2), timestampMs: 1 },
      entryOf(request, request.service),
    ]
    expect(all(batchesOf('requests', entries)).map(({ decoded }) => decoded.ok)).toEqual([
      false,
      true,
    ])
  })

  it('throws where the batches themselves are damaged, which is not a matter of one record', () => {
    const batches = batchesOf('requests', [entryOf(request, request.service)])
    const reader = recordReader()
    reader.open({ ...batches, bytes: batches.bytes.slice(0, -3) })
    expect(() => reader.next()).toThrow(CorruptBatchError)
  })
})
