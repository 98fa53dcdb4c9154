import { describe, expect, it } from '@jest/globals'
import { encode, partitionOfService } from '@tidemark/codec'
import { badRecords } from '@tidemark/e2e/bad-records'
import { emptyHistogram, encodeV2, record } from '@tidemark/histogram'
import { defaultLayout, type InputTopic, type Layout, type RequestObserved } from '@tidemark/model'
import { addBatchIdentity, addIdentity, sum64 } from '@tidemark/wire'
import type { LoggedRecord } from '../invariants/evidence.ts'
import { alertAfter, neverFired } from './alerts.ts'
import { fateOf, type OracleEvent } from './fates.ts'
import { firstDifference } from './differing.ts'
import { healthAfter, newHealth } from './health.ts'
import { digestOf } from './identity-digest.ts'
import { quantileOf, slotsInV2, slotsOf } from './latencies.ts'
import { oracleOf } from './oracle.ts'
import { partitionOf } from './partition-of.ts'
import type { Signals } from './signals.ts'

const second = 1_000_000
const startMs = 1_760_000_000_000
const { configuration } = defaultLayout

const layout: Layout = { ...defaultLayout, partitions: 1 }

const at = (
  topic: InputTopic,
  offset: number,
  afterMs: number,
  value: Uint8Array | null,
  key: Uint8Array | null = Buffer.from('api'),
): LoggedRecord => ({ topic, partition: 0, offset, timestampMs: startMs + afterMs, key, value })

const request = (fields: Partial<RequestObserved>): Uint8Array =>
  encode({
    ...{ type: 'RequestObserved', id: null, service: 'api', operation: 'GET', status: 200 },
    ...{ atUs: startMs * 1000, latencyUs: 1000, success: true, ...fields },
  })
const tick = encode({ type: 'Tick' })

describe('the fate of a record', () => {
  it.each(badRecords(startMs * 1000).map((bad) => [bad.name, bad] as const))(
    'is what the catalogue of bad input says of %s',
    (_name, { topic, key, value, refusals }) => {
      const fate = fateOf(at(topic, 0, 0, value, key), topic, layout)
      const named = refusals.map(({ reason, indexes }) => {
        const isOfSingle = fate.refusals.some(({ indexes: found }) => found.length > 0)
        return { reason, indexes: indexes ?? (isOfSingle ? [0] : []) }
      })
      expect(fate.refusals).toEqual(named)
      expect(fate.events.length > 0).toBe(
        refusals.length === 0 || refusals[0]!.indexes !== undefined,
      )
    },
  )
})

describe('the oracle', () => {
  const id = '00000000-0000-4000-8000-000000000001'
  const inputs = [
    at('requests', 0, 1000, request({ id, latencyUs: 700 * second })),
    at('requests', 1, 2000, request({ id })),
    at('requests', 2, 3000, request({ latencyUs: 300, success: false, status: 500 })),
    // 10 s of window and 5 s of grace after the start of its window.
    at('requests', 3, 15_000, request({ atUs: startMs * 1000 - 1 })),
    at('requests', 4, 15_001, request({ atUs: (startMs + 30_000) * 1000 })),
    at('requests', 5, 31_000, tick, null),
    at('health-checks', 0, 1000, tick, null),
    at('health-checks', 1, 31_000, tick, null),
    at('facts', 0, 1000, tick, null),
    at('facts', 1, 31_000, tick, null),
  ]
  const { sourceOf, expected } = oracleOf(layout, inputs)
  const eventsOf = (topic: string): readonly object[] =>
    expected.filter((stream) => stream.topic === topic).flatMap(({ events }) => events)

  it('closes a window at the first record past its end and grace', () => {
    const closed = eventsOf('aggregates').filter((event) => 'service' in event)
    expect(closed).toMatchObject([
      {
        cause: { topic: 'requests', offset: 3, index: 0 },
        ...{ service: 'api', windowStartUs: startMs * 1000, total: 2, failed: 1, overRange: 1 },
        statuses: [
          { status: 200, events: 1 },
          { status: 500, events: 1 },
        ],
        latencyUsMax: 700 * second,
        histogram: [
          [300 - (300 % 2), 1],
          [599_785_472, 1],
        ],
        input: { firstOffset: 0, lastOffset: 2, records: 2, events: 2 },
      },
    ])
  })

  it('counts every event where it ended', () => {
    expect(sourceOf('requests', 0).ledgers.at(-1)).toEqual({
      offset: 5,
      ledger: {
        ...{ events: 5, aggregated: 2, late: 1, duplicate: 1, lost: 0 },
        rejected: [{ reason: 'future', events: 1 }],
      },
      open: 0,
    })
  })

  it('judges the window once every source has passed it, and reports it', () => {
    expect(eventsOf('assessments')[0]).toMatchObject({ service: 'api', status: 'unknown' })
    const [opening, first] = eventsOf('fleet') as readonly { readonly windowEndUs: number }[]
    // The window between lies wholly before anybody looked.
    expect(first!.windowEndUs - opening!.windowEndUs).toBe(20 * second)
    expect(first).toMatchObject({ positions: [{ position: 3 }, { position: 1 }, { position: 1 }] })
  })
})

const signals = (failed: number, total: number, p99Us: number): Signals => {
  const bounds = { valueUs: p99Us, lowUs: p99Us, highUs: p99Us }
  const quantiles = { p50: bounds, p95: bounds, p99: bounds, p999: bounds }
  return {
    errorRate: { failed, total },
    availability: null,
    latency: { count: total, overRange: 0, maxUs: p99Us, ...quantiles },
  }
}
const nothing: Signals = { errorRate: null, availability: null, latency: null }

describe('the health of the oracle', () => {
  it.each([
    ['6 errors of 100 and 400 ms', signals(6, 100, 400_000), 'degraded'],
    ['an error rate of exactly 10 %', signals(10, 100, 0), 'degraded'],
    ['more than 10 %', signals(101, 1000, 0), 'critical'],
    ['exactly 500 ms', signals(0, 100, 500_000), 'healthy'],
    ['19 of 20 checks', { ...nothing, availability: { passed: 19, total: 20 } }, 'healthy'],
    ['18 of 20 checks', { ...nothing, availability: { passed: 18, total: 20 } }, 'down'],
    ['nothing', nothing, 'unknown'],
  ] as const)('follows the golden lines of the domain: %s', (_what, seen, status) => {
    expect(healthAfter(newHealth(0), seen, second, configuration).status).toBe(status)
  })

  it('improves after three windows in a row past the exit', () => {
    let health = healthAfter(newHealth(0), signals(6, 100, 0), 1, configuration)
    const statuses = [4, 3, 3, 3].map((failed, i) => {
      health = healthAfter(health, signals(failed, 100, 0), 2 + i, configuration)
      return health.status
    })
    expect(statuses).toEqual(['degraded', 'degraded', 'degraded', 'healthy'])
  })
})

describe('the alerts of the oracle', () => {
  const minutes = 60 * second
  const stepped = (verdicts: readonly (string | null)[], forUs = 0) => {
    let alert = neverFired
    return verdicts.map((verdict, i) => {
      const moment = { endUs: i * minutes, watchedUs: i * minutes, alertId: `${i}` }
      const step = alertAfter(alert, verdict, { forUs, keepFiringForUs: 0 }, moment)
      alert = step.alert
      return step.told?.type.replace('Alert', '') ?? null
    })
  }

  it('are raised once, change once and are resolved once, as verdicts come and go', () => {
    const told = stepped(['page', 'page', 'critical', null, 'clear', 'clear'])
    expect(told).toEqual(['Raised', null, 'SeverityChanged', null, 'Resolved', null])
  })

  it('wait for what must be true without a break', () => {
    const told = stepped(['page', null, 'page', 'page', 'clear'], minutes)
    expect(told).toEqual([null, null, null, 'Raised', 'Resolved'])
  })

  it('are held up while they flap, and what is true in the end is told', () => {
    const restless = (count: number) =>
      Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 'clear' : 'page'))
    const calm = Array.from({ length: 20 }, () => 'clear')
    const told = stepped([...restless(9), ...calm])
    const opening = [null, 'Raised', 'Resolved', 'Raised', 'Resolved', 'Raised']
    // Five changes weigh 57 + 56 + 55 + 54 + 53 = 275 of 950; the sixth makes it more than 30 %.
    expect(told.slice(0, 7)).toEqual([...opening, 'Marked'])
    expect(told.slice(7).filter((each) => each !== null)).toEqual(['Resolved'])
  })
})

describe('the arithmetic of the oracle', () => {
  const latencies = [0, 1, 255, 256, 257, 511, 512, 999_999, 600 * second, 601 * second, 2 ** 40]

  it('finds the slots in a histogram that the values went into', () => {
    const histogram = emptyHistogram(layout.histogram)
    for (const us of latencies) record(histogram, us)
    expect(slotsInV2(encodeV2(histogram))).toEqual(slotsOf(latencies, layout.histogram))
  })

  it('takes ranks rounded up, and slots capped at the maximum', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 1000 * (i + 1))
    const bounds = { lowUs: 98_816, highUs: 99_327, valueUs: 99_327 }
    expect(quantileOf(hundred, 990, layout.histogram)).toEqual(bounds)
    expect(quantileOf([300], 500, layout.histogram)).toEqual({
      lowUs: 300,
      highUs: 300,
      valueUs: 300,
    })
  })

  it('places services as producers do', () => {
    const names = Array.from({ length: 200 }, (_, i) => 'service-'.slice(0, i % 9) + i)
    expect(names.map((name) => partitionOf(name, 7))).toEqual(
      names.map((name) => partitionOfService(name, 7).partition),
    )
  })

  it('mixes identities as the processors do', () => {
    const event = (identity: string | null, offset: number) => ({ identity, offset }) as OracleEvent
    const bytes = Buffer.from('00112233445566778899aabbccddeeff', 'hex')
    const sum = sum64()
    addIdentity(sum, bytes, 0)
    addBatchIdentity(sum, bytes, 0, 300)
    const hex = bytes.toString('hex')
    const digest = digestOf([event(hex, 0), event(`${hex}/300`, 0)])
    const words = [sum.high, sum.low].map((word) => (word >>> 0).toString(16).padStart(8, '0'))
    expect(digest).toBe(words.join(''))
  })
})

describe('a difference', () => {
  it('is named by the field in which it is, and what nobody expects is free', () => {
    const expected = { rows: [{ service: 'api', total: 2 }] }
    const difference = (found: unknown) => firstDifference(expected, found)
    expect(difference({ rows: [{ service: 'api', total: 2, more: 1 }] })).toBeNull()
    expect(difference({ rows: [{ service: 'api', total: 3 }] })).toBe(
      'rows[0].total: 3 instead of 2',
    )
    expect(difference({ rows: [] })).toBe('rows[0]: nothing instead of {"service":"api","total":2}')
    expect(difference({ rows: [{ service: 'api', total: 2 }, {}] })).toBe('rows: 2 instead of 1')
  })
})
