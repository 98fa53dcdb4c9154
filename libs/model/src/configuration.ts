import { canonicalJson } from './canonical.ts'
import type { Severity } from './health.ts'
import { contentId, type Id } from './identity.ts'

/**
 * What services, objectives and rules there are, its defaults resolved: all that may change while data flows. The one that is in force from
 * the beginning stands in the layout; later ones are stored in `catalog` by their id and activated by a fact. Ratios are in parts per
 * million, times and latencies in microseconds: integers, so that comparisons are exact.
 */
export type Configuration = {
  readonly horizonUs: number
  readonly requestsMin: number
  readonly checksMin: number
  /** For services that have none of their own. */
  readonly health: HealthThresholds
  readonly improveAfterWindows: number
  readonly downFailuresMin: number
  readonly staleAfterUs: number
  readonly absentAfterUs: number
  readonly forgetAfterUs: number
  /** What happens to services that `services` does not name. */
  readonly unregistered: 'register' | 'ignore'
  /** Unregistered services that one partition follows at a time. */
  readonly unregisteredMax: number
  /** Sorted by name, each once. */
  readonly services: readonly RegisteredService[]
  readonly slos: readonly Slo[]
  readonly rules: readonly Rule[]
  readonly silences: readonly PlannedSilence[]
  /** Services under maintenance; matchers look at labels of services only. */
  readonly maintenance: readonly PlannedSilence[]
  readonly inhibition: readonly Inhibition[]
  /** In order of `afterUs`. */
  readonly escalation: readonly EscalationStep[]
}

export type RegisteredService = {
  readonly service: string
  readonly team: string | null
  readonly tier: string | null
  readonly owner: string | null
  /** Where to look things up; what is there passes the governance check of the same name. */
  readonly runbook: string | null
  readonly documentation: string | null
  readonly incidentResponse: string | null
  readonly budget: MonthlyBudget | null
  /** Governance checks that are not asked for now. */
  readonly skips: readonly GovernanceSkip[]
  /** Null: the configuration's. */
  readonly health: HealthThresholds | null
}

/** An amount in minor units of its currency (cents), per calendar month (UTC). */
export type MonthlyBudget = { readonly currency: string; readonly amountMinor: number }

export type GovernanceSkip = {
  readonly check: GovernanceCheck
  readonly reason: string
  readonly untilUs: number
}

/** Source: domain.md section 7. */
export const governanceChecks = [
  'runbook',
  'monitoring',
  'owner',
  'documentation',
  'incident_response',
] as const
export type GovernanceCheck = (typeof governanceChecks)[number]

export type HealthThresholds = {
  readonly degraded: Thresholds
  readonly critical: Thresholds
  /** Entered below `availabilityBelowPpm`, left at or above `availabilityExitPpm`. */
  readonly down: { readonly availabilityBelowPpm: number; readonly availabilityExitPpm: number }
}

export type Thresholds = {
  readonly errorRateAbovePpm: number
  readonly p99AboveUs: number
  readonly errorRateExitPpm: number
  readonly p99ExitUs: number
}

/** A service level objective: so many of the valid events of a period must be good. Source: domain.md section 4. */
export type Slo = {
  readonly id: string
  /** Null: every registered service that has no objective of this id of its own. */
  readonly service: string | null
  readonly indicator: Indicator
  /** Above 0, up to 1,000,000. */
  readonly targetPpm: number
  readonly period: SloPeriod
}

export type Indicator =
  /** Good requests of all. Bad is what the producer says, or else requests with a status of these ranges. */
  | { readonly kind: 'availability'; readonly badStatuses: readonly StatusRange[] | null }
  /** Requests at or under a threshold; the slot that holds it counts as under. */
  | { readonly kind: 'latency'; readonly thresholdUs: number }
  /** Passed health checks of all. */
  | { readonly kind: 'uptime' }
  /** As latency, over operations whose name matches; `*` stands for any characters. */
  | { readonly kind: 'job-latency'; readonly thresholdUs: number; readonly operations: string }

/** Both ends included. */
export type StatusRange = { readonly from: number; readonly to: number }

export type SloPeriod =
  | { readonly kind: 'rolling'; readonly days: number }
  /** In UTC. */
  | { readonly kind: 'calendar-month' }

export const signalNames = ['error_rate', 'availability', 'p50', 'p95', 'p99', 'p999'] as const
export type SignalName = (typeof signalNames)[number]

export const operators = ['>', '>=', '<', '<='] as const
export type Operator = (typeof operators)[number]

/** What every rule has. */
export type RuleFields = {
  readonly id: string
  /** Services that it looks at, by their labels; none: all. */
  readonly match: readonly Matcher[]
  /** On its alerts, besides those that Tidemark gives; sorted by name. */
  readonly labels: readonly Label[]
  /** Template of the summary; null: the rule's own words. */
  readonly summary: string | null
  /** Null: the service's. */
  readonly runbook: string | null
  readonly forUs: number
  readonly keepFiringForUs: number
}

export type RuleKind = 'health' | 'threshold' | 'absence' | 'burn-rate' | 'budget' | 'scorecard'

export type Rule = RuleFields &
  (
    | { readonly kind: 'health' }
    | {
        readonly kind: 'threshold'
        readonly severity: Severity
        readonly signal: SignalName
        readonly operator: Operator
        /** Parts per million for ratios, microseconds for latencies. */
        readonly value: number
      }
    | { readonly kind: 'absence'; readonly severity: Severity }
    | {
        readonly kind: 'burn-rate'
        /** Ids of objectives; null: all. */
        readonly slos: readonly string[] | null
        readonly windows: readonly BurnWindow[]
      }
    | {
        readonly kind: 'budget'
        readonly severity: Severity
        readonly slos: readonly string[] | null
        /** Share of the error budget that is left, in parts per million; may be negative. */
        readonly remainingBelowPpm: number
      }
    | { readonly kind: 'scorecard'; readonly severity: Severity; readonly when: ScorecardCondition }
  )

/** Two windows that must both burn faster than the factor: budget share x period / long window. */
export type BurnWindow = {
  readonly severity: Severity
  readonly longUs: number
  readonly shortUs: number
  /** Share of the budget that a burn at the factor spends in the long window. */
  readonly budgetPpm: number
}

export type ScorecardCondition =
  | { readonly card: 'cost'; readonly above: 'budget' }
  /** Of the month's budget, by the forecast. */
  | { readonly card: 'cost'; readonly above: 'forecast' }
  | { readonly card: 'reliability'; readonly scoreBelow: number }
  | { readonly card: 'governance'; readonly worseThan: 'compliant' | 'partial' }

export type Label = { readonly name: string; readonly value: string }

/** One condition on a label: equal, not equal, or the whole value matching a pattern or not. */
export type Matcher = {
  readonly label: string
  readonly operator: MatchOperator
  readonly value: string
}
export type MatchOperator = '=' | '!=' | '=~' | '!~'

/** Holds at window ends of `[fromUs, toUs)`. */
export type PlannedSilence = {
  readonly id: string
  readonly matchers: readonly Matcher[]
  readonly fromUs: number
  readonly toUs: number
  readonly note: string | null
}

/** While an alert of a service matches `source`, its alerts that match `target` (and not `source`) are inhibited. */
export type Inhibition = {
  readonly source: readonly Matcher[]
  readonly target: readonly Matcher[]
}

/** Taken when an alert of these severities has fired so long without an answer. */
export type EscalationStep = {
  readonly afterUs: number
  readonly severities: readonly Severity[]
}

const second = 1_000_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** Source: domain.md section 4. */
export const defaultBurnWindows: readonly BurnWindow[] = [
  { severity: 'page', longUs: hour, shortUs: 5 * minute, budgetPpm: 20_000 },
  { severity: 'page', longUs: 6 * hour, shortUs: 30 * minute, budgetPpm: 50_000 },
  { severity: 'warning', longUs: day, shortUs: 2 * hour, budgetPpm: 100_000 },
  { severity: 'warning', longUs: 3 * day, shortUs: 6 * hour, budgetPpm: 100_000 },
]

/** What a rule has where nobody says otherwise. */
export const defaultRuleFields: Omit<RuleFields, 'id'> = {
  match: [],
  labels: [],
  summary: null,
  runbook: null,
  forUs: 0,
  keepFiringForUs: 0,
}

/** What a registered service has where nobody says otherwise. */
export const defaultServiceFields: Omit<RegisteredService, 'service'> = {
  team: null,
  tier: null,
  owner: null,
  runbook: null,
  documentation: null,
  incidentResponse: null,
  budget: null,
  skips: [],
  health: null,
}

const rolling30: SloPeriod = { kind: 'rolling', days: 30 }

export const defaultConfiguration: Configuration = {
  horizonUs: 60 * second,
  requestsMin: 20,
  checksMin: 5,
  health: {
    degraded: {
      errorRateAbovePpm: 50_000,
      p99AboveUs: 500_000,
      errorRateExitPpm: 40_000,
      p99ExitUs: 450_000,
    },
    critical: {
      errorRateAbovePpm: 100_000,
      p99AboveUs: 1_000_000,
      errorRateExitPpm: 80_000,
      p99ExitUs: 900_000,
    },
    down: { availabilityBelowPpm: 950_000, availabilityExitPpm: 980_000 },
  },
  improveAfterWindows: 3,
  downFailuresMin: 2,
  staleAfterUs: 10 * minute,
  absentAfterUs: minute,
  forgetAfterUs: day,
  unregistered: 'register',
  unregisteredMax: 10_000,
  services: [],
  slos: [
    {
      ...{ id: 'availability', service: null, targetPpm: 995_000, period: rolling30 },
      indicator: { kind: 'availability', badStatuses: null },
    },
    {
      ...{ id: 'latency', service: null, targetPpm: 950_000, period: rolling30 },
      indicator: { kind: 'latency', thresholdUs: 500_000 },
    },
    {
      ...{ id: 'jobs', service: null, targetPpm: 950_000, period: rolling30 },
      indicator: { kind: 'job-latency', thresholdUs: 10 * second, operations: 'job:*' },
    },
  ],
  rules: [
    { ...defaultRuleFields, kind: 'health', id: 'health' },
    {
      ...defaultRuleFields,
      ...{ kind: 'threshold', id: 'latency-p95', severity: 'warning' },
      ...{ signal: 'p95', operator: '>', value: 200_000, forUs: minute },
    },
    {
      ...defaultRuleFields,
      ...{ kind: 'threshold', id: 'error-rate', severity: 'warning' },
      ...{ signal: 'error_rate', operator: '>', value: 50_000, forUs: minute },
    },
    { ...defaultRuleFields, kind: 'absence', id: 'absence', severity: 'critical' },
    {
      ...defaultRuleFields,
      ...{ kind: 'burn-rate', id: 'slo-burn', slos: null, windows: defaultBurnWindows },
    },
  ],
  silences: [],
  maintenance: [],
  inhibition: [
    {
      source: [
        { label: 'rule', operator: '=', value: 'health' },
        { label: 'severity', operator: '=', value: 'page' },
      ],
      target: [{ label: 'severity', operator: '!=', value: 'page' }],
    },
  ],
  escalation: [
    { afterUs: 15 * minute, severities: ['page'] },
    { afterUs: hour, severities: ['page', 'critical'] },
  ],
}

/** The same configuration has the same id on every machine. Of one object it is worked out once: with ten thousand services that takes a while. */
export const configurationId = (configuration: Configuration): Id => {
  const known = ids.get(configuration) ?? contentId(canonicalJson(configuration))
  ids.set(configuration, known)
  return known
}

const ids = new WeakMap<Configuration, Id>()
