import {
  defaultBurnWindows,
  defaultConfiguration,
  defaultLayout,
  defaultRuleFields,
  defaultServiceFields,
  inputTopics,
  type Fact,
  type InputTopic,
  type Layout,
  type ServiceAssessed,
  type SloCounts,
} from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { documentsOf, partCounts, partsOf } from './documents.ts'
import { evaluate } from './evaluator.ts'
import { restoredState, snapshotOf } from './evaluator-snapshot.ts'
import { evaluatorState } from './evaluator-state.ts'
import { withFacts, type FactAt } from './testing/facts.ts'
import {
  interleave,
  plainAggregates,
  type TestEvent,
  type TestRecord,
  type TestRecords,
} from './testing/plain-aggregates.ts'

const minuteUs = 60_000_000
const hourUs = 60 * minuteUs
const dayUs = 24 * hourUs
const names = ['api', 'billing']
const thresholdUs = 200_000
const days = 7

const layout: Layout = {
  ...defaultLayout,
  configuration: {
    ...defaultConfiguration,
    services: names.map((service) => ({
      ...defaultServiceFields,
      ...{ service, owner: 'crew', budget: { currency: 'EUR', amountMinor: 100 } },
    })),
    slos: [
      {
        ...{ id: 'good', service: null, targetPpm: 900_000, period: { kind: 'rolling', days } },
        indicator: { kind: 'availability', badStatuses: null },
      },
      {
        ...{ id: 'fast', service: null, targetPpm: 990_000, period: { kind: 'calendar-month' } },
        indicator: { kind: 'latency', thresholdUs },
      },
      {
        ...{ id: 'up', service: 'api', targetPpm: 999_000, period: { kind: 'rolling', days } },
        indicator: { kind: 'uptime' },
      },
    ],
    rules: [
      {
        ...{ ...defaultRuleFields, kind: 'burn-rate', id: 'burn', slos: null },
        windows: defaultBurnWindows,
      },
      { ...defaultRuleFields, kind: 'absence', id: 'absence', severity: 'critical' },
    ],
  },
}

// Everything once more from lists of single events and facts, which are searched for each window that the evaluator judged. Months are
// those of Date, ratios floats.

type Counted = TestEvent & { readonly startUs: number }

const counted = (records: readonly TestRecord[]): readonly Counted[] =>
  records.flatMap(({ timestampMs, events }) =>
    events
      .map((event) => ({
        ...event,
        startUs: Math.floor(event.atUs / layout.windowUs) * layout.windowUs,
      }))
      .filter(({ startUs }) => timestampMs * 1000 < startUs + layout.windowUs + layout.graceUs),
  )

type Seen = { readonly valid: number; readonly bad: number; readonly startUs: number }

const sumFrom = (seen: readonly Seen[], fromUs: number, endUs: number): SloCounts => {
  const inside = seen.filter(({ startUs }) => startUs >= fromUs && startUs < endUs)
  const valid = Math.max(
    0,
    inside.reduce((sum, one) => sum + one.valid, 0),
  )
  const bad = inside.reduce((sum, one) => sum + one.bad, 0)
  return { valid, bad: Math.max(0, Math.min(bad, valid)) }
}

const sumOver = (seen: readonly Seen[], endUs: number, spanUs: number): SloCounts => {
  const stepUs = spanUs > 6 * hourUs ? hourUs : minuteUs
  return sumFrom(seen, Math.floor(endUs / stepUs) * stepUs - spanUs, endUs)
}

/** Null where nobody can tell in floats. */
const burns = (long: SloCounts, short: SloCounts, limit: number): boolean | null | undefined => {
  if (long.valid === 0 || short.valid === 0) return null
  const z = 1.96
  const [n, p] = [long.valid, long.bad / long.valid]
  const bound =
    (p + (z * z) / (2 * n) - z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n))) /
    (1 + (z * z) / n)
  const isClose = Math.abs(bound - limit) < 1e-9 || Math.abs(short.bad / short.valid - limit) < 1e-9
  if (isClose) return undefined
  return long.bad >= 3 && bound > limit && short.bad / short.valid > limit
}

const monthStart = (us: number, ahead = 0): number => {
  const date = new Date(us / 1000)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + ahead, 1) * 1000
}

const isBad: { readonly [id: string]: (event: TestEvent) => boolean } = {
  good: ({ ok }) => !ok,
  // 200 ms share a slot of 1/128 with what is up to 200.703 ms.
  fast: ({ latencyUs }) => latencyUs > 200_703,
  up: ({ ok }) => !ok,
}

const checkSlos = (
  row: ServiceAssessed,
  events: { readonly requests: readonly Counted[]; readonly checks: readonly Counted[] },
  facts: readonly Fact[],
  beginUs: number,
): void => {
  const { windowStartUs, windowEndUs, service } = row
  const ids = service === 'api' ? ['good', 'fast', 'up'] : ['good', 'fast']
  expect(row.slos.map(({ slo }) => slo)).toEqual(ids)
  for (const state of row.slos) {
    const all = state.slo === 'up' ? events.checks : events.requests
    const ofService = all.filter((event) => event.service === service)
    const corrections = facts.flatMap((fact): readonly Seen[] =>
      fact.type === 'BudgetCorrected' && fact.service === service && fact.slo === state.slo
        ? [{ valid: fact.valid, bad: fact.bad, startUs: fact.atUs }]
        : [],
    )
    const seen: readonly Seen[] = [
      ...ofService.map((event) => ({
        ...{ valid: 1, bad: isBad[state.slo]!(event) ? 1 : 0, startUs: event.startUs },
      })),
      ...corrections,
    ]
    const isMonth = state.slo === 'fast'
    const fromUs = isMonth
      ? monthStart(windowStartUs)
      : Math.floor(windowEndUs / hourUs) * hourUs - days * dayUs
    const periodUs = isMonth ? monthStart(windowStartUs, 1) - fromUs : days * dayUs
    expect(state.counts).toEqual(sumFrom(seen, fromUs, windowEndUs))
    expect(state.fromUs).toBe(Math.max(fromUs, beginUs))
    const hour = Math.floor(windowStartUs / hourUs) * hourUs
    expect(state.hour).toEqual(sumFrom(seen, hour, windowEndUs))
    const told = row.burns.filter(({ slo }) => slo === state.slo)
    expect(told).toHaveLength(4)
    for (const [n, { longUs, shortUs, budgetPpm }] of defaultBurnWindows.entries()) {
      const burn = told[n]!
      expect(burn.long).toEqual(sumOver(seen, windowEndUs, longUs))
      expect(burn.short).toEqual(sumOver(seen, windowEndUs, shortUs))
      const factor = ((budgetPpm / 1e6) * periodUs) / longUs
      const isBurning = burns(burn.long, burn.short, factor * (1 - state.targetPpm / 1e6))
      if (isBurning !== undefined) expect(burn.isBurning).toBe(isBurning)
    }
  }
}

const checkCards = (
  row: ServiceAssessed,
  checks: readonly Counted[],
  facts: readonly Fact[],
  episodes: readonly { readonly raisedAtUs: number; readonly endUs: number | null }[],
): void => {
  const { windowStartUs, windowEndUs, service, reliability, costs } = row
  const own = facts.filter((fact) => 'service' in fact && fact.service === service)
  const isRecent = (us: number): boolean => us >= windowEndUs - 30 * dayUs && us <= windowEndUs
  const today = Math.floor(windowStartUs / dayUs) * dayUs
  const seen = checks.filter(
    (check) =>
      check.service === service &&
      check.startUs >= today - 30 * dayUs &&
      check.startUs < windowEndUs,
  )
  const begins = [
    ...episodes.map(({ raisedAtUs }) => raisedAtUs),
    ...own.flatMap((fact) =>
      fact.type === 'IncidentOpened' && fact.alertId === null ? [fact.atUs] : [],
    ),
  ].filter(isRecent)
  const deployments = own.filter(
    (fact) => fact.type === 'DeploymentFinished' && isRecent(fact.atUs),
  )
  expect(reliability).toMatchObject({
    checksTotal: seen.length,
    checksPassed: seen.filter(({ ok }) => ok).length,
    incidents: begins.length,
    repairs: episodes.filter(({ endUs }) => endUs !== null && isRecent(endUs)).length,
    deployments: deployments.length,
    deploymentsFailed: deployments.filter((fact) =>
      begins.some((us) => 'atUs' in fact && us >= fact.atUs && us <= fact.atUs + hourUs),
    ).length,
  })
  const amounts = new Map<number, number>()
  for (const fact of own)
    if (fact.type === 'CostRecorded' && fact.monthStartUs < windowEndUs)
      amounts.set(fact.monthStartUs, fact.amountMinor)
  const newest = Math.max(...amounts.keys())
  expect(costs.map((cost) => [cost.monthStartUs, cost.amountMinor, cost.previousMinor])).toEqual(
    amounts.size === 0
      ? []
      : [[newest, amounts.get(newest), amounts.get(monthStart(newest, -1)) ?? null]],
  )
}

const beginMs = Date.UTC(2026, 0, 20, 5, 30)

/** One source over some weeks: most records close together, some hours or days apart. */
const source = (isSilent: boolean): fc.Arbitrary<readonly TestRecord[]> =>
  fc
    .array(
      fc.record({
        gapMs: fc.oneof(
          { weight: 5, arbitrary: fc.integer({ min: 1000, max: 12_000 }) },
          { weight: 2, arbitrary: fc.integer({ min: 60_000, max: 4_000_000 }) },
          { weight: 2, arbitrary: fc.integer({ min: 10_000_000, max: 900_000_000 }) },
        ),
        bursts: fc.array(
          fc.record({
            service: fc.constantFrom(...names),
            count: fc.integer({ min: 1, max: 12 }),
            bad: fc.nat(3),
            latencyUs: fc.constantFrom(90, 200_000, 200_703, 200_704, 900_000),
            lagMs: fc.constantFrom(0, 0, 4000, 20_000),
          }),
          { maxLength: isSilent ? 0 : 3 },
        ),
      }),
      { minLength: 1, maxLength: 30 },
    )
    .map((steps) => {
      let timestampMs = beginMs
      return steps.map(({ gapMs, bursts }) => {
        timestampMs += gapMs
        const events = bursts.flatMap(({ service, count, bad, latencyUs, lagMs }) =>
          Array.from({ length: count }, (_, n) => ({
            ...{ service, latencyUs, ok: n >= bad, atUs: (timestampMs - lagMs) * 1000 },
          })),
        )
        return { timestampMs, events }
      })
    })

const fact: fc.Arbitrary<FactAt> = fc
  .record({
    n: fc.nat(1_000_000),
    // Few days and few distances, so that facts meet.
    day: fc.nat(45),
    agoMs: fc.constantFrom(0, 1, 2, 3, 4, 5).map((n) => n * 1_800_000),
    kind: fc.nat(3),
    month: fc.nat(3),
    valid: fc.integer({ min: -5, max: 9 }),
    bad: fc.integer({ min: -5, max: 9 }),
    slo: fc.constantFrom('good', 'fast', 'up', 'unknown'),
    service: fc.constantFrom(...names),
  })
  .map(({ n, day, agoMs, kind, month, service, ...counts }) => {
    const timestampMs = beginMs + day * 86_400_000
    const fields = {
      ...{ id: `${n} ${timestampMs}`, atUs: (timestampMs - agoMs) * 1000, by: null, note: null },
      service,
    }
    const facts: readonly Fact[] = [
      { ...fields, type: 'DeploymentFinished', deployment: fields.id },
      { ...fields, type: 'IncidentOpened', incident: fields.id, alertId: null },
      { ...fields, ...counts, type: 'BudgetCorrected' },
      {
        ...{ ...fields, type: 'CostRecorded', monthStartUs: Date.UTC(2026, month, 1) * 1000 },
        ...{ throughUs: Date.UTC(2026, month, 2) * 1000, currency: 'EUR', amountMinor: n },
      },
    ]
    return { timestampMs, fact: facts[kind]! }
  })

const scenario = fc
  .record({
    requests: source(false),
    'health-checks': source(false),
    facts: source(true),
    all: fc.array(fact, { maxLength: 40 }),
  })
  .map(({ all, ...records }): { readonly records: TestRecords; readonly facts: typeof all } => {
    const lastMs = Math.max(...inputTopics.map((topic) => records[topic].at(-1)?.timestampMs ?? 0))
    const flush = [0, 60_000].map((ms) => ({ timestampMs: lastMs + 20_000 + ms, events: [] }))
    const facts = all.filter(({ timestampMs }) => timestampMs < lastMs)
    return {
      facts: facts.toSorted((a, b) => a.timestampMs - b.timestampMs),
      records: {
        requests: [...records.requests, ...flush],
        'health-checks': [...records['health-checks'], ...flush],
        facts: withFacts([...records.facts, ...flush], facts),
      },
    }
  })

const order = fc.array(fc.constantFrom<InputTopic>(...inputTopics), { maxLength: 60 })

describe('objectives and scorecards, over weeks of random records and facts,', () => {
  it('say what lists of single events say, in any interleaving and restored anywhere', () => {
    let rows = 0
    fc.assert(
      fc.property(scenario, order, fc.nat(80), ({ records, facts }, picked, at) => {
        const options = { layout, partition: 0, partitionOf: () => 0 }
        let state = evaluatorState(options)
        const requests = counted(records.requests)
        const checks = counted(records['health-checks'])
        const episodes = new Map<
          string,
          { service: string; raisedAtUs: number; endUs: number | null }
        >()
        let told: (() => void)[] = []
        let beginUs = Infinity
        interleave(plainAggregates(layout, 0, records), picked).forEach((event, index) => {
          evaluate(state, event, ({ event: output }) => {
            if (output.type === 'AlertRaised' && output.severity !== 'warning')
              told.push(() => {
                const { service, raisedAtUs } = output
                episodes.set(output.alertId, { service, raisedAtUs, endUs: null })
              })
            if (output.type === 'AlertSeverityChanged' && output.severity !== 'warning')
              told.push(() => {
                const { service, raisedAtUs } = output
                episodes.set(output.alertId, { service, raisedAtUs, endUs: null })
              })
            if (output.type === 'AlertResolved')
              told.push(() => {
                const known = episodes.get(output.alertId)
                if (known !== undefined) known.endUs = output.windowEndUs
              })
            if (output.type !== 'ServiceAssessed') return
            rows++
            beginUs = Math.min(beginUs, output.windowStartUs)
            const known = facts
              .filter(({ timestampMs }) => timestampMs * 1000 <= output.windowStartUs)
              .map((one) => one.fact)
            checkSlos(output, { requests, checks }, known, beginUs)
            const own = [...episodes.values()].filter(({ service }) => service === output.service)
            checkCards(output, checks, known, own)
            // What a window tells of alerts counts from the next one on.
            told.forEach((tell) => tell())
            told = []
          })
          if (index !== at) return
          const parts = new Map(
            snapshotOf(state).flatMap((draft) => [...partsOf(draft, new Map())]),
          )
          state = restoredState(options, documentsOf(parts, partCounts(parts)))
        })
      }),
      { numRuns: 60 },
    )
    expect(rows).toBeGreaterThan(500)
  })
})
