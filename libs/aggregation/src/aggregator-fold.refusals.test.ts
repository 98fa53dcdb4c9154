import { describe, expect, it } from '@jest/globals'
import {
  defaultLayout,
  type InputTopic,
  type Output,
  type RequestWindowClosed,
} from '@tidemark/model'
import { encodeUtf8, writeRecordBatch } from '@tidemark/wire'
import { aggregatorFold } from './aggregator-fold.ts'
import { ledgerOf } from './checkpoint.ts'
import { encodeEvent, frameOf, testSchemas } from './testing/avro-events.ts'
import { testInput } from './testing/drive.ts'
import {
  batchesOf,
  batchOf,
  check,
  feed,
  foldOf,
  type Given,
  limits,
  partition,
  request,
  second,
  startMs,
  uuidOf,
} from './testing/given.ts'

describe('a refused record', () => {
  const refusalOf = (given: Given, topic: InputTopic = 'requests') => {
    const outputs = feed(foldOf(limits({ rejectedBytes: 12 })), topic, [given])
    const refused = outputs.flatMap(({ topic: to, event }) =>
      to === 'rejected' && event.type === 'RecordRejected' ? [event] : [],
    )
    return refused.map(({ reason, detail, indexes }) => ({ reason, detail, indexes }))
  }

  it.each<[string, Given, string, string, number[]]>([
    ['without a value', { value: null, key: null }, 'tombstone', 'no value', []],
    ['without a frame', { value: encodeUtf8('{}') }, 'bad_frame', 'first byte 7b', []],
    [
      'of a topic that takes no such event',
      { event: check },
      'unknown_schema',
      'HealthChecked is not for requests',
      [],
    ],
    [
      'that is a tick and more',
      { value: Uint8Array.from([...frameOf('Tick'), 1, 2]) },
      'bad_avro',
      'Tick: 2 bytes left over',
      [],
    ],
    ['without a key', { event: request(), key: null }, 'bad_key', 'no key', []],
    [
      'with another key',
      { event: request(), key: encodeUtf8('checkouT') },
      'bad_key',
      'the key is not the service',
      [],
    ],
    [
      'of no service',
      { event: request({ service: '' }) },
      'bad_value',
      'service: "" is not 1-128 characters of [A-Za-z0-9._/-]',
      [],
    ],
    [
      'with an operation that is no text',
      { event: request({ operation: 'a\nb' }) },
      'bad_value',
      'operation: "a\\nb" holds control characters',
      [0],
    ],
    [
      'from the future',
      { event: request({ atUs: startMs * 1000 + 10 * second + 1 }) },
      'future',
      `atUs ${startMs * 1000 + 10 * second + 1} is 10000001 us ahead of the record's timestamp`,
      [0],
    ],
  ])('%s says why', (_, given, reason, detail, indexes) => {
    expect(refusalOf(given)).toEqual([{ reason, detail, indexes }])
  })

  it('names the events of a batch that are refused, by reason', () => {
    const requests = [0, 1, 2, 3, 4].map((i) =>
      request({
        operation: i === 1 ? 'e\u0301' : 'GET',
        status: i === 3 ? 1000 : 200,
        atUs: startMs * 1000 + (i === 4 ? 11 * second : 0),
      }),
    )
    expect(refusalOf({ event: batchOf(requests, uuidOf(1)) })).toEqual([
      {
        reason: 'bad_value',
        detail: 'event 1: operation: "e\u0301" is not in Unicode form NFC',
        indexes: [1, 3],
      },
      {
        reason: 'future',
        detail: `event 4: atUs ${startMs * 1000 + 11 * second} is 11000000 us ahead of the record's timestamp`,
        indexes: [4],
      },
    ])
  })

  it('is kept with its key and value, cut at the limit', () => {
    const value = Uint8Array.from({ length: 20 }, (_, i) => i + 1)
    const outputs = feed(foldOf(limits({ rejectedBytes: 12 })), 'facts', [
      { value, key: encodeUtf8('k') },
    ])
    expect(outputs[1]!.event).toMatchObject({
      key: encodeUtf8('k'),
      value: value.subarray(0, 12),
      valueBytes: 20,
      timestampMs: startMs,
    })
  })
})

describe('a body of an older version', () => {
  const frames = {
    registryIds: null,
    fingerprints: [
      ...testSchemas.fingerprints,
      { fingerprint: { high: 1, low: 1 }, schema: 'HealthChecked.1' as const },
    ],
  }
  const older = Uint8Array.from([0xc3, 1, 1, 0, 0, 0, 1, 0, 0, 0, 42])
  const aggregator = (upgrade: Parameters<typeof aggregatorFold>[0]['schemas']['upgrade']) =>
    aggregatorFold({
      layout: defaultLayout,
      partition,
      schemas: { ...testInput, frames, upgrade },
      checkpoint: null,
    })

  it('is placed as the current version that it is upgraded to', () => {
    const fold = aggregator((schema, body) => {
      expect([schema, [...body]]).toEqual(['HealthChecked.1', [42]])
      return { ok: true, value: encodeEvent(check) }
    })
    feed(fold, 'health-checks', [{ value: older, key: encodeUtf8('checkout') }])
    expect(ledgerOf(fold.checkpoint())[1]).toMatchObject({ ledger: { aggregated: 1 }, open: 1 })
  })

  it('is refused for what is wrong with it', () => {
    const fold = aggregator(() => ({ ok: false, reason: 'bad_avro', detail: 'cut' }))
    const outputs = feed(fold, 'health-checks', [{ value: older }])
    expect(outputs[1]!.event).toMatchObject({ reason: 'bad_avro', detail: 'cut', indexes: [] })
  })
})

describe('strange input', () => {
  it('does not stop at timestamps that no clock shows', () => {
    const fold = foldOf()
    const outputs: Output[] = []
    const entries = [-1, Number.MAX_SAFE_INTEGER, 0].map((timestampMs) => ({
      key: encodeUtf8('checkout'),
      value: encodeEvent(request()),
      timestampMs,
    }))
    for (const [i, entry] of entries.entries()) {
      fold.feed({
        ...batchesOf('requests', [{}], i),
        bytes: writeRecordBatch([entry], i),
      })
      while (fold.work(512, (output) => outputs.push(output)));
    }
    expect(outputs.map(({ event }) => event)).toMatchObject([
      { type: 'PartitionAdvanced', clockMs: 0 },
      { type: 'RecordRejected', reason: 'future' },
      { type: 'PartitionAdvanced', clockMs: 9_000_000_000_000 },
      { type: 'RecordRejected', reason: 'future' },
    ])
    expect(ledgerOf(fold.checkpoint())[0]!.ledger).toMatchObject({ events: 3, late: 1 })
  })

  it('stays right when there are more names than the tables of names hold', () => {
    const fold = foldOf()
    const operationsOf = (batch: number): string[] =>
      Array.from({ length: 4096 }, (_, i) => `op-${4096 * batch + i}`)
    // Seventeen dictionaries are more than 65,536 names: the table is emptied before the last one.
    const batches = Array.from({ length: 17 }, (_, n) => ({
      event: batchOf(
        operationsOf(n).map((operation) => request({ operation })),
        uuidOf(n),
      ),
    }))
    for (const [i, batch] of batches.entries()) feed(fold, 'requests', [batch], i)
    const known = ['op-0', 'op-199', 'op-200'].map((operation) => ({
      event: request({ operation }),
    }))
    feed(fold, 'requests', known, 17)
    const closed = feed(fold, 'requests', [{ afterMs: 15_000 }], 20)[0]!
      .event as RequestWindowClosed
    expect(closed.total).toBe(17 * 4096 + 3)
    expect(closed.operations).toHaveLength(201)
    const totals = new Map(
      closed.operations.map(({ operation, overflow, total }) => [
        overflow ? 'overflow' : operation,
        total,
      ]),
    )
    expect(['op-0', 'op-199', 'op-1', 'overflow'].map((name) => totals.get(name))).toEqual([
      2,
      2,
      1,
      17 * 4096 - 200 + 1,
    ])
  })
})
