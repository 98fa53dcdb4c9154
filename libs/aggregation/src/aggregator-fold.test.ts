import { describe, expect, it } from '@jest/globals'
import {
  defaultLayout,
  emptyLedger,
  keyOfEvent,
  offset,
  type Checkpoint,
  type HealthChecked,
  type InputEvent,
  type InputTopic,
  type Layout,
  type Output,
  type PartitionAdvanced,
  type RequestBatch,
  type RequestObserved,
  type RequestWindowClosed,
  type TaskFold,
} from '@tidemark/model'
import { encodeUtf8, writeRecordBatch } from '@tidemark/wire'
import { aggregatorFold } from './aggregator-fold.ts'
import { ledgerOf } from './checkpoint.ts'
import { encodeEvent, frameOf, testSchemas } from './testing/avro-events.ts'
import { testInput } from './testing/drive.ts'

const partition = 1
const startMs = 1_700_000_000_000
const second = 1_000_000

const request = (fields: Partial<RequestObserved> = {}): RequestObserved => ({
  type: 'RequestObserved',
  id: null,
  service: 'checkout',
  operation: 'GET /cart',
  atUs: startMs * 1000,
  latencyUs: 20_000,
  status: 200,
  success: true,
  ...fields,
})
const check: HealthChecked = {
  type: 'HealthChecked',
  id: null,
  service: 'checkout',
  check: 'http',
  atUs: startMs * 1000,
  passed: true,
  latencyUs: null,
  reason: null,
}

type Given = {
  readonly event?: InputEvent
  readonly value?: Uint8Array | null
  readonly key?: Uint8Array | null
  /** Since `startMs`. */
  readonly afterMs?: number
}

const keyBytes = (event: InputEvent): Uint8Array | null => {
  const key = keyOfEvent(event)
  return key === null ? null : encodeUtf8(key)
}

const entryOf = ({ event = { type: 'Tick' }, value, key, afterMs = 0 }: Given) => ({
  key: key === undefined ? keyBytes(event) : key,
  value: value === undefined ? encodeEvent(event) : value,
  timestampMs: startMs + afterMs,
})

const batchesOf = (
  topic: InputTopic,
  given: readonly Given[],
  from = 0,
  endOffset = from + given.length,
) => ({
  topic,
  partition,
  bytes: given.length === 0 ? new Uint8Array(0) : writeRecordBatch(given.map(entryOf), from),
  fromOffset: offset(from),
  nextOffset: offset(from + given.length),
  endOffset: offset(endOffset),
})

const foldOf = (changes: Partial<Layout> = {}, checkpoint: Checkpoint | null = null): TaskFold =>
  aggregatorFold({
    layout: { ...defaultLayout, ...changes },
    partition,
    schemas: testInput,
    checkpoint,
  })

const feed = (
  fold: TaskFold,
  topic: InputTopic,
  given: readonly Given[],
  from = 0,
  endOffset?: number,
): readonly Output[] => {
  const outputs: Output[] = []
  fold.feed(batchesOf(topic, given, from, endOffset))
  while (fold.work(512, (output) => outputs.push(output)));
  return outputs
}

const limits = (changes: Partial<Layout['limits']>): Pick<Layout, 'limits'> => ({
  limits: { ...defaultLayout.limits, ...changes },
})

const said = ({ event }: Output): string => {
  switch (event.type) {
    case 'RequestWindowClosed':
      return `${event.cause.offset}.${event.cause.index} ${(event.windowEndUs - startMs * 1000) / second} ${event.service} ${event.total}`
    case 'PartitionAdvanced':
      return `${event.cause.offset}.${event.cause.index} advanced ${event.clockMs - startMs}`
    case 'RecordRejected':
      return `${event.cause.offset}.${event.cause.index} ${event.reason} [${event.indexes.join()}]`
    default:
      return event.type
  }
}

const batchOf = (requests: readonly RequestObserved[], batchId: string): RequestBatch => {
  const operations = [...new Set(requests.map(({ operation }) => operation))]
  const baseUs = requests[0]!.atUs
  return {
    type: 'RequestBatch',
    batchId,
    service: requests[0]!.service,
    baseUs,
    operations,
    deltaUs: requests.map(({ atUs }) => atUs - baseUs),
    latencyUs: requests.map(({ latencyUs }) => latencyUs),
    status: requests.map(({ status }) => status),
    operation: requests.map(({ operation }) => operations.indexOf(operation)),
    failures: requests.flatMap(({ success }, i) => (success ? [] : [i])),
  }
}

const uuidOf = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`

describe('the outputs of a record', () => {
  it('are the windows that it closes, the advance of the clock, then its own refusals', () => {
    const at = (us: number, service: string) => ({
      event: request({ service, atUs: startMs * 1000 + us }),
    })
    const outputs = feed(foldOf(), 'requests', [
      at(0, 'b'),
      at(0, 'a'),
      at(10 * second, 'c'),
      { value: new Uint8Array(0), afterMs: 25_000 },
    ])
    expect(outputs.map(said)).toEqual([
      '0.0 advanced 0',
      '3.0 10 a 1',
      '3.1 10 b 1',
      '3.2 20 c 1',
      '3.3 advanced 25000',
      '3.4 bad_frame []',
    ])
  })

  it('say of the first record that nobody watched before it', () => {
    const [first] = feed(foldOf(), 'facts', [{}])
    expect((first!.event as PartitionAdvanced).unwatched).toEqual({ fromMs: 0, toMs: startMs })
  })

  it('call a stretch unwatched only when it is longer than a window and three tick intervals', () => {
    const outputs = feed(foldOf({ tickIntervalMs: 5000 }), 'facts', [
      {},
      { afterMs: 15_000 },
      { afterMs: 30_001 },
    ])
    expect(outputs.map(({ event }) => (event as PartitionAdvanced).unwatched)).toEqual([
      { fromMs: 0, toMs: startMs },
      null,
      { fromMs: startMs + 15_000, toMs: startMs + 30_001 },
    ])
  })

  it('come in slices, and not at a record boundary until the last', () => {
    const fold = foldOf()
    const services = Array.from({ length: 100 }, (_, i) => `service-${i}`)
    feed(
      fold,
      'requests',
      services.map((service) => ({ event: request({ service }) })),
    )
    const outputs: Output[] = []
    const boundaries: boolean[] = []
    fold.feed(batchesOf('requests', [{ afterMs: 15_000 }], 100))
    let slices = 0
    for (let more = true; more; slices++) {
      more = fold.work(20, (output) => outputs.push(output))
      boundaries.push(fold.atRecordBoundary())
    }
    expect(slices).toBeGreaterThan(5)
    expect(boundaries).toEqual([...Array.from({ length: slices - 1 }, () => false), true])
    expect(outputs).toHaveLength(101)
  })
})

describe('a batch', () => {
  it('gives the windows that its events give one by one with its timestamp', () => {
    const requests = Array.from({ length: 40 }, (_, i) =>
      request({
        id: uuidOf(i),
        operation: `op-${i % 3}`,
        atUs: startMs * 1000 + i * 700_000 - 8 * second,
        latencyUs: i * i * 1000,
        status: i % 7 === 0 ? 500 : 200,
        success: i % 7 !== 0,
      }),
    )
    const end = { afterMs: 60_000 }
    const windowsOf = (given: readonly Given[]) =>
      feed(foldOf(), 'requests', given).flatMap(({ event }) => {
        if (event.type !== 'RequestWindowClosed') return []
        const {
          cause: _,
          input: { events },
          ...window
        } = event
        return [{ ...window, events }]
      })
    const singly = windowsOf([...requests.map((event) => ({ event })), end])
    expect(windowsOf([{ event: batchOf(requests, uuidOf(99)) }, end])).toEqual(singly)
    expect(singly.map(({ total }) => total)).toEqual([12, 14])
  })

  it('counts once when it is repeated, and its new events when it has grown', () => {
    const requests = [1, 2, 3].map((ms) => request({ latencyUs: ms }))
    const fold = foldOf()
    feed(fold, 'requests', [
      { event: batchOf(requests.slice(0, 2), uuidOf(1)) },
      { event: batchOf(requests, uuidOf(1)) },
    ])
    expect(ledgerOf(fold.checkpoint())[0]!.ledger).toMatchObject({ aggregated: 3, duplicate: 2 })
  })
})

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

describe('holding back', () => {
  const heldOf = (fold: TaskFold): readonly string[] =>
    fold.sources().flatMap(({ topic, held }) => (held ? [topic] : []))
  const far = { afterMs: defaultLayout.limits.maxAheadMs + 1 }

  it('holds a source that is too far ahead of one with more to read', () => {
    const fold = foldOf()
    feed(fold, 'health-checks', [{}], 0, 5)
    feed(fold, 'requests', [{ afterMs: defaultLayout.limits.maxAheadMs }])
    expect(heldOf(fold)).toEqual([])
    feed(fold, 'requests', [far], 1)
    expect(heldOf(fold)).toEqual(['requests'])
    feed(fold, 'health-checks', [{ afterMs: 1 }], 1, 5)
    expect(heldOf(fold)).toEqual([])
  })

  it('waits for nobody who is read to the end or was never fed', () => {
    const fold = foldOf()
    feed(fold, 'health-checks', [{}], 0, 5)
    feed(fold, 'requests', [far])
    expect(heldOf(fold)).toEqual(['requests'])
    feed(fold, 'health-checks', [], 1)
    expect(heldOf(fold)).toEqual([])
  })
})

describe('recovery', () => {
  const open = [0, 1, 2].map((i) => ({ event: request({ id: uuidOf(i) }) }))

  it('saves the open windows when reading them again would take more than the budget', () => {
    const small = limits({ restoreBudgetEvents: 2 })
    const fold = foldOf(small)
    feed(fold, 'requests', open.slice(0, 2))
    expect([...fold.checkpoint().keys()]).toEqual(['aggregator'])
    expect(fold.sources()[0]!.from).toBe(0)
    feed(fold, 'requests', open.slice(2), 2)
    const part = `windows/requests/${startMs * 1000 + 10 * second}/0`
    const saved = fold.checkpoint()
    expect([...saved.keys()]).toEqual(['aggregator', part])
    expect(fold.sources()[0]!.from).toBe(3)
    feed(fold, 'requests', [{ event: request({ id: uuidOf(1) }) }], 3)
    expect(fold.checkpoint().get(part)).toBe(saved.get(part))
    const restored = foldOf(small, saved)
    feed(restored, 'requests', [{ event: request({ id: uuidOf(1) }) }, { afterMs: 15_000 }], 3)
    expect(ledgerOf(restored.checkpoint())[0]).toMatchObject({
      ledger: { events: 4, aggregated: 3, duplicate: 1 },
      open: 0,
    })
    expect([...restored.checkpoint().keys()]).toEqual(['aggregator'])
  })

  it('gives back the checkpoint it started from until it has read everything again', () => {
    const fold = foldOf()
    feed(fold, 'requests', open)
    const saved = fold.checkpoint()
    const restored = foldOf({}, saved)
    expect(restored.sources()[0]).toMatchObject({ position: 0, from: 0 })
    expect(feed(restored, 'requests', open.slice(0, 2))).toEqual([])
    expect(restored.checkpoint()).toEqual(saved)
    expect(restored.sources()[0]).toMatchObject({ position: 2, from: 0 })
    expect(feed(restored, 'requests', open.slice(2), 2)).toEqual([])
    expect(restored.checkpoint()).toEqual(saved)
    expect(restored.sources()[0]).toMatchObject({ position: 3, from: 0 })
  })

  it('stops where the log no longer holds what the checkpoint was made from', () => {
    const fold = foldOf()
    feed(fold, 'requests', open)
    const restored = foldOf({}, fold.checkpoint())
    expect(() => feed(restored, 'requests', [open[0]!, {}, open[2]!])).toThrow(
      'reading 0 to 3 again gave 2 events, 2 of them in open windows; the checkpoint says 3 and 3',
    )
  })

  it('stops at a checkpoint that this version did not write', () => {
    const bytes = encodeUtf8('{"version":2}')
    expect(() => foldOf({}, new Map())).toThrow('no part "aggregator"')
    expect(() => foldOf({}, new Map([['aggregator', bytes]]))).toThrow('not version 1')
    expect(() => foldOf({}, new Map([['aggregator', encodeUtf8('{')]]))).toThrow('no JSON')
    const fold = aggregatorFold({
      layout: defaultLayout,
      partition: 0,
      schemas: testInput,
      checkpoint: null,
    })
    expect(() => foldOf({}, fold.checkpoint())).toThrow('says nothing of requests/1')
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

describe('a gap behind a saved window', () => {
  const layout = { ...defaultLayout, ...limits({ restoreBudgetEvents: 2 }) }
  const open = (checkpoint: Checkpoint | null, toOffset: number | null = null): TaskFold =>
    aggregatorFold({
      ...{ layout, partition, schemas: testInput, checkpoint },
      gaps:
        toOffset === null
          ? []
          : [{ topic: 'requests', partition, fromOffset: offset(5), toOffset: offset(toOffset) }],
    })
  const requestsLedger = (fold: TaskFold) => ledgerOf(fold.checkpoint())[0]!.ledger
  /** Five events are saved, two came after that. */
  const saved = (): Checkpoint => {
    const fold = open(null)
    feed(fold, 'requests', repeated(5))
    fold.checkpoint()
    feed(fold, 'requests', repeated(2), 5)
    return fold.checkpoint()
  }
  const repeated = (count: number): Given[] =>
    Array.from({ length: count }, () => ({ event: request() }))
  const end: Given = { afterMs: 60_000 }

  it.each([
    ['within what was read', 6, 1, 6, 0],
    ['up to what was read', 7, 0, 5, 0],
    ['beyond what was read', 9, 0, 5, 2],
  ])(
    '%s leaves what is saved, counts the rest, and is forgotten by later recoveries',
    (...given) => {
      const [, toOffset, again, total, lost] = given
      const first = open(saved(), toOffset)
      expect(first.sources()[0]).toMatchObject({ position: toOffset })
      feed(first, 'requests', repeated(again), toOffset)
      const position = Math.max(7, toOffset)
      feed(first, 'requests', repeated(1), position)
      expect(requestsLedger(first)).toMatchObject({ events: 8, aggregated: 8, lost })
      // What was read after the gap is read again as ever.
      const second = open(first.checkpoint())
      const from = second.sources()[0]!.position
      feed(second, 'requests', repeated(position + 1 - from), from)
      const rows = feed(second, 'requests', [end], position + 1).map(({ event }) => event)
      expect(rows[0]).toMatchObject({ total: total + 1, incomplete: true })
      expect(requestsLedger(second)).toMatchObject({ events: 8, aggregated: 8, lost })
    },
  )
})

describe('a loss that was accepted', () => {
  const loss: InputEvent = {
    ...{ type: 'LossAccepted', topic: 'requests', partition, fromOffset: 5, toOffset: 9 },
    ...{ by: null, note: null },
  }
  const factsLedger = (isWhole: boolean, given: Given) => {
    const value = encodeEvent(loss)
    const upgrade = () =>
      isWhole
        ? ({ ok: true, value } as const)
        : ({ ok: false, reason: 'bad_avro', detail: 'cut' } as const)
    const schemas = { ...testInput, upgrade }
    const fold = aggregatorFold({ layout: defaultLayout, partition, schemas, checkpoint: null })
    feed(fold, 'facts', [given])
    return ledgerOf(fold.checkpoint()).find(({ topic }) => topic === 'facts')!.ledger
  }

  it('counts as no event, and as one that is refused where it is none', () => {
    expect(factsLedger(true, { event: loss })).toEqual(emptyLedger)
    const refused = (reason: string) => ({ events: 1, rejected: [{ reason, events: 1 }] })
    expect(factsLedger(false, { event: loss })).toMatchObject(refused('bad_avro'))
    expect(factsLedger(true, { event: loss, key: null })).toMatchObject(refused('bad_key'))
  })
})
