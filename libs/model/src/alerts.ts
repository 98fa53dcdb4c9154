import type { BurnWindow, Label, Operator, SignalName } from './configuration.ts'
import type { InputRange } from './digest.ts'
import type { WindowCause, SloCounts } from './fleet.ts'
import type { HealthStatus, Severity, Signals } from './health.ts'
import type { Id } from './identity.ts'

// What the evaluator says of alerts.

/** Value in parts per million for ratios, microseconds for latencies. */
export type AlertCondition = {
  readonly signal: SignalName
  readonly operator: Operator
  readonly value: number
  readonly forUs: number
}

export type AlertEvidence = {
  readonly ruleId: Id
  readonly configurationId: Id
  /** Status of the service before and after; for threshold rules both are the current one. */
  readonly previousStatus: HealthStatus
  readonly status: HealthStatus
  /** The horizon's signals with bounds and counts. */
  readonly signals: Signals
  /** True when a window of the horizon is incomplete: the signals rest on what was left of it. */
  readonly incomplete: boolean
  /** Threshold rules only. */
  readonly condition: AlertCondition | null
  /** Burn-rate rules: the pair of windows that gives the severity. */
  readonly burn: BurnEvidence | null
  /** Budget rules only. */
  readonly budget: BudgetEvidence | null
  /** Scorecard rules only: the card in words, one reason a line. */
  readonly reasons: readonly string[]
}

export type BurnEvidence = BurnWindow & {
  readonly targetPpm: number
  readonly long: SloCounts
  readonly short: SloCounts
}

export type BudgetEvidence = {
  readonly targetPpm: number
  readonly counts: SloCounts
  readonly remainingBelowPpm: number
}

/** Somebody's answer to an alert. */
export type Acknowledgement = {
  readonly by: string | null
  readonly note: string | null
  /** End of the first window that it acts on. */
  readonly atUs: number
  /** A snooze ends; null: until the alert is resolved. */
  readonly untilUs: number | null
}

/** What an alert carries besides its state. */
export type AlertMarks = {
  /** It changes too often to tell each change; the last state is told when that ends. */
  readonly flapping: boolean
  /** Ids of silences and maintenance that hide it, sorted. */
  readonly silencedBy: readonly string[]
  /** The alert of the same service that makes it superfluous. */
  readonly inhibitedBy: Id | null
  readonly acknowledgement: Acknowledgement | null
  /** Escalation steps taken. */
  readonly escalation: number
}

export const noMarks: AlertMarks = {
  flapping: false,
  silencedBy: [],
  inhibitedBy: null,
  acknowledgement: null,
  escalation: 0,
}

export type AlertFields = AlertMarks & {
  readonly cause: WindowCause
  readonly id: Id
  readonly alertId: Id
  readonly fingerprint: Id
  /** Numbered from 1 per fingerprint. */
  readonly episode: number
  readonly rule: string
  readonly service: string
  /** Of rules about objectives. */
  readonly slo: string | null
  /** All that matchers see, sorted by name. */
  readonly labels: readonly Label[]
  readonly runbook: string | null
  readonly severity: Severity
  readonly windowStartUs: number
  readonly windowEndUs: number
  /** End of the window that raised it. */
  readonly raisedAtUs: number
  readonly summary: string
  readonly evidence: AlertEvidence
  readonly inputs: readonly InputRange[]
}

export type AlertRaised = AlertFields & { readonly type: 'AlertRaised' }
export type AlertSeverityChanged = AlertFields & {
  readonly type: 'AlertSeverityChanged'
  readonly previousSeverity: Severity
}
/** Somebody has answered; or an answer has ended, when `acknowledgement` is null. */
export type AlertAcknowledged = AlertFields & { readonly type: 'AlertAcknowledged' }
/** Nobody has answered for so long that the next step is due; `escalation` counts it. */
export type AlertEscalated = AlertFields & { readonly type: 'AlertEscalated' }
/** Silences, inhibition or flapping are not what they were at its last event. */
export type AlertMarked = AlertFields & { readonly type: 'AlertMarked' }
export type AlertResolved = AlertFields & {
  readonly type: 'AlertResolved'
  readonly reason: 'recovered' | 'rule_removed' | 'service_removed' | 'flapping_ended'
  readonly resolvedAtUs: number
}
export type AlertEvent =
  | AlertRaised
  | AlertSeverityChanged
  | AlertAcknowledged
  | AlertEscalated
  | AlertMarked
  | AlertResolved

const alertEventTypes = {
  AlertRaised: true,
  AlertSeverityChanged: true,
  AlertAcknowledged: true,
  AlertEscalated: true,
  AlertMarked: true,
  AlertResolved: true,
} as const satisfies { readonly [T in AlertEvent['type']]: true }

export const isAlertEvent = <E extends { readonly type: string }>(
  event: E,
): event is Extract<E, AlertEvent> => Object.hasOwn(alertEventTypes, event.type)
