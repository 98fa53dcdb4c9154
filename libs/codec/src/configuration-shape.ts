import {
  governanceChecks,
  operators,
  severities,
  signalNames,
  type BurnWindow,
  type Configuration,
  type EscalationStep,
  type GovernanceSkip,
  type HealthThresholds,
  type Indicator,
  type Inhibition,
  type Label,
  type Matcher,
  type MonthlyBudget,
  type PlannedSilence,
  type RegisteredService,
  type Rule,
  type RuleFields,
  type RuleKind,
  type ScorecardCondition,
  type Slo,
  type SloPeriod,
  type StatusRange,
  type Thresholds,
} from '@tidemark/model'
import {
  integer,
  kindOf,
  listOf,
  objectOf,
  oneOf,
  orNull,
  text,
  type FieldsOf,
  type Shape,
} from './shapes.ts'

/**
 * Why a value from a `catalog` record has not the shape of a Configuration, or null. A field more counts as well as one less: one of
 * another version decides differently, so a process that does not know it all must not go by it.
 */
export const configurationShapeFault: Shape = (value) => configurationShape(value)

const severity = oneOf(...severities)

const matchers = listOf(
  objectOf({
    label: text,
    operator: oneOf('=', '!=', '=~', '!~'),
    value: text,
  } satisfies FieldsOf<Matcher>),
)

const ruleFields = {
  id: text,
  match: matchers,
  labels: listOf(objectOf({ name: text, value: text } satisfies FieldsOf<Label>)),
  summary: orNull(text),
  runbook: orNull(text),
  forUs: integer,
  keepFiringForUs: integer,
} satisfies FieldsOf<RuleFields>

/** What a kind of rule has besides what every rule has. */
type OwnFields<K extends RuleKind> = FieldsOf<
  Omit<Extract<Rule, { readonly kind: K }>, keyof RuleFields>
>

const burnWindow = objectOf({
  severity,
  longUs: integer,
  shortUs: integer,
  budgetPpm: integer,
} satisfies FieldsOf<BurnWindow>)

type Card<C extends ScorecardCondition['card']> = FieldsOf<
  Extract<ScorecardCondition, { readonly card: C }>
>

const scorecardCondition = kindOf('card', {
  cost: objectOf({ card: text, above: oneOf('budget', 'forecast') } satisfies Card<'cost'>),
  reliability: objectOf({ card: text, scoreBelow: integer } satisfies Card<'reliability'>),
  governance: objectOf({
    card: text,
    worseThan: oneOf('compliant', 'partial'),
  } satisfies Card<'governance'>),
})

const rule = kindOf('kind', {
  health: objectOf({ ...ruleFields, kind: text } satisfies OwnFields<'health'>),
  threshold: objectOf({
    ...ruleFields,
    kind: text,
    severity,
    signal: oneOf(...signalNames),
    operator: oneOf(...operators),
    value: integer,
  } satisfies OwnFields<'threshold'>),
  absence: objectOf({ ...ruleFields, kind: text, severity } satisfies OwnFields<'absence'>),
  'burn-rate': objectOf({
    ...ruleFields,
    kind: text,
    slos: orNull(listOf(text)),
    windows: listOf(burnWindow),
  } satisfies OwnFields<'burn-rate'>),
  budget: objectOf({
    ...ruleFields,
    kind: text,
    severity,
    slos: orNull(listOf(text)),
    remainingBelowPpm: integer,
  } satisfies OwnFields<'budget'>),
  scorecard: objectOf({
    ...ruleFields,
    kind: text,
    severity,
    when: scorecardCondition,
  } satisfies OwnFields<'scorecard'>),
} satisfies Readonly<Record<RuleKind, Shape>>)

const thresholds = objectOf({
  errorRateAbovePpm: integer,
  p99AboveUs: integer,
  errorRateExitPpm: integer,
  p99ExitUs: integer,
} satisfies FieldsOf<Thresholds>)

const health = objectOf({
  degraded: thresholds,
  critical: thresholds,
  down: objectOf({
    availabilityBelowPpm: integer,
    availabilityExitPpm: integer,
  } satisfies FieldsOf<HealthThresholds['down']>),
} satisfies FieldsOf<HealthThresholds>)

const registeredService = objectOf({
  service: text,
  team: orNull(text),
  tier: orNull(text),
  owner: orNull(text),
  runbook: orNull(text),
  documentation: orNull(text),
  incidentResponse: orNull(text),
  budget: orNull(
    objectOf({ currency: text, amountMinor: integer } satisfies FieldsOf<MonthlyBudget>),
  ),
  skips: listOf(
    objectOf({
      check: oneOf(...governanceChecks),
      reason: text,
      untilUs: integer,
    } satisfies FieldsOf<GovernanceSkip>),
  ),
  health: orNull(health),
} satisfies FieldsOf<RegisteredService>)

type IndicatorOf<K extends Indicator['kind']> = FieldsOf<Extract<Indicator, { readonly kind: K }>>

const statusRange = objectOf({ from: integer, to: integer } satisfies FieldsOf<StatusRange>)

const indicator = kindOf('kind', {
  availability: objectOf({
    kind: text,
    badStatuses: orNull(listOf(statusRange)),
  } satisfies IndicatorOf<'availability'>),
  latency: objectOf({ kind: text, thresholdUs: integer } satisfies IndicatorOf<'latency'>),
  uptime: objectOf({ kind: text } satisfies IndicatorOf<'uptime'>),
  'job-latency': objectOf({
    kind: text,
    thresholdUs: integer,
    operations: text,
  } satisfies IndicatorOf<'job-latency'>),
} satisfies Readonly<Record<Indicator['kind'], Shape>>)

const period = kindOf('kind', {
  rolling: objectOf({ kind: text, days: integer }),
  'calendar-month': objectOf({ kind: text }),
} satisfies Readonly<Record<SloPeriod['kind'], Shape>>)

const slo = objectOf({
  id: text,
  service: orNull(text),
  indicator,
  targetPpm: integer,
  period,
} satisfies FieldsOf<Slo>)

const plannedSilences = listOf(
  objectOf({
    id: text,
    matchers,
    fromUs: integer,
    toUs: integer,
    note: orNull(text),
  } satisfies FieldsOf<PlannedSilence>),
)

const configurationShape = objectOf({
  horizonUs: integer,
  requestsMin: integer,
  checksMin: integer,
  health,
  improveAfterWindows: integer,
  downFailuresMin: integer,
  staleAfterUs: integer,
  absentAfterUs: integer,
  forgetAfterUs: integer,
  unregistered: oneOf('register', 'ignore'),
  unregisteredMax: integer,
  services: listOf(registeredService),
  slos: listOf(slo),
  rules: listOf(rule),
  silences: plannedSilences,
  maintenance: plannedSilences,
  inhibition: listOf(
    objectOf({ source: matchers, target: matchers } satisfies FieldsOf<Inhibition>),
  ),
  escalation: listOf(
    objectOf({ afterUs: integer, severities: listOf(severity) } satisfies FieldsOf<EscalationStep>),
  ),
} satisfies FieldsOf<Configuration>)
