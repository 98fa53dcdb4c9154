import {
  canonicalJson,
  configurationId,
  defaultConfiguration,
  defaultLayout,
  defaultServiceFields,
  inputTopics,
  type Configuration,
  type Fact,
  type InputTopic,
  type Output,
} from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { activationStartUs } from './activations.ts'
import { catalogOf } from './configuration-catalog.ts'
import { documentsOf, partCounts, partsOf } from './documents.ts'
import { hasWork, judge } from './evaluator.ts'
import { evaluatorFold } from './evaluator-fold.ts'
import { restoredState, snapshotOf } from './evaluator-snapshot.ts'
import { evaluatorState, take, type EvaluatorState } from './evaluator-state.ts'
import { isActivation } from './pending-facts.ts'
import { activation, deployment, withFacts, type FactAt } from './testing/facts.ts'
import { lazyCatalog } from './testing/lazy-catalog.ts'
import { memoryLog } from './testing/memory-log.ts'
import { interleave, plainAggregates, type TestAggregates } from './testing/plain-aggregates.ts'
import { runFold, type Turn } from './testing/run-fold.ts'
import { beginUs, steadyRecords, type SteadyWindow } from './testing/steady.ts'

const windowUs = 10_000_000
const names = ['api', 'web'] as const

/** Rows tell by their team which one they were judged under. */
const configurationOf = (n: number, changes: Partial<Configuration> = {}): Configuration => ({
  ...defaultConfiguration,
  ...{ requestsMin: 4, checksMin: 3, forgetAfterUs: 6 * windowUs },
  services: names.map((service) => ({ ...defaultServiceFields, service, team: `team ${n}` })),
  ...changes,
})
const configurations: readonly Configuration[] = [
  configurationOf(0),
  configurationOf(1, { horizonUs: 2 * windowUs }),
  configurationOf(2, { rules: [], unregistered: 'ignore' }),
  configurationOf(3, { unregisteredMax: 1, requestsMin: 8 }),
]
const layout = { ...defaultLayout, configuration: configurations[0]! }
const teamOf = (id: string): string =>
  `team ${configurations.findIndex((each) => configurationId(each) === id)}`

const sent = fc.record({
  requests: fc.constantFrom(0, 5, 12),
  failed: fc.constantFrom(0, 0, 3),
  checks: fc.constantFrom(0, 4),
})
const window: fc.Arbitrary<SteadyWindow> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ api: sent, web: sent, other: sent, more: sent }, { requiredKeys: [] }),
  },
  { weight: 1, arbitrary: fc.constant(null) },
)

type Scenario = { readonly windows: readonly SteadyWindow[]; readonly facts: readonly FactAt[] }

const scenario: fc.Arbitrary<Scenario> = fc
  .record({
    windows: fc.array(window, { minLength: 3, maxLength: 14 }),
    drafts: fc.array(
      fc.record({
        n: fc.nat(9),
        afterMs: fc.nat(110_000),
        configuration: fc.option(fc.nat(3)),
        aheadWindows: fc.integer({ min: -2, max: 5 }),
        service: fc.constantFrom(...names, 'other', 'quiet'),
      }),
      { maxLength: 7 },
    ),
  })
  .map(({ windows, drafts }) => ({
    windows,
    facts: drafts.map(({ n, afterMs, configuration, aheadWindows, service }) => {
      const effectiveFromUs = beginUs + (Math.floor(afterMs / 10_000) + aheadWindows) * windowUs
      const fact: Fact =
        configuration === null
          ? deployment(n, service)
          : activation(n, configurations[configuration]!, effectiveFromUs)
      return { timestampMs: beginUs / 1000 + afterMs, fact }
    }),
  }))

const anyOrder = fc.array(fc.constantFrom<InputTopic>(...inputTopics), { maxLength: 200 })

/** `lost`: facts of which only the record is there, as a tick. */
const aggregatesOf = (
  { windows, facts }: Scenario,
  lost: (fact: FactAt) => boolean = () => false,
): TestAggregates => {
  const records = steadyRecords(windows)
  const ticks = facts.filter(lost).map(({ timestampMs }) => ({ timestampMs, events: [] }))
  const rest = facts.filter((fact) => !lost(fact))
  const others = [...records.facts, ...ticks].toSorted((a, b) => a.timestampMs - b.timestampMs)
  return plainAggregates(layout, 0, { ...records, facts: withFacts(others, rest) })
}

const options = {
  ...{ layout, partition: 0, partitionOf: () => 0 },
  catalog: catalogOf(configurations),
}

const evaluated = (
  aggregates: TestAggregates,
  order: readonly InputTopic[] = [],
  restoreAt = -1,
): readonly Output[] => {
  const outputs: Output[] = []
  let state = evaluatorState(options)
  interleave(aggregates, order).forEach((event, index) => {
    take(state, event)
    while (hasWork(state)) judge(state, 1 + (index % 5), (output) => outputs.push(output))
    if (index !== restoreAt) return
    const before = partsIn(state)
    state = restoredState(options, documentsOf(before, partCounts(before)))
    expect(partsIn(state)).toEqual(before)
  })
  return outputs
}

const partsIn = (state: EvaluatorState) =>
  new Map(snapshotOf(state).flatMap((draft) => [...partsOf(draft, new Map())]))

const textOf = (outputs: readonly Output[]): readonly string[] => outputs.map(canonicalJson)

const endOf = ({ event }: Output): number => (event as { windowEndUs: number }).windowEndUs

/** The team that a window which starts then must show: of the latest activation that holds there. */
const teamAt = (facts: readonly FactAt[], startUs: number): string => {
  const seen = new Set<string>()
  let team = 'team 0'
  for (const { timestampMs, fact } of facts.toSorted((a, b) => a.timestampMs - b.timestampMs)) {
    if (!isActivation(fact) || seen.has(fact.id)) continue
    seen.add(fact.id)
    if (startUs >= timestampMs * 1000 && startUs >= fact.effectiveFromUs)
      team = teamOf(fact.configurationId)
  }
  return team
}

const startOf = ({ timestampMs: clockMs, fact }: FactAt): number =>
  isActivation(fact)
    ? activationStartUs({ clockMs, fact }, layout)
    : Math.ceil((clockMs * 1000) / windowUs) * windowUs

describe('configurations and facts, at random,', () => {
  it('have every window judged by the latest that holds at its start', () => {
    let changes = 0
    fc.assert(
      fc.property(scenario, (given) => {
        let team = 'team 0'
        for (const { event } of evaluated(aggregatesOf(given))) {
          if (event.type !== 'ServiceAssessed' || !event.registered) continue
          const expected = teamAt(given.facts, event.windowStartUs)
          expect(event.team).toBe(expected)
          if (expected !== team) changes++
          team = expected
        }
      }),
      { numRuns: 60 },
    )
    expect(changes).toBeGreaterThan(20)
  })

  it('give the same bytes for every interleaving, cut and restore (I5, I6)', () => {
    fc.assert(
      fc.property(scenario, anyOrder, fc.nat(250), (given, order, restoreAt) => {
        expect(textOf(evaluated(aggregatesOf(given), order, restoreAt))).toEqual(
          textOf(evaluated(aggregatesOf(given))),
        )
      }),
      { numRuns: 50 },
    )
  })

  it('affect no window before theirs', () => {
    let affected = 0
    fc.assert(
      fc.property(scenario, fc.nat(6), (given, which) => {
        const found = given.facts[which % given.facts.length]
        if (found === undefined) return
        // Of several with the same id the first one counts.
        const isSame = ({ fact }: FactAt): boolean => fact.id === found.fact.id
        const fromUs = Math.min(...given.facts.filter(isSame).map(startOf))
        const split = (outputs: readonly Output[]): readonly (readonly string[])[] => {
          const later = outputs.findIndex((output) => endOf(output) > fromUs)
          const lines = textOf(outputs)
          return later === -1 ? [lines, []] : [lines.slice(0, later), lines.slice(later)]
        }
        const [early, late] = split(evaluated(aggregatesOf(given)))
        const [earlyWithout, lateWithout] = split(evaluated(aggregatesOf(given, isSame)))
        expect(early).toEqual(earlyWithout)
        if (late!.join() !== lateWithout!.join()) affected++
      }),
      { numRuns: 60 },
    )
    expect(affected).toBeGreaterThan(10)
  })

  it('give the same through the fold, whatever is fed, committed and lost, and however late a catalog finds them', () => {
    const turn: fc.Arbitrary<Turn> = fc.oneof(
      fc.record({ kind: fc.constant('read' as const), records: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ kind: fc.constant('work' as const), units: fc.integer({ min: 1, max: 40 }) }),
      fc.constant({ kind: 'commit' } as const),
      fc.constant({ kind: 'crash' } as const),
    )
    const turns = fc.array(turn, { maxLength: 60, size: 'max' })
    fc.assert(
      fc.property(
        scenario,
        anyOrder,
        turns,
        fc.integer({ min: 1, max: 5 }),
        (given, order, run, every) => {
          const log = memoryLog('aggregates', 0, interleave(aggregatesOf(given), order))
          const { committed } = runFold(
            (checkpoint) =>
              evaluatorFold(
                {
                  ...{ ...options, reader: log.reader, snapshotEveryWindows: every },
                  catalog: lazyCatalog(configurations),
                },
                checkpoint,
              ),
            log,
            run,
          )
          expect(textOf(committed)).toEqual(textOf(evaluated(aggregatesOf(given))))
        },
      ),
      { numRuns: 60 },
    )
  })
})
