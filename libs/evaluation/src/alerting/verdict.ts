import {
  unreachable,
  type BurnWindow,
  type Configuration,
  type CostState,
  type Governance,
  type HealthStatus,
  type Operator,
  type ReliabilityScore,
  type Rule,
  type ScorecardCondition,
  type Severity,
  type Signals,
} from '@tidemark/model'
import type { Classification } from '../classify.ts'
import { compareRatio } from '../ratio.ts'
import { budgetRemaining } from '../slo/budget.ts'
import { burnOver, type JudgedSlo } from '../slo/judge-slos.ts'
import { isEvident, type HealthTracker } from '../tracker.ts'
import type { Verdict } from './condition.ts'
import type { AlertSubject } from './rules.ts'
import { isWorseSeverity, severityOf } from './severity.ts'

/** What rules look at: a service at the end of a window. */
export type Observed = {
  readonly tracker: HealthTracker
  /** The tracker's, or maintenance. */
  readonly status: HealthStatus
  readonly signals: Signals
  /** `null` where silence is not judged: the service is not expected in this partition. */
  readonly silence: Silence | null
  /** Of its objectives, in the order of the service plan. */
  readonly slos: readonly JudgedSlo[]
  readonly costs: readonly CostState[]
  readonly reliability: ReliabilityScore
  readonly governance: Governance | null
}

/** How long a service has sent nothing while somebody watched; `sends` is true when this window holds something of it. */
export type Silence = { readonly sends: boolean; readonly silentUs: number }

/** What a rule says of a service at the end of a window. `firing`: severity of its own condition while that fires. */
export const verdictOf = (
  { prepared: { rule }, slo }: AlertSubject,
  observed: Observed,
  firing: Severity | null,
  { absentAfterUs }: Pick<Configuration, 'absentAfterUs'>,
): Verdict => {
  switch (rule.kind) {
    case 'health':
      return healthVerdict(observed, firing)
    case 'threshold':
      return saidBy(comparesSignal(observed.signals, rule), rule.severity)
    case 'absence':
      return absenceVerdict(observed.silence, rule.severity, absentAfterUs)
    case 'burn-rate':
      return burnVerdict(rule.windows, sloOf(observed, slo))
    case 'budget':
      return saidBy(isBudgetBelow(sloOf(observed, slo), rule.remainingBelowPpm), rule.severity)
    case 'scorecard':
      return saidBy(isCardBad(rule.when, observed), rule.severity)
    default:
      return unreachable(rule)
  }
}

/** What is judged of an objective that an alert is about. */
export const sloOf = ({ slos }: Pick<Observed, 'slos'>, slo: string | null): JudgedSlo | null =>
  slos.find(({ state }) => state.slo === slo) ?? null

const absent: Verdict = { kind: 'absent' }
const clear: Verdict = { kind: 'clear' }
const active: { readonly [S in Severity]: Verdict } = {
  page: { kind: 'active', severity: 'page' },
  critical: { kind: 'active', severity: 'critical' },
  warning: { kind: 'active', severity: 'warning' },
}

/** Null: nothing can be said. */
const saidBy = (isTrue: boolean | null, severity: Severity): Verdict =>
  isTrue === null ? absent : isTrue ? active[severity] : clear

const healthVerdict = (
  { tracker: { stale }, status, signals }: Observed,
  firing: Severity | null,
): Verdict => {
  const severity = severityOf(status)
  if (severity === null) return status === 'healthy' && !stale ? clear : absent
  // A lesser status is no evidence against the one that fires, when what caused that is absent.
  const lessens = firing !== null && isWorseSeverity(firing, severity)
  return lessens && !isEvident(causeOf[firing], signals) ? absent : active[severity]
}

const causeOf: { readonly [S in Severity]: Classification } = {
  page: 'down',
  critical: 'critical',
  warning: 'degraded',
}

const absenceVerdict = (
  silence: Silence | null,
  severity: Severity,
  absentAfterUs: number,
): Verdict => {
  if (silence === null) return absent
  if (silence.sends) return clear
  return silence.silentUs >= absentAfterUs ? active[severity] : absent
}

type ThresholdRule = Extract<Rule, { readonly kind: 'threshold' }>

/** Whether the condition holds; null where its signal is absent. A latency is past a threshold when all of its slot is. */
const comparesSignal = (
  { errorRate, availability, latency }: Signals,
  { signal, operator, value }: ThresholdRule,
): boolean | null => {
  switch (signal) {
    case 'error_rate':
      return errorRate && holds(operator, compareRatio(errorRate.failed, errorRate.total, value))
    case 'availability':
      return (
        availability &&
        holds(operator, compareRatio(availability.passed, availability.total, value))
      )
    case 'p50':
    case 'p95':
    case 'p99':
    case 'p999': {
      if (latency === null) return null
      const { lowUs, highUs } = latency[signal]
      const isUpwards = operator === '>' || operator === '>='
      return holds(operator, (isUpwards ? lowUs : highUs) - value)
    }
    default:
      return unreachable(signal)
  }
}

/** `comparison`: above 0 where what is measured is more than the limit. */
const holds = (operator: Operator, comparison: number): boolean => {
  switch (operator) {
    case '>':
      return comparison > 0
    case '>=':
      return comparison >= 0
    case '<':
      return comparison < 0
    case '<=':
      return comparison <= 0
    default:
      return unreachable(operator)
  }
}

/** The worst severity that burns; absent where no pair of windows holds anything. */
const burnVerdict = (pairs: readonly BurnWindow[], slo: JudgedSlo | null): Verdict => {
  if (slo === null) return absent
  let worst: Severity | null = null
  let isKnown = false
  for (const pair of pairs) {
    const isBurning = burnOver(slo, pair)?.isBurning ?? null
    if (isBurning !== null) isKnown = true
    if (isBurning === true && (worst === null || isWorseSeverity(pair.severity, worst)))
      worst = pair.severity
  }
  if (worst !== null) return active[worst]
  return isKnown ? clear : absent
}

const isBudgetBelow = (slo: JudgedSlo | null, belowPpm: number): boolean | null => {
  const remaining = slo && budgetRemaining(slo.state.counts, slo.state.targetPpm)
  return remaining && remaining.part * 1_000_000n < BigInt(belowPpm) * remaining.whole
}

/** Null where there is nothing to judge. */
const isCardBad = (
  when: ScorecardCondition,
  { costs, reliability, governance }: Observed,
): boolean | null => {
  switch (when.card) {
    case 'cost':
      return isAnyCostAbove(costs, when.above)
    case 'reliability':
      return reliability.score === null ? null : reliability.score < when.scoreBelow
    case 'governance':
      if (governance === null) return null
      return when.worseThan === 'compliant'
        ? governance.status !== 'compliant'
        : governance.status === 'non_compliant'
    default:
      return unreachable(when)
  }
}

const isAnyCostAbove = (
  costs: readonly CostState[],
  above: 'budget' | 'forecast',
): boolean | null => {
  const judged = costs.flatMap(({ budgetMinor, overBudget, forecastMinor }) => {
    if (budgetMinor === null) return []
    if (above === 'budget') return [overBudget]
    return forecastMinor === null ? [] : [forecastMinor > budgetMinor]
  })
  return judged.length === 0 ? null : judged.includes(true)
}
