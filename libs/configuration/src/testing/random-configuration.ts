import {
  compareUtf8,
  governanceChecks,
  operators,
  severities,
  signalNames,
  type BurnWindow,
  type Configuration,
  type HealthThresholds,
  type Indicator,
  type Matcher,
  type PlannedSilence,
  type RegisteredService,
  type Rule,
  type RuleFields,
  type ScorecardCondition,
  type Slo,
  type StatusRange,
} from '@tidemark/model'
import fc from 'fast-check'

// Configurations that are well formed, whether they make sense or not.

const word = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,12}$/)
const serviceName = fc
  .stringMatching(/^[A-Za-z0-9._/-]{1,12}$/)
  .filter((name) => name !== '__proto__')
/** What YAML must quote, and what looks like something else. */
const text = fc.oneof(
  fc.constantFrom(
    '1',
    '1.10',
    '0x10',
    'true',
    'null',
    '~',
    '- a',
    '# no',
    'a: b',
    "it's",
    '{a}',
    '5%',
    ' b ',
  ),
  fc
    .string({
      unit: fc.constantFrom(...Array.from('aB9 :#-{}[]&*!|>%@`"\'\\,=é👍')),
      minLength: 1,
      maxLength: 12,
    })
    .map((value) => value.normalize('NFC')),
)
const us = fc.oneof(
  fc.nat(1_000_000).map((n) => n * 1_000_000),
  fc.nat(10_000_000),
  fc.nat({ max: 99 * 365 * 86_400 }).map((seconds) => seconds * 1_000_000 + 17),
)
const instantUs = fc.nat({ max: 2 ** 50 })
const ppm = fc.oneof(
  fc.nat(100).map((percent) => percent * 10_000),
  fc.integer({ min: 0, max: 2_000_000 }),
)

const matcher = fc.oneof(
  fc.record<Matcher>({
    label: fc.constantFrom('service', 'severity', 'team', 'tier', 'rule', 'slo', 'other'),
    operator: fc.constantFrom('=', '!='),
    value: text,
  }),
  fc.record<Matcher>({
    label: fc.constantFrom('service', 'severity'),
    operator: fc.constantFrom('=~', '!~'),
    value: fc.constantFrom('a.*', 'page|critical', '[a-c]+', '(?i)x\\.y', '.+'),
  }),
)
const matchers = fc.array(matcher, { maxLength: 3 })

const thresholds = fc.record({
  errorRateAbovePpm: ppm,
  p99AboveUs: us,
  errorRateExitPpm: ppm,
  p99ExitUs: us,
})
const health = fc.record<HealthThresholds>({
  degraded: thresholds,
  critical: thresholds,
  down: fc.record({ availabilityBelowPpm: ppm, availabilityExitPpm: ppm }),
})

const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.option(value, { nil: null })

const service = fc.record<RegisteredService>({
  service: serviceName,
  team: orNull(text),
  tier: orNull(text),
  owner: orNull(text),
  runbook: orNull(text),
  documentation: orNull(text),
  incidentResponse: orNull(text),
  budget: orNull(
    fc.record({
      currency: fc.constantFrom('EUR', 'JPY', 'KWD'),
      amountMinor: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    }),
  ),
  skips: fc.array(
    fc.record({ check: fc.constantFrom(...governanceChecks), reason: text, untilUs: instantUs }),
    { maxLength: 2 },
  ),
  health: orNull(health),
})

const statusRanges = fc
  .uniqueArray(fc.integer({ min: 0, max: 999 }), { minLength: 2, maxLength: 8 })
  .map((ends): readonly StatusRange[] => {
    const sorted = ends.toSorted((a, b) => a - b)
    const ranges: StatusRange[] = []
    for (let at = 0; at + 1 < sorted.length; at += 2)
      ranges.push({ from: sorted[at]!, to: sorted[at + 1]! })
    return ranges
  })
const indicator = fc.oneof<fc.Arbitrary<Indicator>[]>(
  fc.record({ kind: fc.constant('availability'), badStatuses: orNull(statusRanges) }),
  fc.record({ kind: fc.constant('latency'), thresholdUs: us }),
  fc.record({ kind: fc.constant('uptime') }),
  fc.record({ kind: fc.constant('job-latency'), thresholdUs: us, operations: text }),
)
const slo = fc.record<Slo>({
  id: fc.oneof(word, fc.constantFrom('availability', 'latency', 'jobs')),
  service: orNull(serviceName),
  indicator,
  targetPpm: ppm,
  period: fc.oneof(
    fc.record({ kind: fc.constant('rolling' as const), days: fc.integer({ min: 1, max: 31 }) }),
    fc.record({ kind: fc.constant('calendar-month' as const) }),
  ),
})

const ruleFields = fc.record<RuleFields>({
  id: fc.oneof(word, fc.constantFrom('health', 'latency-p95', 'absence')),
  match: matchers,
  labels: fc
    .uniqueArray(fc.record({ name: fc.stringMatching(/^[a-z][A-Za-z0-9_]{0,8}$/), value: text }), {
      maxLength: 3,
      selector: ({ name }) => name,
    })
    .map((labels) => labels.toSorted((a, b) => compareUtf8(a.name, b.name))),
  summary: orNull(text),
  runbook: orNull(text),
  forUs: us,
  keepFiringForUs: us,
})
const severity = fc.constantFrom(...severities)
const slos = orNull(fc.array(word, { maxLength: 3 }))
/** Readers refuse windows without a length, by which burn rates are divided. */
const lengthUs = us.map((it) => Math.max(1, it))
const burnWindow = fc.record<BurnWindow>({
  ...{ severity, longUs: lengthUs, shortUs: lengthUs, budgetPpm: ppm },
})
const signal = fc.constantFrom(...signalNames)
const scorecard = fc.oneof<fc.Arbitrary<ScorecardCondition>[]>(
  fc.record({ card: fc.constant('cost'), above: fc.constant('budget') }),
  fc.record({ card: fc.constant('cost'), above: fc.constant('forecast') }),
  fc.record({ card: fc.constant('reliability'), scoreBelow: fc.nat(200) }),
  fc.record({
    card: fc.constant('governance'),
    worseThan: fc.constantFrom('compliant', 'partial'),
  }),
)
const ownFields = fc.oneof(
  fc.record({ kind: fc.constant('health' as const) }),
  fc.record({ kind: fc.constant('threshold' as const), severity, signal }).chain((fields) => {
    const value = fields.signal.startsWith('p') ? us : ppm
    return fc.record({ operator: fc.constantFrom(...operators), value }).map((more) => ({
      ...fields,
      ...more,
    }))
  }),
  fc.record({ kind: fc.constant('absence' as const), severity }),
  fc.record({
    kind: fc.constant('burn-rate' as const),
    slos,
    windows: fc.array(burnWindow, { maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant('budget' as const),
    severity,
    slos,
    remainingBelowPpm: fc.integer({ min: -5_000_000, max: 2_000_000 }),
  }),
  fc.record({ kind: fc.constant('scorecard' as const), severity, when: scorecard }),
)
const rule = fc.tuple(ruleFields, ownFields).map(([fields, own]): Rule => ({ ...fields, ...own }))

const planned = fc.record<PlannedSilence>({
  id: word,
  matchers,
  fromUs: instantUs,
  toUs: instantUs,
  note: orNull(text),
})

/** Any configuration that is well formed: the schema takes it, though lint may not. */
export const randomConfiguration: fc.Arbitrary<Configuration> = fc.record<Configuration>({
  horizonUs: us,
  requestsMin: fc.integer({ min: 1, max: 1_000_000 }),
  checksMin: fc.integer({ min: 1, max: 1_000_000 }),
  health,
  improveAfterWindows: fc.integer({ min: 1, max: 1000 }),
  downFailuresMin: fc.integer({ min: 1, max: 1000 }),
  staleAfterUs: us,
  absentAfterUs: us,
  forgetAfterUs: us,
  unregistered: fc.constantFrom('register', 'ignore'),
  unregisteredMax: fc.nat(1_000_000),
  services: fc
    .uniqueArray(service, { maxLength: 4, selector: ({ service: name }) => name })
    .map((all) => all.toSorted((a, b) => compareUtf8(a.service, b.service))),
  slos: fc.uniqueArray(slo, {
    maxLength: 4,
    selector: ({ id, service: of }) => `${id} ${of ?? ''}`,
  }),
  rules: fc.uniqueArray(rule, { maxLength: 4, selector: ({ id }) => id }),
  silences: fc.array(planned, { maxLength: 2 }),
  maintenance: fc.array(planned, { maxLength: 2 }),
  inhibition: fc.array(fc.record({ source: matchers, target: matchers }), { maxLength: 2 }),
  escalation: fc.array(
    fc.record({ afterUs: us, severities: fc.uniqueArray(severity, { maxLength: 3 }) }),
    { maxLength: 3 },
  ),
})
