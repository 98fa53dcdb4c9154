import {
  defaultConfiguration,
  defaultRuleFields,
  defaultServiceFields,
  type Configuration,
  type PlannedSilence,
  type Rule,
  type Slo,
} from '@tidemark/model'
import type { Draws } from './random.ts'

const second = 1_000_000

/**
 * The configuration that a run begins with, and those that its operators put in force later. Small thresholds and short times, so that a run of
 * a minute raises, hides, answers and resolves alerts of every kind.
 */
export const configurationsOf = (
  draw: Draws,
  startMs: number,
  windowUs: number,
): readonly [Configuration, ...Configuration[]] => {
  const first = firstConfiguration(draw, startMs, windowUs)
  return [first, withOtherServices(first, draw), withOtherRules(first, draw)]
}

const firstConfiguration = (draw: Draws, startMs: number, windowUs: number): Configuration => ({
  ...defaultConfiguration,
  horizonUs: 2 * windowUs,
  requestsMin: windowUs > 5 * second ? 4 : 1,
  checksMin: windowUs > 5 * second ? 2 : 1,
  improveAfterWindows: 2,
  absentAfterUs: 2 * windowUs,
  staleAfterUs: 3 * windowUs,
  forgetAfterUs: draw.chance(0.3) ? 2 * windowUs : defaultConfiguration.forgetAfterUs,
  unregistered: draw.pick(['register', 'register', 'ignore']),
  services: [
    {
      ...{ ...defaultServiceFields, service: 'checkout', team: 'payments', tier: '1' },
      ...{ owner: 'ann@example.org', runbook: 'https://runbooks.example.org/checkout' },
      budget: { currency: 'EUR', amountMinor: 100_000 },
    },
    { ...defaultServiceFields, service: 'never-seen' },
    { ...defaultServiceFields, service: 'search', documentation: 'https://docs.example.org' },
  ],
  slos: slosOf(draw),
  rules: rulesOf(windowUs),
  silences: planned(draw, 'release', 'alertname', '=~', 'e.*|health', startMs, windowUs),
  maintenance: planned(draw, 'works', 'team', '=', 'payments', startMs, windowUs),
  escalation: [
    { afterUs: windowUs, severities: ['page', 'critical'] },
    { afterUs: 3 * windowUs, severities: ['page', 'warning'] },
  ],
})

const slosOf = (draw: Draws): readonly Slo[] => [
  {
    ...{ id: 'availability', service: null, targetPpm: draw.pick([900_000, 995_000, 1_000_000]) },
    indicator: { kind: 'availability', badStatuses: null },
    period: draw.pick([{ kind: 'rolling', days: 30 }, { kind: 'calendar-month' }] as const),
  },
  {
    ...{ id: 'latency', service: 'checkout', targetPpm: 900_000 },
    ...{ indicator: { kind: 'latency', thresholdUs: 500_000 }, period: day },
  },
  {
    ...{ id: 'up', service: null, targetPpm: 950_000 },
    indicator: { kind: 'uptime' },
    period: day,
  },
]

const day = { kind: 'rolling', days: 1 } as const

const rulesOf = (windowUs: number): readonly Rule[] => [
  ...defaultConfiguration.rules
    .filter(({ kind }) => kind !== 'burn-rate')
    .map((rule): Rule => (rule.kind === 'threshold' ? { ...rule, forUs: windowUs } : rule)),
  {
    ...{ ...defaultRuleFields, kind: 'threshold', id: 'any-error', severity: 'page' },
    ...{ signal: 'error_rate', operator: '>', value: 0, labels: [{ name: 'area', value: 'all' }] },
  },
  {
    ...{ ...defaultRuleFields, kind: 'burn-rate', id: 'burn', slos: null },
    windows: [
      { severity: 'critical', longUs: 120 * second, shortUs: 60 * second, budgetPpm: 1000 },
      { severity: 'warning', longUs: 600 * second, shortUs: 60 * second, budgetPpm: 1000 },
    ],
  },
  {
    ...{ ...defaultRuleFields, kind: 'budget', id: 'budget', severity: 'warning' },
    ...{ slos: ['availability'], remainingBelowPpm: 500_000, keepFiringForUs: windowUs },
  },
  {
    ...{ ...defaultRuleFields, kind: 'scorecard', id: 'money', severity: 'warning' },
    when: { card: 'cost', above: 'budget' },
  },
  {
    ...{ ...defaultRuleFields, kind: 'scorecard', id: 'order', severity: 'warning' },
    match: [{ label: 'tier', operator: '=', value: '1' }],
    when: { card: 'governance', worseThan: 'compliant' },
  },
]

const planned = (
  draw: Draws,
  id: string,
  label: string,
  operator: '=' | '=~',
  value: string,
  startMs: number,
  windowUs: number,
): readonly PlannedSilence[] => {
  const fromUs = (startMs + draw.between(0, 60_000)) * 1000
  const toUs = fromUs + draw.between(1, 3) * windowUs
  return draw.chance(0.4)
    ? [{ id, matchers: [{ label, operator, value }], fromUs, toUs, note: null }]
    : []
}

const withOtherServices = (before: Configuration, draw: Draws): Configuration => ({
  ...before,
  services: [
    { ...defaultServiceFields, service: 'cart', team: 'payments', budget: null },
    { ...before.services[0]!, team: draw.pick(['payments', 'shop']), tier: null },
  ],
  slos: before.slos.map((slo) =>
    slo.id === 'availability' ? { ...slo, targetPpm: 950_000 } : slo,
  ),
  unregistered: draw.pick(['register', 'ignore']),
  escalation: [{ afterUs: 0, severities: ['page'] }],
})

const withOtherRules = (before: Configuration, draw: Draws): Configuration => ({
  ...before,
  slos: before.slos.flatMap((slo) =>
    slo.indicator.kind === 'latency'
      ? { ...slo, indicator: { ...slo.indicator, thresholdUs: 250_000 } }
      : slo.id === 'up' && draw.chance(0.5)
        ? []
        : slo,
  ),
  rules: before.rules.flatMap((rule): readonly Rule[] => {
    if (rule.id === 'error-rate' || (rule.id === 'any-error' && draw.chance(0.5))) return []
    // The same id with another kind.
    return rule.id === 'latency-p95'
      ? [{ ...defaultRuleFields, id: rule.id, kind: 'absence', severity: 'warning' }]
      : [rule]
  }),
  inhibition: [],
})
