import { describe, expect, it } from '@jest/globals'
import {
  contentId,
  defaultLayout,
  inputTopics,
  keyOfEvent,
  type InputEvent,
  type InputTopic,
  type Layout,
  type Output,
  type RejectReason,
} from '@tidemark/model'
import { encodeUtf8 } from '@tidemark/wire'
import fc from 'fast-check'
import { ledgerOf } from './checkpoint.ts'
import { encodeEvent, frameOf } from './testing/avro-events.ts'
import { causedBy, drive, testLog, type TestLog } from './testing/drive.ts'
import type { ReferenceRecord } from './testing/reference-run.ts'
import { reference } from './testing/reference.ts'

const partition = 3
// On the grid of windows.
const startMs = 1_700_000_000_000

const layouts: fc.Arbitrary<Layout> = fc
  .record({
    windowUs: fc.constantFrom(1_000_000, 10_000_000),
    graceUs: fc.constantFrom(0, 500_000, 5_000_000),
    maxFutureSkewUs: fc.constantFrom(0, 2_000_000, 10_000_000),
    tickIntervalMs: fc.constantFrom(100, 1000),
    servicesPerWindow: fc.integer({ min: 1, max: 5 }),
    operationsPerServiceWindow: fc.integer({ min: 1, max: 3 }),
    operationsPerWindow: fc.constantFrom(1, 2, 4, 100),
    identitiesPerWindow: fc.constantFrom(3, 10, 1000),
    restoreBudgetEvents: fc.constantFrom(0, 5, 40, 1_000_000),
    maxAheadMs: fc.constantFrom(1000, 600_000),
    rejectedBytes: fc.constantFrom(5, 4096),
  })
  .map(({ windowUs, graceUs, maxFutureSkewUs, tickIntervalMs, ...limits }) => ({
    ...defaultLayout,
    windowUs,
    graceUs,
    maxFutureSkewUs,
    tickIntervalMs,
    limits,
  }))

const service = fc.constantFrom('checkout', 'overflow', '__proto__', 'a', 'B/b', 'constructor')
const operation = fc.constantFrom('', 'GET /cart', '__proto__', 'überweisen', '\u{1f600}')
// Few, so that they repeat.
const uuid = fc.nat(15).map((n) => `00000000-0000-4000-8000-00000000000${n.toString(16)}`)
const latencyUs = fc.oneof(fc.nat(2_000_000), fc.constantFrom(0, 600_000_001, 2 ** 53 - 1))
const status = fc.constantFrom(200, 200, 404, 500, 999)
/** Event times, from a record's timestamp: anywhere, or on the half seconds where windows begin and end. */
const time: fc.Arbitrary<(timestampMs: number) => number> = fc.oneof(
  fc.integer({ min: -8_000_000, max: 3_000_000 }).map((us) => (ms: number) => ms * 1000 + us),
  fc
    .integer({ min: -44, max: 26 })
    .map((halves) => (ms: number) => (Math.floor(ms / 500) + halves) * 500_000),
)

/** What a record is like, before it has a timestamp. */
type Draft =
  | { readonly kind: 'event'; readonly at: (timestampMs: number) => InputEvent }
  | { readonly kind: 'foreign key'; readonly at: (timestampMs: number) => InputEvent }
  | { readonly kind: 'refused'; readonly value: Uint8Array | null; readonly reason: RejectReason }
  | { readonly kind: 'tick'; readonly key: Uint8Array | null }

const request = fc
  .record({
    id: fc.option(uuid),
    service,
    operation,
    time,
    latencyUs,
    status,
    success: fc.boolean(),
  })
  .map(({ time: at, ...fields }) => (timestampMs: number): InputEvent => ({
    type: 'RequestObserved',
    ...fields,
    atUs: at(timestampMs),
  }))

const column = fc.record({
  time,
  latencyUs: fc.oneof(
    { weight: 20, arbitrary: latencyUs },
    { weight: 1, arbitrary: fc.constant(-1) },
  ),
  status: fc.oneof({ weight: 20, arbitrary: status }, { weight: 1, arbitrary: fc.constant(1000) }),
  operation: fc.nat(4),
  failed: fc.boolean(),
})

const batch = fc
  .record({
    batchId: uuid,
    service,
    operations: fc.array(
      fc.oneof({ weight: 10, arbitrary: operation }, { weight: 1, arbitrary: fc.constant('a\tb') }),
      { minLength: 5, maxLength: 5 },
    ),
    // More than 128 now and then: so many weigh as one identity.
    columns: fc.oneof(
      { weight: 20, arbitrary: fc.array(column, { maxLength: 12 }) },
      { weight: 1, arbitrary: fc.array(column, { minLength: 100, maxLength: 300 }) },
    ),
  })
  .map(({ columns, ...fields }) => (timestampMs: number): InputEvent => ({
    type: 'RequestBatch',
    ...fields,
    baseUs: timestampMs * 1000,
    deltaUs: columns.map(({ time: at }) => at(timestampMs) - timestampMs * 1000),
    latencyUs: columns.map((event) => event.latencyUs),
    status: columns.map((event) => event.status),
    operation: columns.map((event) => event.operation),
    failures: columns.flatMap((event, i) => (event.failed ? [i] : [])),
  }))

const badService = request.map((at) => (timestampMs: number): InputEvent => ({
  ...at(timestampMs),
  ...{ service: 'not a name' },
}))

const check = fc
  .record({
    id: fc.option(uuid),
    service,
    check: operation,
    time,
    passed: fc.boolean(),
    latencyUs: fc.option(fc.nat(1000)),
    reason: fc.constantFrom(null, 'timeout'),
  })
  .map(({ time: at, ...fields }) => (timestampMs: number): InputEvent => ({
    type: 'HealthChecked',
    ...fields,
    atUs: at(timestampMs),
  }))

/** Some of them senseless, in other fields than any schema looks at. */
const fact: fc.Arbitrary<(timestampMs: number) => InputEvent> = fc
  .record({
    id: uuid,
    time,
    type: fc.constantFrom('SilenceCreated', 'ConfigurationActivated', 'DeploymentFinished'),
    aheadUs: fc.constantFrom(-1, 0, 1_000_000, 60_000_000),
  })
  .map(({ id, time: at, type, aheadUs }) => (timestampMs: number): InputEvent => {
    const atUs = at(timestampMs)
    const fields = { id, atUs, by: null, note: null }
    switch (type) {
      case 'SilenceCreated':
        return {
          ...{ type, ...fields, matchers: 'service="a"', maintenance: false },
          ...{ fromUs: atUs, toUs: atUs + aheadUs },
        }
      case 'ConfigurationActivated': {
        const effectiveFromUs = Math.floor(atUs / 60_000_000) * 60_000_000 + aheadUs
        return { type, ...fields, configurationId: contentId('c'), effectiveFromUs }
      }
      default:
        return { type, ...fields, service: 'checkout', deployment: id }
    }
  })

const refused: fc.Arbitrary<Draft> = fc
  .constantFrom(
    [null, 'tombstone'] as const,
    [Uint8Array.of(), 'bad_frame'] as const,
    [Uint8Array.of(0x7b, 1, 2, 3, 4, 5, 6), 'bad_frame'] as const,
    [Uint8Array.of(0xc3, 1, 9, 9, 9, 9, 9, 9, 9, 9), 'unknown_schema'] as const,
    [frameOf('AlertRaised'), 'unknown_schema'] as const,
    [Uint8Array.from([...frameOf('Tick'), 0]), 'bad_avro'] as const,
  )
  .map(([value, reason]) => ({ kind: 'refused', value, reason }))

const tick: fc.Arbitrary<Draft> = fc
  .constantFrom(null, encodeUtf8('any key'))
  .map((key) => ({ kind: 'tick', key }))

const eventsOf = (events: fc.Arbitrary<(timestampMs: number) => InputEvent>): fc.Arbitrary<Draft> =>
  fc.oneof(
    { weight: 30, arbitrary: events.map((at): Draft => ({ kind: 'event', at })) },
    { weight: 1, arbitrary: events.map((at): Draft => ({ kind: 'foreign key', at })) },
    { weight: 2, arbitrary: refused },
    { weight: 4, arbitrary: tick },
  )

const drafts: { readonly [T in InputTopic]: fc.Arbitrary<Draft> } = {
  requests: eventsOf(
    fc.oneof(
      { weight: 8, arbitrary: request },
      { weight: 3, arbitrary: batch },
      { weight: 1, arbitrary: badService },
    ),
  ),
  'health-checks': eventsOf(check),
  facts: eventsOf(fact),
}

/** Mostly forward, sometimes far, sometimes back, as producers' clocks do. */
const stepMs = fc.oneof(
  { weight: 10, arbitrary: fc.nat(400) },
  { weight: 6, arbitrary: fc.constantFrom(0, 500, 1000) },
  { weight: 2, arbitrary: fc.integer({ min: -8, max: 0 }).map((halves) => halves * 500) },
  { weight: 1, arbitrary: fc.integer({ min: 9000, max: 90_000 }) },
)

const recordsOf = (topic: InputTopic): fc.Arbitrary<readonly ReferenceRecord[]> =>
  fc
    .array(
      fc.record({ draft: drafts[topic], stepMs, gap: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1) }),
      {
        maxLength: 60,
        size: 'max',
      },
    )
    .map((rows) => {
      let offset = -1
      let timestampMs = startMs
      return rows.map((row) => {
        offset += 1 + row.gap
        timestampMs += row.stepMs
        return { offset, timestampMs, ...written(row.draft, topic, timestampMs) }
      })
    })

const written = (
  draft: Draft,
  topic: InputTopic,
  timestampMs: number,
): Pick<ReferenceRecord, 'key' | 'value' | 'content'> => {
  switch (draft.kind) {
    case 'tick':
      return { key: draft.key, value: encodeEvent({ type: 'Tick' }), content: { type: 'Tick' } }
    case 'refused':
      return { key: encodeUtf8('a'), value: draft.value, content: draft.reason }
    case 'event':
    case 'foreign key': {
      const event = draft.at(timestampMs)
      const own = keyOfEvent(event)
      if (own === null) throw new Error(`no ${event.type} among the events of ${topic}`)
      const key = draft.kind === 'event' ? encodeUtf8(own) : null
      return { key, value: encodeEvent(event), content: event }
    }
  }
}

type Case = {
  readonly layout: Layout
  readonly records: { readonly [T in InputTopic]: readonly ReferenceRecord[] }
  readonly seed: number
}
const cases: fc.Arbitrary<Case> = fc.record({
  layout: layouts,
  records: fc.record({
    requests: recordsOf('requests'),
    'health-checks': recordsOf('health-checks'),
    facts: recordsOf('facts'),
  }),
  seed: fc.nat(),
})

/** Lehmer's generator: all that a run draws follows from its seed. */
const drawFrom = (seed: number): ((max: number) => number) => {
  let state = 1 + (seed % 2_147_483_646)
  return (max) => {
    state = (state * 48_271) % 2_147_483_647
    return state % (max + 1)
  }
}

const run = ({ layout, records, seed }: Case, losses: boolean) => {
  const draw = drawFrom(seed)
  const logs = new Map<InputTopic, TestLog>(
    inputTopics.map((topic) => [topic, testLog(records[topic], draw)]),
  )
  return drive({ layout, partition, logs, draw, restarts: true, losses })
}

describe('the aggregator', () => {
  it('gives what the plain version gives, however it is fed, sliced and restarted (I2, I3, I5, I6)', () => {
    let restarts = 0
    const seen = new Map<string, number>()
    fc.assert(
      fc.property(cases, (given) => {
        const { committed, checkpoint, ...driven } = run(given, false)
        restarts += driven.restarts
        for (const { saved, restored } of driven.same) expect(restored).toEqual(saved)
        for (const topic of inputTopics) {
          const expected = reference(given.layout, topic, partition, given.records[topic])
          expect(causedBy(committed, topic)).toEqual(causedBy(expected.outputs, topic))
          const last = given.records[topic].at(-1)
          expect(ledgerOf(checkpoint).find((source) => source.topic === topic)).toEqual({
            topic,
            partition,
            position: last === undefined ? 0 : last.offset + 1,
            ledger: expected.ledger,
            open: expected.open,
          })
          note(seen, expected.outputs)
        }
      }),
      // Shrinking takes many minutes: take this away to look for the smallest case of a seed.
      { numRuns: 100, endOnFailure: true },
    )
    expect(restarts).toBeGreaterThan(100)
    // Against a test that tests nothing: everything that can happen did.
    for (const what of [
      'late',
      'duplicate',
      'unchecked',
      'overflow service',
      'overflow part',
      'unwatched',
      'future',
      'bad_value',
      'bad_key',
      'bad_avro',
      'bad_frame',
      'tombstone',
      'unknown_schema',
      'FactApplied',
      'facts future',
      'facts bad_value',
      'facts bad_key',
    ])
      expect([...seen.keys()]).toContain(what)
  })
})

describe('the aggregator behind gaps', () => {
  it('gives what the plain version gives, wherever records are gone (I2, I3, I6)', () => {
    const seen = new Map<string, number>()
    const kinds = new Map<string, number>()
    const count = (kind: string): unknown => kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    fc.assert(
      fc.property(cases, (drawn) => {
        const limits = { ...drawn.layout.limits, restoreBudgetEvents: 3_000_000 }
        const given = { ...drawn, layout: { ...drawn.layout, limits } }
        const { committed, checkpoint, gaps } = run(given, true)
        for (const topic of inputTopics) {
          const own = gaps.filter((gap) => gap.topic === topic)
          for (const { position, toOffset } of own)
            count(position === 0 ? 'at the beginning' : toOffset > position ? 'beyond' : 'within')
          if (own.length > 1) count('several')
          const expected = reference(given.layout, topic, partition, given.records[topic], own)
          expect(causedBy(committed, topic)).toEqual(causedBy(expected.outputs, topic))
          const found = ledgerOf(checkpoint).find((source) => source.topic === topic)
          expect(found).toMatchObject({ ledger: expected.ledger, open: expected.open })
          note(seen, expected.outputs)
        }
      }),
      { numRuns: 150, endOnFailure: true },
    )
    // Against a test that tests nothing: gaps of every kind were there, and windows of both.
    for (const kind of ['at the beginning', 'within', 'beyond', 'several'])
      expect(kinds.get(kind)).toBeGreaterThan(5)
    expect([...seen.keys()]).toEqual(expect.arrayContaining(['incomplete', 'whole']))
  })
})

const note = (seen: Map<string, number>, outputs: readonly Output[]): void => {
  const count = (what: string, holds: boolean): void => {
    if (holds) seen.set(what, (seen.get(what) ?? 0) + 1)
  }
  for (const { event } of outputs) {
    if (event.type === 'RecordRejected') {
      count(event.reason, true)
      count(`${event.cause.topic} ${event.reason}`, true)
    }
    count(event.type, true)
    if (event.type === 'PartitionAdvanced') {
      count('late', event.late.length > 0)
      count('duplicate', event.ledger.duplicate > 0)
      count('unwatched', event.unwatched !== null && event.unwatched.fromMs > 0)
    }
    if (event.type === 'RequestWindowClosed' || event.type === 'HealthWindowClosed') {
      count('unchecked', !event.identityChecked)
      count(event.incomplete ? 'incomplete' : 'whole', true)
      count('overflow service', event.overflow)
      const parts = event.type === 'RequestWindowClosed' ? event.operations : event.checks
      count(
        'overflow part',
        parts.some(({ overflow }) => overflow),
      )
    }
  }
}
