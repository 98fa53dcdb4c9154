import type { Operator, Rule, SignalName } from '@tidemark/model'
import { isLeftBelow, worstBurn, type Burn } from './burns.ts'
import type { Cost } from './cost.ts'
import type { Governance } from './governance.ts'
import type { Status } from './health.ts'
import type { Counts } from './objectives.ts'
import type { Reliability } from './reliability.ts'
import type { Signals } from './signals.ts'

/** What a rule may look at. */
export type View = {
  readonly status: Status | 'maintenance'
  readonly stale: boolean
  readonly signals: Signals
  /** Null where silence is not judged. */
  readonly silence: { readonly sends: boolean; readonly silentUs: number } | null
  readonly absentAfterUs: number
  readonly costs: readonly Cost[]
  readonly reliability: Reliability
  readonly governance: Governance | null
  /** Of the objective that the rule is judged of. */
  readonly objective: {
    readonly targetPpm: number
    readonly counts: Counts
    /** Of the rule's pairs of windows. */
    readonly burns: readonly Burn[]
  } | null
}

/** Severity of what is wrong, `clear`, or null where nothing can be said. */
export type Verdict = string | null

/** Domain rules, sections 3 to 7. `firing`: what the rule's condition fires with, null where it does not. */
export const verdictOf = (rule: Rule, view: View, firing: string | null): Verdict => {
  switch (rule.kind) {
    case 'absence':
      if (view.silence === null) return null
      if (view.silence.sends) return 'clear'
      return view.silence.silentUs >= view.absentAfterUs ? rule.severity : null
    case 'health':
      return ofHealth(view, firing)
    case 'threshold':
      return either(rule.severity, isPast(rule.signal, rule.operator, rule.value, view.signals))
    case 'burn-rate': {
      const known = view.objective!.burns.filter(({ isBurning }) => isBurning !== null)
      return known.length === 0 ? null : (worstBurn(known)?.window.severity ?? 'clear')
    }
    case 'budget': {
      const { counts, targetPpm } = view.objective!
      return either(rule.severity, isLeftBelow(counts, targetPpm, rule.remainingBelowPpm))
    }
    case 'scorecard':
      return either(rule.severity, isCardBad(rule.when, view))
  }
}

const either = (severity: string, isBad: boolean | null): Verdict =>
  isBad === null ? null : isBad ? severity : 'clear'

const ofHealth = ({ status, stale, signals }: View, firing: string | null): Verdict => {
  if (status === 'maintenance' || status === 'unknown') return null
  if (status === 'healthy') return stale ? null : 'clear'
  // A lesser status is no evidence against the one that fires while what caused that is absent.
  if (firing === 'page' && status !== 'down' && signals.availability === null) return null
  if (firing === 'critical' && status === 'degraded' && signals.errorRate === null) return null
  return { down: 'page', critical: 'critical', degraded: 'warning' }[status]
}

/** Compared in whole numbers; of a latency's slot all must be past the threshold, or none short of it. */
const isPast = (
  signal: SignalName,
  operator: Operator,
  value: number,
  { errorRate, availability, latency }: Signals,
): boolean | null => {
  if (signal === 'error_rate' || signal === 'availability') {
    const [part, whole] =
      signal === 'error_rate'
        ? [errorRate?.failed, errorRate?.total]
        : [availability?.passed, availability?.total]
    if (part === undefined || whole === undefined) return null
    return holds(operator, BigInt(part) * 1_000_000n, BigInt(value) * BigInt(whole))
  }
  if (latency === null) return null
  const { lowUs, highUs } = latency[signal]
  return operator.startsWith('>')
    ? holds(operator, BigInt(lowUs), BigInt(value))
    : holds(operator, BigInt(highUs), BigInt(value))
}

const holds = (operator: Operator, left: bigint, right: bigint): boolean =>
  ({ '>': left > right, '>=': left >= right, '<': left < right, '<=': left <= right })[operator]

type Condition = Extract<Rule, { readonly kind: 'scorecard' }>['when']

const isCardBad = (when: Condition, { costs, reliability, governance }: View): boolean | null => {
  switch (when.card) {
    case 'cost': {
      const judged = costs.filter(
        ({ budgetMinor, forecastMinor }) =>
          budgetMinor !== null && (when.above === 'budget' || forecastMinor !== null),
      )
      if (judged.length === 0) return null
      return judged.some(({ overBudget, forecastMinor, budgetMinor }) =>
        when.above === 'budget' ? overBudget : forecastMinor! > budgetMinor!,
      )
    }
    case 'reliability':
      return reliability.score === null ? null : reliability.score < when.scoreBelow
    case 'governance':
      if (governance === null) return null
      return when.worseThan === 'compliant'
        ? governance.status !== 'compliant'
        : governance.status === 'non_compliant'
  }
}
