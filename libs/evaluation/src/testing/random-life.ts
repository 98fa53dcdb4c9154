import {
  defaultConfiguration,
  defaultRuleFields,
  defaultServiceFields,
  operators,
  severities,
  signalNames,
  type AlertEvent,
  type Configuration,
  type Matcher,
  type Output,
  type PlannedSilence,
  type Rule,
} from '@tidemark/model'
import fc from 'fast-check'
import { answer, expiry, silence, type FactAt } from './facts.ts'

const second = 1_000_000

const matchers = fc.constantFrom<readonly Matcher[]>(
  [],
  [{ label: 'service', operator: '=~', value: 'a.*|cart' }],
  [{ label: 'team', operator: '=', value: '' }],
  [{ label: 'severity', operator: '!=', value: 'page' }],
  [{ label: 'area', operator: '=', value: 'eu' }],
)

const threshold: fc.Arbitrary<Omit<Extract<Rule, { kind: 'threshold' }>, 'id'>> = fc
  .record({
    severity: fc.constantFrom(...severities),
    signal: fc.constantFrom(...signalNames),
    operator: fc.constantFrom(...operators),
    share: fc.constantFrom(0, 100_000, 500_000, 900_000, 1_000_000),
    latencyUs: fc.constantFrom(96, 200_000, 699_999, 1_500_000),
    forUs: fc.constantFrom(0, 0, 10 * second, 30 * second),
    keepFiringForUs: fc.constantFrom(0, 0, 20 * second),
    match: fc.constantFrom<readonly Matcher[]>(
      [],
      [],
      [{ label: 'team', operator: '=', value: 'crew' }],
      [{ label: 'registered', operator: '=', value: 'true' }],
    ),
    area: fc.constantFrom('eu', 'us'),
  })
  .map(({ share, latencyUs, area, ...rule }) => ({
    ...{
      ...defaultRuleFields,
      ...rule,
      kind: 'threshold',
      labels: [{ name: 'area', value: area }],
    },
    value: rule.signal === 'error_rate' || rule.signal === 'availability' ? share : latencyUs,
  }))

const planned = (beginMs: number): fc.Arbitrary<readonly PlannedSilence[]> =>
  fc
    .array(
      fc
        .record({ matchers, fromS: fc.nat(300), lengthS: fc.nat(120) })
        .map(({ fromS, lengthS, ...rest }): Omit<PlannedSilence, 'id'> => ({
          ...{ ...rest, note: null, fromUs: (beginMs / 1000 + fromS) * second },
          toUs: (beginMs / 1000 + fromS + lengthS) * second,
        })),
      { maxLength: 2 },
    )
    .map((all) => all.map((each, n) => ({ ...each, id: `planned-${n}` })))

/** Rules and all that shapes the life of their alerts; things happen sooner than by default. */
export const anyConfiguration = (
  beginMs: number,
  names: readonly string[],
): fc.Arbitrary<Configuration> =>
  fc
    .record({
      thresholds: fc.array(threshold, { maxLength: 4 }),
      health: fc.record({ forUs: fc.constantFrom(0, 20 * second) }),
      isNervous: fc.boolean(),
      silences: planned(beginMs),
      maintenance: planned(beginMs),
      inhibits: fc.boolean(),
      escalates: fc.boolean(),
    })
    .map(({ thresholds, health, isNervous, inhibits, escalates, ...rest }) => ({
      ...defaultConfiguration,
      ...rest,
      ...{ staleAfterUs: 70 * second, absentAfterUs: 30 * second, forgetAfterUs: 200 * second },
      ...(isNervous ? { horizonUs: 10 * second } : {}),
      requestsMin: isNervous ? 1 : 10,
      checksMin: isNervous ? 1 : 3,
      slos: [],
      services: names.map((service, n) => ({
        ...{ ...defaultServiceFields, service, team: n === 0 ? 'crew' : null },
      })),
      rules: [
        { ...defaultRuleFields, kind: 'health', id: 'health', ...health },
        ...thresholds.map((rule, n) => ({ ...rule, id: `rule-${n}` })),
        { ...defaultRuleFields, kind: 'absence', id: 'absence', severity: 'critical' },
      ],
      inhibition: inhibits
        ? [
            ...defaultConfiguration.inhibition,
            {
              source: [{ label: 'rule', operator: '=', value: 'rule-0' }],
              target: [{ label: 'rule', operator: '=~', value: 'rule-.+|absence' }],
            },
          ]
        : [],
      escalation: escalates
        ? [
            { afterUs: 20 * second, severities: ['page'] },
            { afterUs: 40 * second, severities: ['page', 'critical'] },
            { afterUs: 90 * second, severities: ['critical', 'warning'] },
          ]
        : [],
    }))

/** Silences, maintenance and their ends, in the order of their time. */
export const anySilences = (beginMs: number): fc.Arbitrary<readonly FactAt[]> =>
  fc
    .array(
      fc.record({
        atS: fc.nat(400),
        text: fc.constantFrom(
          'service=~"a.*"',
          'severity!="page"',
          'rule="health"',
          'service="cart"',
        ),
        fromS: fc.integer({ min: -100, max: 100 }),
        lengthS: fc.nat(200),
        maintenance: fc.boolean(),
        endsAfterS: fc.option(fc.nat(150)),
      }),
      { maxLength: 4 },
    )
    .map((all) =>
      all
        .flatMap(({ atS, text, fromS, lengthS, maintenance, endsAfterS }, n): readonly FactAt[] => {
          const atMs = beginMs + atS * 1000
          const fromUs = Math.round(atMs / 1000 + fromS) * second
          const fact = silence(n, text, fromUs, fromUs + lengthS * second, maintenance)
          if (endsAfterS === null) return [{ timestampMs: atMs, fact }]
          const timestampMs = atMs + endsAfterS * 1000
          return [
            { timestampMs: atMs, fact },
            { timestampMs, fact: expiry(100 + n, fact.id) },
          ]
        })
        .toSorted((a, b) => a.timestampMs - b.timestampMs),
    )

export type AnswerPlan = {
  readonly pick: number
  readonly afterS: number
  readonly snoozeS: number | null
}

export const anyAnswers: fc.Arbitrary<readonly AnswerPlan[]> = fc.array(
  fc.record({
    pick: fc.nat(),
    afterS: fc.integer({ min: -20, max: 60 }),
    snoozeS: fc.option(fc.nat(90)),
  }),
  { maxLength: 5 },
)

/** Answers to alerts that were raised in a run without them; answers change nothing about what is raised. */
export const answersTo = (
  outputs: readonly Output[],
  plans: readonly AnswerPlan[],
): readonly FactAt[] => {
  const raised = outputs
    .map(({ event }) => event)
    .filter((event): event is AlertEvent => event.type === 'AlertRaised')
  if (raised.length === 0) return []
  return plans.map(({ pick, afterS, snoozeS }, n) => {
    const { service, alertId, windowEndUs } = raised[pick % raised.length]!
    const timestampMs = windowEndUs / 1000 + afterS * 1000
    const untilUs = snoozeS === null ? null : (timestampMs + snoozeS * 1000) * 1000
    return { timestampMs, fact: answer(200 + n, service, alertId, untilUs) }
  })
}
