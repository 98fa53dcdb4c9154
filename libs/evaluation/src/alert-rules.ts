import {
  canonicalJson,
  contentId,
  unreachable,
  type AlertCondition,
  type Configuration,
  type HealthStatus,
  type Id,
  type Operator,
  type Rule,
  type Severity,
  type Signals,
} from '@tidemark/model'
import type { AlertTiming, Verdict } from './alert-life-cycle.ts'
import type { Classification } from './classify.ts'
import { compareRatio } from './ratio.ts'
import { isEvident, type HealthTracker } from './tracker.ts'

/** A rule with what follows from it alone. */
export type PreparedRule = {
  readonly rule: Rule
  readonly ruleId: Id
  readonly timing: AlertTiming
  readonly condition: AlertCondition | null
}

/** What a rule looks at. */
export type Subject = {
  readonly tracker: HealthTracker
  readonly signals: Signals
  /** `null` where silence is not judged: the service is not expected in this partition. */
  readonly silence: Silence | null
  /** Severity of the rule's own alert while it fires. */
  readonly firing: Severity | null
}

/** How long a service has sent nothing while somebody watched; `sends` is true when this window holds something of it. */
export type Silence = { readonly sends: boolean; readonly silentUs: number }

export const prepareRules = ({ rules }: Configuration): readonly PreparedRule[] =>
  rules.map((rule) => ({
    rule,
    ruleId: contentId(canonicalJson(rule)),
    timing: rule,
    condition: rule.kind === 'threshold' ? conditionOf(rule) : null,
  }))

/** What `rule` says of a service at the end of a window. */
export const verdictOf = (
  rule: Rule,
  subject: Subject,
  { absentAfterUs }: Pick<Configuration, 'absentAfterUs'>,
): Verdict => {
  switch (rule.kind) {
    case 'health':
      return healthVerdict(subject)
    case 'threshold': {
      const isTrue = compareSignal(subject.signals, rule)
      if (isTrue === null) return absent
      return isTrue ? { kind: 'active', severity: rule.severity } : clear
    }
    case 'absence': {
      const { silence } = subject
      if (silence === null) return absent
      if (silence.sends) return clear
      return silence.silentUs >= absentAfterUs
        ? { kind: 'active', severity: rule.severity }
        : absent
    }
    case 'burn-rate':
    case 'budget':
    case 'scorecard':
      return absent
    default:
      return unreachable(rule)
  }
}

/** Identity of what a rule says of a service, over all its episodes. */
export const fingerprintOf = (ruleId: string, service: string): Id =>
  contentId(canonicalJson([ruleId, service]))

/** Identity of one episode: where it was raised belongs to it, so a replay gives it again. */
export const alertIdOf = (fingerprint: Id, windowStartUs: number): Id =>
  contentId(canonicalJson([fingerprint, windowStartUs]))

export const severityOf = (status: HealthStatus): Severity | null => {
  switch (status) {
    case 'down':
      return 'page'
    case 'critical':
      return 'critical'
    case 'degraded':
      return 'warning'
    case 'healthy':
    case 'unknown':
    case 'maintenance':
      return null
    default:
      return unreachable(status)
  }
}

const absent: Verdict = { kind: 'absent' }
const clear: Verdict = { kind: 'clear' }

const healthVerdict = ({ tracker, signals, firing }: Subject): Verdict => {
  const { status, stale } = tracker
  const severity = severityOf(status)
  if (severity === null) return status === 'healthy' && !stale ? clear : absent
  // A lesser status is no evidence against the one that fires, when what caused that is absent.
  const lessens = firing !== null && severities[firing] < severities[severity]
  return lessens && !isEvident(causeOf[firing], signals) ? absent : { kind: 'active', severity }
}

const severities: { readonly [S in Severity]: number } = { page: 0, critical: 1, warning: 2 }
const causeOf: { readonly [S in Severity]: Classification } = {
  page: 'down',
  critical: 'critical',
  warning: 'degraded',
}

type ThresholdRule = Extract<Rule, { readonly kind: 'threshold' }>

const conditionOf = ({ signal, operator, value, forUs }: ThresholdRule): AlertCondition => ({
  signal,
  operator,
  value,
  forUs,
})

/** Whether a value that compares so with its limit is past it. */
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

/** Whether the condition holds; null where its signal is absent. A latency is past a threshold when all of its slot is. */
const compareSignal = (
  { errorRate, availability, latency }: Signals,
  { signal, operator, value }: ThresholdRule,
): boolean | null => {
  const isPast = (comparison: number): boolean => holds(operator, comparison)
  switch (signal) {
    case 'error_rate':
      return errorRate && isPast(compareRatio(errorRate.failed, errorRate.total, value))
    case 'availability':
      return availability && isPast(compareRatio(availability.passed, availability.total, value))
    case 'p50':
    case 'p95':
    case 'p99':
    case 'p999': {
      if (latency === null) return null
      const { lowUs, highUs } = latency[signal]
      return holds(operator, operator.startsWith('>') ? lowUs - value : highUs - value)
    }
    default:
      return unreachable(signal)
  }
}
