import {
  canonicalJson,
  defaultConfiguration,
  defaultLayout,
  defaultRuleFields,
  defaultServiceFields,
  inputTopics,
  type Checkpoint,
  type Configuration,
  type InputTopic,
  type Layout,
  type Output,
} from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { evaluate, hasWork, judge } from './evaluator.ts'
import { evaluatorState, take, type EvaluatorState } from './evaluator-state.ts'
import { documentsOf, partCounts, partsOf } from './documents.ts'
import { restoredState, snapshotOf } from './evaluator-snapshot.ts'
import { outputLines } from './testing/lines.ts'
import {
  interleave,
  plainAggregates,
  type TestAggregates,
  type TestEvent,
  type TestRecord,
  type TestRecords,
} from './testing/plain-aggregates.ts'
import { plainEvaluation } from './testing/plain-evaluation.ts'
import { withFacts, type FactAt } from './testing/facts.ts'
import { anyAnswers, anyConfiguration, anySilences, answersTo } from './testing/random-life.ts'

const second = 1_000_000
const names = ['api', 'billing', 'cart']

/** Everything happens sooner than by default, so that short random scenarios get to see it. */
const configuration: Configuration = {
  ...defaultConfiguration,
  requestsMin: 10,
  checksMin: 3,
  staleAfterUs: 70 * second,
  absentAfterUs: 30 * second,
  forgetAfterUs: 200 * second,
  services: names.map((service) => ({ ...defaultServiceFields, service })),
  rules: [
    { ...defaultRuleFields, kind: 'health', id: 'health' },
    {
      ...defaultRuleFields,
      kind: 'threshold',
      id: 'slow',
      severity: 'warning',
      signal: 'p95',
      operator: '>',
      value: 200_000,
      forUs: 20 * second,
      keepFiringForUs: 10 * second,
    },
    {
      ...defaultRuleFields,
      kind: 'threshold',
      id: 'flaky',
      severity: 'critical',
      signal: 'availability',
      operator: '<',
      value: 900_000,
      forUs: 0,
      keepFiringForUs: 20 * second,
    },
    { ...defaultRuleFields, kind: 'absence', id: 'absence', severity: 'critical' },
  ],
}
const layout: Layout = { ...defaultLayout, configuration }
const unregistered: Layout = {
  ...layout,
  configuration: { ...configuration, services: [], unregisteredMax: 2 },
}

type Burst = {
  readonly service: string
  readonly count: number
  readonly failPerTen: number
  readonly latencyUs: number
  readonly lagMs: number
}

const burst: fc.Arbitrary<Burst> = fc.record({
  service: fc.constantFrom(...names),
  count: fc.integer({ min: 1, max: 30 }),
  failPerTen: fc.constantFrom(0, 0, 0, 1, 5),
  latencyUs: fc.constantFrom(90, 1_000, 199_000, 300_000, 700_000, 1_500_000, 700_000_000),
  lagMs: fc.constantFrom(0, 0, 500, 4_000, 20_000, -3_000),
})

const eventsOf = (timestampMs: number, bursts: readonly Burst[]): readonly TestEvent[] =>
  bursts.flatMap(({ service, count, failPerTen, latencyUs, lagMs }) =>
    Array.from({ length: count }, (_, index) => ({
      service,
      atUs: (timestampMs - lagMs) * 1000 + index,
      ok: index % 10 >= failPerTen,
      latencyUs: latencyUs + index * 7,
    })),
  )

const beginMs = 1_700_000_000_000

/** One source: steps of some seconds, now and then longer than a partition may go unwatched. */
const source = (isSilent: boolean): fc.Arbitrary<readonly TestRecord[]> =>
  fc
    .tuple(
      fc.integer({ min: 0, max: 40_000 }),
      fc.array(
        fc.record({
          gapMs: fc.constantFrom(900, 1_000, 2_000, 2_000, 5_000, 9_000, 14_000, 45_000, 150_000),
          bursts: isSilent ? fc.constant([]) : fc.array(burst, { maxLength: 3 }),
        }),
        { minLength: 1, maxLength: 40 },
      ),
    )
    .map(([delayMs, steps]) => {
      let timestampMs = beginMs + delayMs
      return steps.map(({ gapMs, bursts }) => {
        timestampMs += gapMs
        return { timestampMs, events: eventsOf(timestampMs, bursts) }
      })
    })

/** One burst a window, each well or not: what makes alerts flap. */
const beating: fc.Arbitrary<readonly TestRecord[]> = fc
  .array(fc.constantFrom(0, 0, 5, 10), { minLength: 10, maxLength: 45 })
  .map((fails) =>
    fails.map((failPerTen, n) => {
      const timestampMs = beginMs + 5_000 + n * 10_000
      const latencyUs = failPerTen === 0 ? 1_000 : 1_600_000
      const one = { service: 'api', count: 20, failPerTen, latencyUs, lagMs: 0 }
      return { timestampMs, events: eventsOf(timestampMs, [one]) }
    }),
  )

/** Three sources, flushed at the end so that every window is judged. */
const scenario: fc.Arbitrary<TestRecords> = fc
  .oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        ...{ requests: source(false), 'health-checks': source(false), facts: source(true) },
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ requests: beating, 'health-checks': beating, facts: source(true) }),
    },
  )
  .map((records) => {
    const lastMs = Math.max(...inputTopics.map((topic) => records[topic].at(-1)?.timestampMs ?? 0))
    const flush = { timestampMs: lastMs + 20_000, events: [] }
    return {
      requests: [...records.requests, flush],
      'health-checks': [...records['health-checks'], flush],
      facts: [...records.facts, flush],
    }
  })

/** A configuration and facts that shape the life of alerts. */
const life = fc.record({
  of: anyConfiguration(beginMs, names).map((each): Layout => ({ ...layout, configuration: each })),
  silences: anySilences(beginMs),
  answers: anyAnswers,
})

const withMore = (records: TestRecords, facts: readonly FactAt[]): TestRecords => ({
  ...records,
  facts: withFacts(records.facts, facts),
})

const anyOrder = fc.array(fc.constantFrom<InputTopic>(...inputTopics), { maxLength: 150 })

const options = (of: Layout) => ({ layout: of, partition: 0, partitionOf: () => 0 })

const evaluated = (
  of: Layout,
  aggregates: TestAggregates,
  order: readonly InputTopic[],
): Output[] => {
  const outputs: Output[] = []
  const state = evaluatorState(options(of))
  for (const event of interleave(aggregates, order))
    evaluate(state, event, (output) => outputs.push(output))
  return outputs
}

const allParts = (state: EvaluatorState): Checkpoint =>
  new Map(snapshotOf(state).flatMap((draft) => [...partsOf(draft, new Map())]))

const bytesOf = (outputs: readonly Output[]): string => outputs.map(canonicalJson).join('\n')

describe('the evaluator, on random records,', () => {
  it('says what the plain evaluation says', () => {
    fc.assert(
      fc.property(scenario, anyOrder, life, (records, order, { of, silences, answers }) => {
        const before = withMore(records, silences)
        const alone = evaluated(of, plainAggregates(of, 0, before), [])
        const all = withMore(before, answersTo(alone, answers))
        const outputs = evaluated(of, plainAggregates(of, 0, all), order)
        expect(outputLines(outputs)).toEqual(plainEvaluation(of, all, names))
      }),
      { numRuns: 300 },
    )
  })

  it('reaches every status and every turn of an alert', () => {
    const lines = fc
      .sample(fc.tuple(scenario, life), { numRuns: 300, seed: 7 })
      .flatMap(([records, { of, silences, answers }]) => {
        const before = withMore(records, silences)
        const alone = evaluated(of, plainAggregates(of, 0, before), [])
        return plainEvaluation(of, withMore(before, answersTo(alone, answers)), names)
      })
    const statuses = ['down', 'critical', 'degraded', 'healthy', 'unknown', 'maintenance']
    const turns = [
      ...statuses.map((status) => `${status} since`),
      ...['down', 'critical', 'degraded', 'healthy'].map((status) => `${status} stale`),
      ...['health', 'rule-0', 'absence'].flatMap((rule) => [
        `AlertRaised ${rule}`,
        `AlertResolved recovered ${rule}`,
        `AlertAcknowledged ${rule}`,
        `AlertMarked ${rule}`,
      ]),
      ...['AlertSeverityChanged health', 'AlertEscalated health', 'AlertEscalated rule-0'],
      'AlertResolved flapping_ended',
      ...['#2', 'flapping silenced', 'silenced [planned-0', 'silenced [0000', 'step 2', 'step 3'],
      ...['inhibited [', 'answer [ann', 'answer [] step 0'],
    ]
    expect(turns.filter((turn) => !lines.some((line) => line.includes(turn)))).toEqual([])
    expect(lines.some((line) => /inhibited \[[0-9a-f]/.test(line))).toBe(true)
    const gapUs = (line: string): number => {
      const [end, previous] = line.split(' slice after ').map(Number.parseFloat)
      return (end ?? 0) - (previous ?? 0)
    }
    expect(lines.some((line) => line.includes(' slice after 1') && gapUs(line) > 20 * second)).toBe(
      true,
    )
  })

  it('gives the same bytes for every interleaving of the sources (I6)', () => {
    fc.assert(
      fc.property(scenario, anyOrder, anyOrder, (records, one, other) => {
        const aggregates = plainAggregates(unregistered, 0, records)
        expect(bytesOf(evaluated(unregistered, aggregates, one))).toBe(
          bytesOf(evaluated(unregistered, aggregates, other)),
        )
      }),
      { numRuns: 60 },
    )
  })

  it('gives the same bytes when events are repeated (I4)', () => {
    const repeats = fc.array(fc.tuple(fc.nat(200), fc.nat(10)), { maxLength: 20 })
    fc.assert(
      fc.property(scenario, anyOrder, repeats, (records, order, jumps) => {
        const aggregates = plainAggregates(layout, 0, records)
        const events = [...interleave(aggregates, order)]
        const outputs: Output[] = []
        const state = evaluatorState(options(layout))
        const emit = (output: Output): void => void outputs.push(output)
        events.forEach((event, index) => {
          evaluate(state, event, emit)
          for (const [at, back] of jumps)
            if (at === index)
              for (const again of events.slice(Math.max(0, index - back), index + 1))
                evaluate(state, again, emit)
        })
        expect(bytesOf(outputs)).toBe(bytesOf(evaluated(layout, aggregates, order)))
      }),
      { numRuns: 40 },
    )
  })

  it('gives the same bytes however the work is cut, and restored at any record (I5)', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 10 })
    const layouts = life.map(({ of, ...rest }) => ({
      ...rest,
      of: of.configuration.inhibition.length > 0 ? of : unregistered,
    }))
    fc.assert(
      fc.property(
        scenario,
        anyOrder,
        cuts,
        fc.nat(200),
        layouts,
        (records, order, units, at, by) => {
          const { of, silences, answers } = by
          const before = withMore(records, silences)
          const alone = evaluated(of, plainAggregates(of, 0, before), [])
          const aggregates = plainAggregates(of, 0, withMore(before, answersTo(alone, answers)))
          const outputs: Output[] = []
          let state = evaluatorState(options(of))
          let turn = 0
          interleave(aggregates, order).forEach((event, index) => {
            take(state, event)
            while (hasWork(state)) {
              const slice = units[turn++ % units.length] as number
              judge(state, slice, (output) => outputs.push(output))
            }
            if (index !== at) return
            const parts = allParts(state)
            state = restoredState(options(of), documentsOf(parts, partCounts(parts)))
            expect(allParts(state)).toEqual(parts)
          })
          expect(bytesOf(outputs)).toBe(bytesOf(evaluated(of, aggregates, order)))
        },
      ),
      { numRuns: 100 },
    )
  })

  it('alternates raise and resolve per fingerprint, with one id an episode (I7)', () => {
    fc.assert(
      fc.property(scenario, anyOrder, life, (records, order, { of, silences }) => {
        const aggregates = plainAggregates(of, 0, withMore(records, silences))
        const firing = new Map<string, string>()
        const ids = new Set<string>()
        for (const { event } of evaluated(of, aggregates, order)) {
          if (!('alertId' in event)) continue
          const { fingerprint, alertId } = event
          if (event.type === 'AlertRaised') {
            expect(firing.has(fingerprint)).toBe(false)
            expect(ids.has(alertId)).toBe(false)
            ids.add(alertId)
            firing.set(fingerprint, alertId)
          } else {
            expect(firing.get(fingerprint)).toBe(alertId)
            if (event.type === 'AlertResolved') firing.delete(fingerprint)
          }
        }
      }),
      { numRuns: 200 },
    )
  })

  it('numbers the outputs of a window through and gives each its own id', () => {
    fc.assert(
      fc.property(scenario, anyOrder, (records, order) => {
        const outputs = evaluated(layout, plainAggregates(layout, 0, records), order)
        const causes = outputs.map(
          ({ event }) => event.cause as { windowEndUs: number; index: number },
        )
        causes.forEach(({ windowEndUs, index }, at) => {
          const before = causes[at - 1]
          expect(index).toBe(before?.windowEndUs === windowEndUs ? before.index + 1 : 0)
          expect(windowEndUs).toBeGreaterThanOrEqual(before?.windowEndUs ?? 0)
        })
        expect(new Set(outputs.map(({ event }) => (event as { id: string }).id)).size).toBe(
          outputs.length,
        )
      }),
      { numRuns: 30 },
    )
  })
})
