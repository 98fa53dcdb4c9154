import { describe, expect, it } from '@jest/globals'
import {
  defaultLayout,
  offset,
  type Checkpoint,
  type HealthWindowClosed,
  type InputEvent,
  type InputTopic,
  type Layout,
  type Limits,
  type Output,
  type RequestWindowClosed,
} from '@tidemark/model'
import { encodeUtf8, writeRecordBatch } from '@tidemark/wire'
import { aggregatorFold } from './aggregator-fold.ts'
import { encodeEvent, testSchemas } from './testing/avro-events.ts'
import { testInput } from './testing/drive.ts'

// Each limit one below, at, and one above what comes (I11): above it things are counted together, and no total changes.

const startMs = 1_700_000_000_000
const limit = 3
const counts = [limit - 1, limit, limit + 1]

type Value = {
  readonly key: Uint8Array | null
  readonly value: Uint8Array
  readonly afterMs?: number
}

const of = (event: InputEvent, afterMs = 0): Value => ({
  key: 'service' in event ? encodeUtf8(event.service) : null,
  value: encodeEvent(event),
  afterMs,
})
const end: Value = of({ type: 'Tick' }, 30_000)

/** With restarts, another fold goes on after each record from the checkpoint of the one before. */
const outputsOf = (
  changes: Partial<Limits>,
  topic: InputTopic,
  values: readonly Value[],
  { restarts } = { restarts: false },
) => {
  const layout: Layout = { ...defaultLayout, limits: { ...defaultLayout.limits, ...changes } }
  const schemas = { ...testInput, frames: testSchemas }
  const entries = values.map(({ key, value, afterMs = 0 }) => ({
    ...{ key, value },
    timestampMs: startMs + afterMs,
  }))
  const outputs: Output[] = []
  let checkpoint: Checkpoint | null = null
  for (const through of restarts ? upTo(entries.length, (i) => i + 1) : [entries.length]) {
    const fold = aggregatorFold({ layout, partition: 0, schemas, checkpoint })
    const { from } = fold.sources().find((source) => source.topic === topic)!
    fold.feed({
      ...{ topic, partition: 0, bytes: writeRecordBatch(entries.slice(from, through), from) },
      ...{ fromOffset: from, nextOffset: offset(through), endOffset: offset(entries.length) },
    })
    while (fold.work(100, (output) => outputs.push(output)));
    checkpoint = fold.checkpoint()
  }
  return outputs.map(({ event }) => event)
}

const requestRows = (
  changes: Partial<Limits>,
  values: readonly Value[],
  { restarts } = { restarts: false },
): RequestWindowClosed[] =>
  outputsOf(changes, 'requests', [...values, end], { restarts }).filter(
    (event) => event.type === 'RequestWindowClosed',
  )

const request = (more: { service?: string; operation?: string; id?: string; atMs?: number }) =>
  of({
    ...{ type: 'RequestObserved', id: more.id ?? null, service: more.service ?? 'a' },
    ...{ operation: more.operation ?? '', atUs: (more.atMs ?? startMs) * 1000 },
    ...{ latencyUs: 5, status: 200, success: true },
  })

const uuid = (n: number): string => `${n.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`
const upTo = <T>(count: number, item: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => item(i))
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)

describe.each(counts)('with a limit of 3, %i', (count) => {
  const above = Math.max(0, count - limit)

  it('services have rows of their own up to it, in each window', () => {
    const values = upTo(count, (i) => request({ service: `s${i}` }))
    const next = upTo(count, (i) => request({ service: `t${i}`, atMs: startMs + 10_000 }))
    const rows = requestRows({ servicesPerWindow: limit }, [...values, ...next, ...values])
    for (const isFirst of [true, false]) {
      const window = rows.filter(({ windowStartUs }) => windowStartUs / 1000 <= startMs === isFirst)
      const own = window.filter(({ overflow }) => !overflow)
      expect(own).toHaveLength(Math.min(count, limit))
      const times = isFirst ? 2 : 1
      expect(sum(own.map(({ total }) => total))).toBe(times * Math.min(count, limit))
      expect(sum(window.map(({ total }) => total))).toBe(times * count)
      const spilt = window.filter(({ overflow }) => overflow)
      expect(spilt.map(({ service, total }) => [service, total])).toEqual(
        above === 0 ? [] : [['overflow', times * above]],
      )
    }
  })

  it('operations have counts of their own up to it, for each service', () => {
    const values = upTo(count, (i) => request({ operation: `o${i}` }))
    const [row] = requestRows({ operationsPerServiceWindow: limit }, [
      ...[...values, ...values],
      request({ service: 'b', operation: 'o9' }),
    ])
    expect(row!.total).toBe(2 * count)
    expect(row!.operations.filter(({ overflow }) => !overflow)).toHaveLength(Math.min(count, limit))
    const spilt = row!.operations.filter(({ overflow }) => overflow)
    expect(spilt.map(({ total }) => total)).toEqual(above === 0 ? [] : [2 * above])
    expect(sum(row!.operations.map(({ total }) => total))).toBe(row!.total)
  })

  it('operations have counts of their own up to it, over all services, in each window', () => {
    const first = upTo(count, (i) => request({ service: `s${i}`, operation: `o${i}` }))
    const next = upTo(count, (i) =>
      request({ service: `s${i}`, operation: 'o', atMs: startMs + 10_000 }),
    )
    const rows = requestRows({ operationsPerWindow: limit }, [...first, ...next, ...first])
    for (const [times, window] of [
      [2, rows.filter(({ windowStartUs }) => windowStartUs / 1000 <= startMs)],
      [1, rows.filter(({ windowStartUs }) => windowStartUs / 1000 > startMs)],
    ] as const) {
      // A row for every service, the overflow operation alone in those that came too late.
      expect(window.map(({ service, overflow, total }) => [service, overflow, total])).toEqual(
        upTo(count, (i) => [`s${i}`, false, times]),
      )
      expect(
        window.flatMap(({ operations }) =>
          operations.map(({ overflow, total }) => [overflow, total]),
        ),
      ).toEqual(upTo(count, (i) => [i >= limit, times]))
    }
  })

  it('operations of all services that share the overflow row are counted for it, too', () => {
    const values = upTo(count, (i) => request({ service: `s${i}`, operation: `o${i}` }))
    const changes = { servicesPerWindow: 1, operationsPerWindow: limit }
    const rows = requestRows(changes, [...values, ...values])
    const operations = rows.flatMap((row) => row.operations)
    expect(operations.filter(({ overflow }) => !overflow)).toHaveLength(Math.min(count, limit))
    expect(operations.filter(({ overflow }) => overflow)).toHaveLength(above)
    expect(sum(operations.map(({ total }) => total))).toBe(2 * count)
    expect(sum(rows.map(({ total }) => total))).toBe(2 * count)
  })

  it('checks have counts of their own up to it, over all services', () => {
    const values = upTo(count, (i) =>
      of({
        ...{ type: 'HealthChecked', id: null, service: `s${i}`, check: '', atUs: startMs * 1000 },
        ...{ passed: i > 0, latencyUs: null, reason: null },
      }),
    )
    const changes = { operationsPerWindow: limit }
    const rows = outputsOf(changes, 'health-checks', [...values, ...values, end]).filter(
      (event): event is HealthWindowClosed => event.type === 'HealthWindowClosed',
    )
    expect(rows.map(({ passed, failed }) => [passed, failed])).toEqual(
      upTo(count, (i) => (i > 0 ? [2, 0] : [0, 2])),
    )
    expect(rows.flatMap(({ checks }) => checks.map(({ overflow }) => overflow))).toEqual(
      upTo(count, (i) => i >= limit),
    )
  })

  it.each([0, 1000])(
    'operations over all services are the same after restarts, with %i events to read again',
    (restoreBudgetEvents) => {
      const values = upTo(count, (i) => request({ service: `s${i % 2}`, operation: `o${i}` }))
      const more = upTo(2, (i) => request({ service: 't', operation: `p${i}` }))
      const given = [...values, ...more, ...values]
      const changes = { operationsPerWindow: limit, restoreBudgetEvents }
      const rows = requestRows(changes, given, { restarts: true })
      expect(rows).toEqual(requestRows(changes, given))
      const operations = rows.flatMap((row) => row.operations)
      expect(operations.filter(({ overflow }) => !overflow)).toHaveLength(limit)
      expect(sum(operations.map(({ total }) => total))).toBe(given.length)
    },
  )

  it('checks have counts of their own up to it', () => {
    const values = upTo(count, (i) =>
      of({
        ...{ type: 'HealthChecked', id: null, service: 'a', check: `c${i}`, atUs: startMs * 1000 },
        ...{ passed: i > 0, latencyUs: null, reason: null },
      }),
    )
    const changes = { operationsPerServiceWindow: limit }
    const row = outputsOf(changes, 'health-checks', [...values, end]).find(
      (event): event is HealthWindowClosed => event.type === 'HealthWindowClosed',
    )
    expect([row!.passed, row!.failed]).toEqual([count - 1, 1])
    expect(row!.checks.filter(({ overflow }) => overflow)).toHaveLength(above)
    expect(sum(row!.checks.map(({ passed, failed }) => passed + failed))).toBe(count)
  })

  it('identities find repeats up to it, and above it the row says that it does not know', () => {
    const values = upTo(count, (i) => request({ id: uuid(i) }))
    const [row] = requestRows({ identitiesPerWindow: limit }, [...values, request({ id: uuid(0) })])
    // At the limit there is no room to look for more: a repeat counts, and says so.
    expect(row!.identityChecked).toBe(count < limit)
    expect(row!.total).toBe(count < limit ? count : count + 1)
  })

  it('bytes are kept of the key and of the value of what is refused', () => {
    const bytes = Uint8Array.from({ length: count }, (_, i) => i + 1)
    const [refused] = outputsOf({ rejectedBytes: limit }, 'requests', [
      { key: bytes, value: bytes },
    ]).filter((event) => event.type === 'RecordRejected')
    const kept = bytes.subarray(0, limit)
    expect(refused).toMatchObject({ key: kept, value: kept, valueBytes: count })
  })

  it('services have late events counted under their own name up to it', () => {
    const late = upTo(count, (i) => ({ ...request({ service: `s${i}` }), afterMs: 30_000 }))
    const last = of({ type: 'Tick' }, 60_000)
    const told = outputsOf({ servicesPerWindow: limit }, 'requests', [...late, ...late, last])
      .filter((event) => event.type === 'PartitionAdvanced')
      .at(-1)!
    expect(told.ledger.late).toBe(2 * count)
    expect(told.late.map(({ service, events }) => [service, events])).toEqual([
      ...(above === 0 ? [] : [['overflow', 2 * above]]),
      ...upTo(Math.min(count, limit), (i) => [`s${i}`, 2]),
    ])
  })
})
