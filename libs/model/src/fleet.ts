import type { AlertMarks } from './alerts.ts'
import type { GovernanceCheck } from './configuration.ts'
import type { InputRange } from './digest.ts'
import type { EvidenceResult } from './facts.ts'
import type { HealthStatus, Severity, Signals } from './health.ts'
import type { Id } from './identity.ts'
import type { InputTopic } from './topics.ts'

// What the evaluator and the reporter say of services and of the platform.

/** What the evaluator's and reporter's records are caused by: the `index`-th output of a window. */
export type WindowCause = {
  readonly partition: number
  readonly windowEndUs: number
  readonly index: number
}

/** Position of an input partition, as its first `PartitionAdvanced` past a window's close gave it. */
export type InputPosition = {
  readonly topic: InputTopic
  readonly partition: number
  readonly position: number
}

/** Judgement of one service at the end of one window. */
export type ServiceAssessed = FleetRow & {
  readonly type: 'ServiceAssessed'
  readonly cause: WindowCause
  readonly id: Id
  readonly windowStartUs: number
  readonly windowEndUs: number
  /** True when a window of the horizon is incomplete. */
  readonly incomplete: boolean
  readonly inputs: readonly InputRange[]
  /** How fast each objective's budget burns, by objective and pair of windows. */
  readonly burns: readonly SloBurn[]
}

/** Good and bad events of an objective over two windows that end with the judged one. */
export type SloBurn = {
  readonly slo: string
  readonly severity: Severity
  readonly longUs: number
  readonly shortUs: number
  readonly long: SloCounts
  readonly short: SloCounts
  /** Null where a window holds no events. */
  readonly isBurning: boolean | null
}

/** Events of an objective: `bad` of the valid ones missed it. */
export type SloCounts = { readonly valid: number; readonly bad: number }

export type FleetRow = {
  readonly service: string
  readonly status: HealthStatus
  readonly sinceUs: number
  /** The signal that caused the status is absent; the status is held. */
  readonly stale: boolean
  readonly registered: boolean
  readonly team: string | null
  readonly tier: string | null
  readonly signals: Signals
  /** In the order of the configuration. */
  readonly slos: readonly SloState[]
  /** Sorted by currency. */
  readonly costs: readonly CostState[]
  readonly reliability: ReliabilityScore
  /** Null for services that are not registered. */
  readonly governance: Governance | null
  readonly standing: Standing
}

/** What a row says of a service of which nothing but its signals is known. */
export const noScorecards: Pick<
  FleetRow,
  'slos' | 'costs' | 'reliability' | 'governance' | 'standing'
> = {
  slos: [],
  costs: [],
  reliability: {
    score: null,
    parts: [
      { dimension: 'uptime', points: null, pointsMax: 40 },
      { dimension: 'repair', points: null, pointsMax: 25 },
      { dimension: 'incidents', points: null, pointsMax: 20 },
      { dimension: 'changes', points: null, pointsMax: 15 },
    ],
    checksPassed: 0,
    checksTotal: 0,
    incidents: 0,
    repairs: 0,
    repairMeanUs: null,
    repairMedianUs: null,
    deployments: 0,
    deploymentsFailed: 0,
  },
  governance: null,
  standing: { status: 'healthy', points: 0, reasons: [] },
}

/** Where an objective stands at a window's end. */
export type SloState = {
  readonly slo: string
  /** Of indicator and threshold: with another one, counting starts anew. */
  readonly objectiveId: Id
  readonly targetPpm: number
  /** Beginning of what is counted: of the period, or of the objective where that is younger. */
  readonly fromUs: number
  readonly counts: SloCounts
  /** The running hour alone. */
  readonly hour: SloCounts
  /** Worst severity of the pairs of windows that burn; null: none. */
  readonly burning: Severity | null
}

export const costTrends = ['stable', 'new_spend', 'spiking', 'increasing', 'decreasing'] as const
export type CostTrend = (typeof costTrends)[number]

/** The newest month with a cost in one currency; amounts in minor units. */
export type CostState = {
  readonly currency: string
  readonly monthStartUs: number
  readonly amountMinor: number
  readonly previousMinor: number | null
  readonly trend: CostTrend
  /** Null: not set, or set in another currency. */
  readonly budgetMinor: number | null
  readonly overBudget: boolean
  /** What the month comes to at the rate so far; null before any of it has passed. */
  readonly forecastMinor: number | null
  /** Highest of 50, 75, 90, 100 percent of the budget that was reached. */
  readonly noticePercent: number | null
}

export const reliabilityDimensions = ['uptime', 'repair', 'incidents', 'changes'] as const
export type ReliabilityDimension = (typeof reliabilityDimensions)[number]

export type ReliabilityPart = {
  readonly dimension: ReliabilityDimension
  /** Null: no evidence; left out of sum and maximum. */
  readonly points: number | null
  readonly pointsMax: number
}

/** Source: domain.md section 6. What it rests on are the last 30 days. */
export type ReliabilityScore = {
  /** 0 to 100; null without any evidence. */
  readonly score: number | null
  readonly parts: readonly ReliabilityPart[]
  readonly checksPassed: number
  readonly checksTotal: number
  readonly incidents: number
  /** Incidents that ended, and the mean and median time that took. */
  readonly repairs: number
  readonly repairMeanUs: number | null
  readonly repairMedianUs: number | null
  readonly deployments: number
  readonly deploymentsFailed: number
}

export const governanceStatuses = ['compliant', 'partial', 'non_compliant'] as const
export type GovernanceStatus = (typeof governanceStatuses)[number]

export type GovernanceFinding = {
  readonly check: GovernanceCheck
  readonly result: EvidenceResult
  /** Why it failed or is skipped; null where it passed. */
  readonly message: string | null
  /** Where it expires. */
  readonly untilUs: number | null
}

/** Source: domain.md section 7. */
export type Governance = {
  readonly status: GovernanceStatus
  readonly findings: readonly GovernanceFinding[]
}

/** All dimensions together, never merged with the live status. Source: domain.md section 8. */
export const standingStatuses = ['healthy', 'degraded', 'critical'] as const
export type StandingStatus = (typeof standingStatuses)[number]
export type Standing = {
  readonly status: StandingStatus
  readonly points: number
  readonly reasons: readonly string[]
}

export type FleetAlert = AlertMarks & {
  readonly alertId: Id
  readonly fingerprint: Id
  readonly rule: string
  readonly service: string
  readonly slo: string | null
  readonly severity: Severity
  readonly raisedAtUs: number
  readonly summary: string
}

/** Traffic of services that the configuration says to ignore. */
export type IgnoredTraffic = { readonly service: string; readonly events: number }

/** One evaluator partition at the end of one window, in `parts` of at most 500 rows and so many that one record holds them. */
export type FleetSlice = {
  readonly type: 'FleetSlice'
  readonly cause: WindowCause
  readonly id: Id
  readonly partition: number
  readonly windowStartUs: number
  readonly windowEndUs: number
  /** Window end of this partition's slice before this one; null: the first. Windows between were unwatched. */
  readonly previousWindowEndUs: number | null
  readonly part: number
  readonly parts: number
  /** Sorted by service. */
  readonly rows: readonly FleetRow[]
  /** Part 0 only, here and below: firing alerts, their true number and the 20 most severe newest. */
  readonly alertCount: number
  readonly alerts: readonly FleetAlert[]
  readonly ignored: readonly IgnoredTraffic[]
  readonly positions: readonly InputPosition[]
}

/** What rows add up to. */
export type PlatformTotals = {
  /** Objectives that are not met, of those that have events. */
  readonly slosMissed: number
  readonly slosJudged: number
  /** The newest month of each service, per currency; different currencies are never added. Sorted. */
  readonly costs: readonly CostTotal[]
  readonly overBudget: number
  /** Sum and number of the scores that are there: their ratio is the average. */
  readonly reliabilitySum: number
  readonly reliabilityCount: number
  /** Services whose governance is not compliant, of those that are registered. */
  readonly governanceFailures: number
}

export const noTotals: PlatformTotals = {
  slosMissed: 0,
  slosJudged: 0,
  costs: [],
  overBudget: 0,
  reliabilitySum: 0,
  reliabilityCount: 0,
  governanceFailures: 0,
}

export type CostTotal = { readonly currency: string; readonly amountMinor: number }

export type StatusSummary = { readonly [S in HealthStatus]: number }

/** The whole platform at the end of one window. */
export type PlatformReported = {
  readonly type: 'PlatformReported'
  readonly cause: WindowCause
  readonly id: Id
  readonly asOfUs: number
  readonly overallHealth: HealthStatus
  readonly serviceCount: number
  readonly summary: StatusSummary
  readonly alertCount: number
  readonly alerts: readonly FleetAlert[]
  readonly alertsOmitted: number
  /** The 1,000 worst, worst first, then by name. */
  readonly services: readonly FleetRow[]
  readonly servicesOmitted: number
  /** Of all services, those left out included. */
  readonly totals: PlatformTotals
  readonly ignored: readonly IgnoredTraffic[]
  readonly positions: readonly InputPosition[]
}
