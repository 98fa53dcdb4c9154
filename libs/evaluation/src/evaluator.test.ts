import {
  InvariantError,
  contentId,
  defaultConfiguration,
  defaultLayout,
  defaultServiceFields,
  digestOf,
  type AlertEvent,
  type Configuration,
  type FleetSlice,
  type Layout,
  type Output,
  type RequestWindowClosed,
  type ServiceAssessed,
  canonicalJson,
} from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import { evaluate, judge } from './evaluator.ts'
import { evaluatorState, take } from './evaluator-state.ts'
import { interleave, plainAggregates, type TestRecords } from './testing/plain-aggregates.ts'
import { beginUs, endOfWindow, steadyRecords, type SteadyWindow } from './testing/steady.ts'

const layoutWith = (changes: Partial<Configuration>): Layout => ({
  ...defaultLayout,
  configuration: { ...defaultConfiguration, ...changes },
})

const registered = (...services: readonly string[]): Partial<Configuration> => ({
  services: services.map((service) => ({ ...defaultServiceFields, service, team: 'crew' })),
})

const optionsOf = (layout: Layout) => ({ layout, partition: 0, partitionOf: () => 0 })

const outputsOf = (layout: Layout, records: TestRecords): Output[] => {
  const outputs: Output[] = []
  const state = evaluatorState(optionsOf(layout))
  for (const event of interleave(plainAggregates(layout, 0, records), []))
    evaluate(state, event, (output) => outputs.push(output))
  return outputs
}

const run = (changes: Partial<Configuration>, windows: readonly SteadyWindow[]): Output[] =>
  outputsOf(layoutWith(changes), steadyRecords(windows))

const alertsIn = (outputs: readonly Output[]): AlertEvent[] =>
  outputs.map(({ event }) => event).filter((event): event is AlertEvent => 'alertId' in event)

const allSlicesIn = (outputs: readonly Output[]): FleetSlice[] =>
  outputs
    .map(({ event }) => event)
    .filter((event): event is FleetSlice => event.type === 'FleetSlice')

/** Those of judged windows: all but the opening one, which has a test of its own. */
const slicesIn = (outputs: readonly Output[]): FleetSlice[] => allSlicesIn(outputs).slice(1)

/** End of the newest window that is closed when the records begin; the next one, still open then, is unwatched. */
const openingUs = beginUs - 10_000_000

const assessedIn = (outputs: readonly Output[], service: string): ServiceAssessed[] =>
  outputs
    .map(({ event }) => event)
    .filter((event): event is ServiceAssessed => event.type === 'ServiceAssessed')
    .filter((event) => event.service === service)

const told = (outputs: readonly Output[], rule: string): string[] =>
  alertsIn(outputs)
    .filter((event) => event.rule === rule)
    .map((event) => `${(event.windowEndUs - beginUs) / 10_000_000} ${event.type} ${event.severity}`)

const repeat = <T>(count: number, item: T): T[] => Array<T>(count).fill(item)

const well = { requests: 50, checks: 10 }

describe('evaluator, health rule', () => {
  it('evaluates the same windows twice and raises once', () => {
    const layout = layoutWith({})
    const records = steadyRecords([{ api: { requests: 100, failed: 20 } }])
    const aggregates = interleave(plainAggregates(layout, 0, records), [])
    const outputs: Output[] = []
    const state = evaluatorState(optionsOf(layout))
    for (const event of [...aggregates, ...aggregates])
      evaluate(state, event, (output) => outputs.push(output))
    expect(told(outputs, 'health')).toEqual(['1 AlertRaised critical'])
    expect(slicesIn(outputs)).toHaveLength(2)
  })

  it('tells of Down -> critical -> healthy as one raise, one severity change, one resolve', () => {
    const down = { api: { requests: 100, failed: 20, checks: 10, checksFailed: 10 } }
    const critical = { api: { requests: 100, failed: 20, checks: 100 } }
    const windows = [...repeat(3, down), ...repeat(12, critical), ...repeat(12, { api: well })]
    const outputs = run({ horizonUs: 10_000_000 }, windows)
    expect(told(outputs, 'health')).toEqual([
      '1 AlertRaised page',
      '6 AlertSeverityChanged critical',
      '18 AlertResolved critical',
    ])
    const [raised, changed, resolved] = alertsIn(outputs).filter(({ rule }) => rule === 'health')
    expect(new Set([raised?.alertId, changed?.alertId, resolved?.alertId]).size).toBe(1)
    expect(changed).toMatchObject({ episode: 1, previousSeverity: 'page' })
    expect(resolved).toMatchObject({ reason: 'recovered', resolvedAtUs: endOfWindow(17) })
    expect(resolved?.evidence).toMatchObject({ previousStatus: 'critical', status: 'healthy' })
  })

  it('says service, status and the numbers', () => {
    const outputs = run({}, [
      {
        'payment-service': { requests: 412, failed: 51, latencyUs: 1_179_000 },
        'notification-svc': { checks: 29, checksFailed: 2 },
      },
    ])
    expect(alertsIn(outputs).map(({ summary }) => summary)).toEqual([
      'notification-svc: service DOWN, availability=93.1% (n=29)',
      'payment-service: error_rate=12.4% p99=1179ms (n=412)',
    ])
  })

  it('carries its evidence: rule, configuration, signals, statuses and the input it rests on', () => {
    const [alert] = alertsIn(run({}, [{ api: { requests: 100, failed: 6 } }]))
    expect(alert?.evidence).toMatchObject({
      ruleId: contentId(canonicalJson(defaultConfiguration.rules[0])),
      previousStatus: 'unknown',
      status: 'degraded',
      condition: null,
      signals: { errorRate: { failed: 6, total: 100 }, availability: null },
    })
    expect(alert?.inputs).toEqual([
      {
        topic: 'requests',
        partition: 0,
        firstOffset: 0,
        lastOffset: 0,
        records: 1,
        events: 100,
        digest: digestOf(0, 100),
      },
    ])
  })

  it('rests on the input of the whole horizon', () => {
    const outputs = run({}, repeat(8, { api: { requests: 10, checks: 1 } }))
    expect(assessedIn(outputs, 'api').at(7)?.inputs).toMatchObject([
      { topic: 'health-checks', firstOffset: 20, lastOffset: 70, records: 6, events: 6 },
      { topic: 'requests', firstOffset: 20, lastOffset: 70, records: 6, events: 60 },
    ])
  })

  it('is frozen while the signal is absent, and resolves on positive evidence only', () => {
    const windows = [{ api: { requests: 100, failed: 20 } }, ...repeat(80, {})]
    expect(told(run({}, windows), 'health')).toEqual(['1 AlertRaised critical'])
    const recovered = run({}, [...windows, { api: well }])
    expect(told(recovered, 'health')).toEqual([
      '1 AlertRaised critical',
      '82 AlertResolved critical',
    ])
  })

  it('does not lower the severity while what caused it is absent', () => {
    const down = { api: { checks: 10, checksFailed: 10 } }
    const slow = { api: { requests: 50, latencyUs: 600_000 } }
    const outputs = run({}, [down, ...repeat(80, slow)])
    expect(assessedIn(outputs, 'api').at(80)?.status).toBe('degraded')
    expect(told(outputs, 'health')).toEqual(['1 AlertRaised page'])
  })
})

describe('evaluator, threshold rules', () => {
  it('raises p95 > 200 ms and error rate > 5 % after 1 minute, as warnings', () => {
    const slow = { api: { requests: 100, failed: 6, latencyUs: 312_000 } }
    const outputs = run({}, repeat(9, slow))
    expect(told(outputs, 'latency-p95')).toEqual(['7 AlertRaised warning'])
    expect(told(outputs, 'error-rate')).toEqual(['7 AlertRaised warning'])
    const [p95] = alertsIn(outputs).filter(({ rule }) => rule === 'latency-p95')
    expect(p95?.summary).toBe('api: p95=312ms > 200ms for 1m (n=600)')
    expect(p95?.evidence.condition).toEqual({
      signal: 'p95',
      operator: '>',
      value: 200_000,
      forUs: 60_000_000,
    })
    expect(p95?.evidence).toMatchObject({ previousStatus: 'degraded', status: 'degraded' })
  })

  it('does not count windows that nobody watched towards `for`', () => {
    const slow = { api: { requests: 100, latencyUs: 312_000 } }
    const outputs = run({}, [...repeat(3, slow), ...repeat(30, null), ...repeat(2, slow)])
    expect(told(outputs, 'latency-p95')).toEqual([])
  })
})

describe('evaluator, absence', () => {
  const services = registered('billing')

  it('raises for a registered service that sends nothing for 60 s while somebody watches', () => {
    const outputs = run(services, [{ billing: well }, ...repeat(9, {})])
    expect(told(outputs, 'absence')).toEqual(['7 AlertRaised critical'])
    const [alert] = alertsIn(outputs)
    expect(alert?.summary).toBe('billing: no requests or health checks for 1m')
    expect(assessedIn(outputs, 'billing').at(7)).toMatchObject({ status: 'healthy', stale: true })
  })

  it('raises for one that never sent anything', () => {
    const outputs = run(services, repeat(9, {}))
    expect(told(outputs, 'absence')).toEqual(['6 AlertRaised critical'])
    expect(assessedIn(outputs, 'billing').at(0)?.status).toBe('unknown')
  })

  it('resolves when the service sends again', () => {
    const windows = [...repeat(8, {}), { billing: { requests: 1 } }, {}]
    const outputs = run(services, windows)
    expect(told(outputs, 'absence')).toEqual(['6 AlertRaised critical', '9 AlertResolved critical'])
    expect(alertsIn(outputs).at(-1)?.summary).toBe('billing: sends again')
  })

  it('takes no unwatched window for silence, and skips it', () => {
    const outputs = run(services, [{ billing: well }, ...repeat(30, null), {}, {}])
    expect(told(outputs, 'absence')).toEqual([])
    const ends = slicesIn(outputs).map((slice) => (slice.windowEndUs - beginUs) / 10_000_000)
    expect(ends).toEqual([1, 32, 33, 34])
    const previous = slicesIn(outputs).map((slice) => slice.previousWindowEndUs)
    expect(previous.slice(0, 2)).toEqual([openingUs, endOfWindow(0)])
  })

  it('concludes nothing from windows that a gap touched, though a stretch in front of it ends inside', () => {
    const beginMs = beginUs / 1000
    const stretches = new Map([
      [beginMs + 55_000, { fromMs: beginMs + 41_000, toMs: beginMs + 52_000 }],
      [beginMs + 65_000, { fromMs: beginMs + 40_000, toMs: beginMs + 60_000 }],
    ])
    const layout = layoutWith(services)
    const outputs: Output[] = []
    const state = evaluatorState(optionsOf(layout))
    const records = steadyRecords([{ billing: well }, ...repeat(12, {})])
    for (const event of interleave(plainAggregates(layout, 0, records), []))
      evaluate(
        state,
        event.type === 'PartitionAdvanced' && event.unwatched === null
          ? { ...event, unwatched: stretches.get(event.clockMs) ?? null }
          : event,
        (output) => outputs.push(output),
      )
    // Two windows later than when all of them were watched.
    expect(told(outputs, 'absence')).toEqual(['9 AlertRaised critical'])
  })

  it('goes by the sources that the service uses', () => {
    const records = steadyRecords([{ billing: { checks: 10 } }, ...repeat(10, {})])
    const [first] = records.requests
    const last = records.requests.at(-1)
    const requests = first === undefined || last === undefined ? [] : [first, last]
    const unwatchedRequests = { ...records, requests }
    const outputs = outputsOf(layoutWith(services), unwatchedRequests)
    expect(told(outputs, 'absence')).toEqual(['7 AlertRaised critical'])
    const unwatchedChecks = {
      ...records,
      requests: records['health-checks'],
      'health-checks': requests,
    }
    const both = steadyRecords([{ billing: well }, ...repeat(10, {})])
    expect(
      told(outputsOf(layoutWith(services), { ...both, 'health-checks': requests }), 'absence'),
    ).toEqual(['7 AlertRaised critical'])
    expect(told(outputsOf(layoutWith(services), unwatchedChecks), 'absence')).toEqual([
      '7 AlertRaised critical',
    ])
  })

  it('expects a service only in the partition of its events', () => {
    const layout = layoutWith(services)
    const outputs: Output[] = []
    const state = evaluatorState({ layout, partition: 0, partitionOf: () => 1 })
    const records = steadyRecords(repeat(9, {}))
    for (const event of interleave(plainAggregates(layout, 0, records), []))
      evaluate(state, event, (output) => outputs.push(output))
    expect(alertsIn(outputs)).toEqual([])
    expect(slicesIn(outputs).at(-1)?.rows).toEqual([])
  })
})

describe('evaluator, unregistered services', () => {
  it('lets them appear, marked, without an absence alert', () => {
    const outputs = run(registered('billing'), [{ stray: well, billing: well }, ...repeat(3, {})])
    expect(slicesIn(outputs)[0]?.rows).toMatchObject([
      { service: 'billing', registered: true, team: 'crew' },
      { service: 'stray', registered: false, team: null },
    ])
    expect(told(run({}, [{ stray: well }, ...repeat(9, {})]), 'absence')).toEqual([])
  })

  it('ignores them where the policy says so, and counts them', () => {
    const outputs = run({ unregistered: 'ignore' }, [{ stray: well }, ...repeat(8, {})])
    const slices = slicesIn(outputs)
    expect(slices[0]).toMatchObject({ rows: [], ignored: [{ service: 'stray', events: 60 }] })
    expect(slices[5]?.ignored).toEqual([{ service: 'stray', events: 60 }])
    expect(slices[6]?.ignored).toEqual([])
  })

  it('follows as many as the cap allows, in order of their names, and counts the rest', () => {
    const outputs = run({ unregisteredMax: 2 }, [{ c: well, a: well, b: well }])
    expect(slicesIn(outputs)[0]?.rows.map(({ service }) => service)).toEqual(['a', 'b'])
    expect(slicesIn(outputs)[0]?.ignored).toEqual([{ service: 'c', events: 60 }])
  })

  it('counts the traffic above the caps of the aggregator', () => {
    const layout = layoutWith({})
    const aggregates = plainAggregates(layout, 0, steadyRecords([{ spill: well }]))
    const state = evaluatorState(optionsOf(layout))
    const outputs: Output[] = []
    for (const event of interleave(aggregates, []))
      evaluate(
        state,
        event.type === 'PartitionAdvanced' || event.type === 'FactApplied'
          ? event
          : { ...event, overflow: true },
        (output) => outputs.push(output),
      )
    expect(slicesIn(outputs)[0]).toMatchObject({
      rows: [],
      ignored: [{ service: 'overflow', events: 60 }],
    })
  })

  it('forgets them after `forgetAfter`, and resolves what fired', () => {
    const windows = [{ stray: { requests: 100, failed: 50 } }, ...repeat(12, {})]
    const outputs = run({ forgetAfterUs: 100_000_000 }, windows)
    expect(told(outputs, 'health')).toEqual(['1 AlertRaised critical', '11 AlertResolved critical'])
    expect(alertsIn(outputs).at(-1)).toMatchObject({
      reason: 'service_removed',
      summary: 'stray: forgotten, nothing came for 100s',
    })
    expect(assessedIn(outputs, 'stray')).toHaveLength(10)
    expect(slicesIn(outputs).at(10)).toMatchObject({ rows: [], alertCount: 0 })
  })

  it('makes room under the cap by forgetting', () => {
    const windows = [{ a: well }, ...repeat(11, {}), { b: well }]
    const outputs = run({ forgetAfterUs: 100_000_000, unregisteredMax: 1 }, windows)
    expect(
      slicesIn(outputs)
        .at(12)
        ?.rows.map(({ service }) => service),
    ).toEqual(['b'])
  })
})

describe('evaluator, incomplete windows', () => {
  it('says of judgements and alerts whether a window of the horizon lacks events', () => {
    const layout = layoutWith({})
    const bad = { requests: 100, failed: 50 }
    const records = steadyRecords([{ api: well }, { api: bad }, ...repeat(8, { api: well })])
    const outputs: Output[] = []
    const state = evaluatorState(optionsOf(layout))
    for (const event of interleave(plainAggregates(layout, 0, records), []))
      evaluate(
        state,
        event.type === 'RequestWindowClosed' && event.windowEndUs === endOfWindow(1)
          ? { ...event, incomplete: true }
          : event,
        (output) => outputs.push(output),
      )
    expect(assessedIn(outputs, 'api').map(({ incomplete }) => incomplete)).toEqual([
      ...[false, true, true, true, true, true, true, false, false, false, false],
    ])
    const [raised] = alertsIn(outputs)
    expect(raised).toMatchObject({ type: 'AlertRaised', evidence: { incomplete: true } })
  })
})

describe('evaluator, slices', () => {
  it('opens with an empty slice of the window that was closed when the records begin', () => {
    const [opening, first] = allSlicesIn(run({}, [{ api: well }]))
    expect(opening).toMatchObject({
      windowEndUs: openingUs,
      previousWindowEndUs: null,
      rows: [],
      alertCount: 0,
      parts: 1,
    })
    expect(first).toMatchObject({ windowEndUs: endOfWindow(0), previousWindowEndUs: openingUs })
  })

  it('opens a partition that holds a single tick at the window that the tick closes', () => {
    const tick = { timestampMs: beginUs / 1000 + 5000, events: [] }
    const records = { requests: [tick], 'health-checks': [tick], facts: [tick] }
    const slices = allSlicesIn(outputsOf(layoutWith({}), records))
    expect(slices).toHaveLength(1)
    expect(slices[0]).toMatchObject({ windowEndUs: beginUs, previousWindowEndUs: null, rows: [] })
  })

  it('gives a slice without rows for a window without services', () => {
    const [slice] = slicesIn(run({}, [{}]))
    expect(slice).toMatchObject({
      part: 0,
      parts: 1,
      rows: [],
      alertCount: 0,
      previousWindowEndUs: openingUs,
      windowStartUs: beginUs,
      windowEndUs: endOfWindow(0),
    })
  })

  it('cuts them at 500 rows, with the true number of alerts and the 20 most severe newest', () => {
    const services = Array.from({ length: 1001 }, (_, n) => `s${String(n).padStart(4, '0')}`)
    const window = Object.fromEntries(
      services.map((service, n) => [
        service,
        { requests: 20, failed: n < 25 ? 20 : n < 50 ? 2 : 0 },
      ]),
    )
    const slices = slicesIn(run({}, [window])).filter(
      ({ windowEndUs }) => windowEndUs === endOfWindow(0),
    )
    expect(slices.map(({ part, parts, rows }) => [part, parts, rows.length])).toEqual([
      [0, 3, 500],
      [1, 3, 500],
      [2, 3, 1],
    ])
    expect(slices.flatMap(({ rows }) => rows.map(({ service }) => service))).toEqual(services)
    expect(slices.map(({ alertCount }) => alertCount)).toEqual([50, 0, 0])
    expect(slices[0]?.alerts.map(({ service }) => service)).toEqual(services.slice(0, 20))
    expect(slices.map(({ positions }) => positions.length)).toEqual([3, 0, 0])
  })

  it("gives the positions of each source's first advance past the window's close", () => {
    const [slice] = slicesIn(run({}, [{ api: well }]))
    expect(slice?.positions).toEqual([
      { topic: 'requests', partition: 0, position: 15 },
      { topic: 'health-checks', partition: 0, position: 15 },
      { topic: 'facts', partition: 0, position: 15 },
    ])
  })

  it('names alerts by the ids of their events', () => {
    const outputs = run({}, [{ api: { requests: 100, failed: 50 } }])
    const [raised] = alertsIn(outputs)
    expect(slicesIn(outputs)[0]?.alerts).toMatchObject([
      { alertId: raised?.alertId, fingerprint: raised?.fingerprint, rule: 'health' },
    ])
  })
})

describe('evaluator, time', () => {
  it('judges nothing before every source has a clock', () => {
    const records = steadyRecords(repeat(9, { api: well }))
    expect(outputsOf(layoutWith({}), { ...records, facts: [] })).toEqual([])
  })

  it('passes over a hundred unwatched years in one step', () => {
    const records = steadyRecords([{ api: well }])
    const tick = { timestampMs: beginUs / 1000 + 100 * 365 * 86_400_000, events: [] }
    const late = { ...tick, timestampMs: tick.timestampMs + 20_000 }
    const outputs = outputsOf(layoutWith({}), {
      requests: [...records.requests, tick, late],
      'health-checks': [...records['health-checks'], tick, late],
      facts: [...records.facts, tick, late],
    })
    expect(slicesIn(outputs).length).toBeLessThan(10)
    expect(assessedIn(outputs, 'api')).toHaveLength(3)
  })

  it('judges at most about as many services as it was given units', () => {
    const layout = layoutWith({})
    const services = Object.fromEntries(
      Array.from({ length: 100 }, (_, n) => [`s${n}`, { requests: 1 }]),
    )
    const aggregates = plainAggregates(layout, 0, steadyRecords([services]))
    const state = evaluatorState(optionsOf(layout))
    for (const event of interleave(aggregates, [])) take(state, event)
    let emitted = 0
    judge(state, 30, () => emitted++)
    expect(emitted).toBe(30)
  })
})

describe('evaluator, refusals', () => {
  const layout = layoutWith({})
  const aggregates = plainAggregates(layout, 0, steadyRecords([{ api: well }]))
  const none = (): void => undefined

  it('stops at an event of another partition', () => {
    const state = evaluatorState({ ...optionsOf(layout), partition: 3 })
    const [event] = aggregates.requests
    expect(() => {
      if (event !== undefined) evaluate(state, event, none)
    }).toThrow(InvariantError)
  })

  it('stops at a window that closes after it was judged', () => {
    const state = evaluatorState(optionsOf(layout))
    for (const event of interleave(aggregates, [])) evaluate(state, event, none)
    const row = aggregates.requests.find(
      (event): event is RequestWindowClosed => event.type === 'RequestWindowClosed',
    )
    expect(() => {
      if (row !== undefined)
        evaluate(state, { ...row, cause: { ...row.cause, offset: 1_000_000 } }, none)
    }).toThrow('closed after it was judged')
  })
})
