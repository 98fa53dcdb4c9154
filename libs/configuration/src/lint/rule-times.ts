import { burnFactor, canFire, timeToPageUs } from '@tidemark/evaluation'
import {
  unreachable,
  type Configuration,
  type Layout,
  type Rule,
  type Severity,
  type SignalName,
  type Slo,
} from '@tidemark/model'
import { factorText, periodUsOf } from './budget-findings.ts'
import { sloIsOf, sloName } from './slo-name.ts'

/** How long a total outage takes to raise an alert of a rule. */
export type RuleTime = {
  readonly rule: string
  readonly severity: Severity
  /** Of rules on budgets. */
  readonly slo: string | null
  /** What is waited for besides windows: a burn, an absence, some windows of the horizon. */
  readonly conditionUs: number
  /**
   * From the first failure to the alert at worst: the rest of a window that began well, the condition in whole windows, `for` in whole windows,
   * grace, and a tick that closes the window.
   */
  readonly worstUs: number
}

/** One pair of windows on one objective. */
export type BurnTime = {
  readonly rule: string
  readonly slo: string
  readonly targetPpm: number
  readonly severity: Severity
  readonly longUs: number
  readonly shortUs: number
  readonly factor: string
  /** Of a total outage, before window and grace: factor x (1 - target) x long. Null: it can never fire. Source: domain.md section 4. */
  readonly timeToPageUs: number | null
}

type Timing = Pick<Layout, 'windowUs' | 'graceUs' | 'tickIntervalMs'>

export const burnTimes = ({ rules, slos }: Configuration): readonly BurnTime[] =>
  rules.flatMap((rule) =>
    rule.kind !== 'burn-rate'
      ? []
      : slos
          .filter((slo) => sloIsOf(rule)(slo) && slo.targetPpm < 1_000_000)
          .flatMap((slo) =>
            rule.windows.map((window): BurnTime => {
              const factor = burnFactor(window, periodUsOf(slo))
              const { severity, longUs, shortUs } = window
              const { targetPpm } = slo
              return {
                ...{ rule: rule.id, slo: sloName(slo), targetPpm, severity, longUs, shortUs },
                factor: factorText(factor),
                timeToPageUs: canFire(factor, targetPpm)
                  ? timeToPageUs(factor, targetPpm, longUs)
                  : null,
              }
            }),
          ),
  )

/** At a steady rate of requests and checks, all of which fail or take too long. Rules that no outage raises have none. */
export const ruleTimes = (configuration: Configuration, timing: Timing): readonly RuleTime[] => {
  const burns = burnTimes(configuration)
  return configuration.rules.flatMap((rule) =>
    conditionsOf(rule, configuration, burns, timing).map(
      ({ severity, slo = null, conditionUs }): RuleTime => ({
        ...{ rule: rule.id, severity, slo, conditionUs },
        worstUs: worstUs(conditionUs, rule.forUs, timing),
      }),
    ),
  )
}

const worstUs = (
  conditionUs: number,
  forUs: number,
  { windowUs, graceUs, tickIntervalMs }: Timing,
): number => {
  const windows = 1 + Math.ceil(conditionUs / windowUs) + Math.ceil(forUs / windowUs)
  return windows * windowUs + graceUs + tickIntervalMs * 1000
}

type Condition = {
  readonly severity: Severity
  readonly slo?: string
  readonly conditionUs: number
}

const conditionsOf = (
  rule: Rule,
  { health, horizonUs, absentAfterUs, slos }: Configuration,
  burns: readonly BurnTime[],
  { windowUs }: Timing,
): readonly Condition[] => {
  const windows = Math.max(1, Math.round(horizonUs / windowUs))
  const after = (severity: Severity, badWindows: number | null): readonly Condition[] =>
    badWindows === null ? [] : [{ severity, conditionUs: badWindows * windowUs }]
  switch (rule.kind) {
    case 'health':
      return [
        ...after('page', badWindowsAbove(windows, 1_000_000 - health.down.availabilityBelowPpm)),
        ...after('critical', badWindowsAbove(windows, health.critical.errorRateAbovePpm)),
        ...after('warning', badWindowsAbove(windows, health.degraded.errorRateAbovePpm)),
      ]
    case 'threshold':
      return after(rule.severity, badWindowsOf(rule, windows))
    case 'absence':
      return [{ severity: rule.severity, conditionUs: absentAfterUs }]
    case 'burn-rate':
      return fastest(burns.filter((burn) => burn.rule === rule.id))
    case 'budget':
      return slos
        .filter((slo) => sloIsOf(rule)(slo) && slo.targetPpm < 1_000_000)
        .flatMap((slo) => remainingTime(rule, slo))
    case 'scorecard':
      return []
    default:
      return unreachable(rule)
  }
}

/** The fewest windows of the horizon that must be wholly bad for a share of bad ones above this; null: not even all of them. */
const badWindowsAbove = (windows: number, abovePpm: number): number | null => {
  const bad = Math.floor((windows * abovePpm) / 1_000_000) + 1
  return bad <= windows ? Math.max(bad, 1) : null
}

const sharesAbovePpm: { readonly [S in SignalName]: number | null } = {
  ...{ error_rate: null, availability: null },
  ...{ p50: 500_000, p95: 50_000, p99: 10_000, p999: 1_000 },
}

/** Conditions that a failure brings about: more errors, fewer passed checks, longer latencies. */
const badWindowsOf = (
  { signal, operator, value }: Extract<Rule, { readonly kind: 'threshold' }>,
  windows: number,
): number | null => {
  const isUpward = operator === '>' || operator === '>='
  if (isUpward !== (signal !== 'availability')) return null
  const share = sharesAbovePpm[signal]
  if (share !== null) return badWindowsAbove(windows, share)
  const badPpm = signal === 'availability' ? 1_000_000 - value : value
  // At a share that is reached exactly, the strict operators wait for one window more.
  const isStrict = operator === '>' || operator === '<'
  return badWindowsAbove(windows, isStrict ? badPpm : badPpm - 1)
}

/** Of the pairs of each objective and severity the one that fires first. */
const fastest = (burns: readonly BurnTime[]): readonly Condition[] => {
  const best = new Map<string, Condition>()
  for (const { slo, severity, timeToPageUs: us } of burns) {
    const key = `${severity} ${slo}`
    const known = best.get(key)
    if (us !== null && (known === undefined || us < known.conditionUs))
      best.set(key, { severity, slo, conditionUs: us })
  }
  return [...best.values()]
}

/** From a whole budget: as a burn that spends what the rule lets go. */
const remainingTime = (
  rule: Extract<Rule, { readonly kind: 'budget' }>,
  slo: Slo,
): readonly Condition[] => {
  const spentPpm = BigInt(1_000_000 - rule.remainingBelowPpm)
  const us = spentPpm * BigInt(1_000_000 - slo.targetPpm) * BigInt(periodUsOf(slo))
  const conditionUs = Number(us / 1_000_000_000_000n) + 1
  return spentPpm < 0n || conditionUs > periodUsOf(slo)
    ? []
    : [{ severity: rule.severity, slo: sloName(slo), conditionUs }]
}
