import { burnFactor, canFire, sloKey } from '@tidemark/evaluation'
import {
  unreachable,
  type BurnWindow,
  type Configuration,
  type Rule,
  type Slo,
} from '@tidemark/model'
import { decimalText } from '../quantity/decimal.ts'
import { durationTextOf } from '../quantity/duration.ts'
import { ratioText } from '../quantity/ratio.ts'
import { error, errorIf, warningIf, type Finding } from './finding.ts'
import { sloName, sloIsOf } from './slo-name.ts'

const dayUs = 86_400_000_000
const million = 1_000_000

/** Of a calendar month: the longest one, where a factor is largest. */
export const periodUsOf = ({ period }: Slo): number =>
  (period.kind === 'rolling' ? period.days : 31) * dayUs

type SloRule = Extract<Rule, { readonly kind: 'burn-rate' | 'budget' }>

/** Rules on error budgets that can never fire or always do, on objectives that are not there, over windows that are not kept. */
export const budgetFindings = ({ rules, slos, services }: Configuration): readonly Finding[] =>
  rules.flatMap((rule): readonly Finding[] => {
    switch (rule.kind) {
      case 'burn-rate':
        return [...coveredFindings(rule, slos), ...burnFindings(rule, slos)]
      case 'budget':
        return [...coveredFindings(rule, slos), ...remainingFindings(rule, slos)]
      case 'scorecard':
        return scorecardFindings(rule, services)
      case 'health':
      case 'threshold':
      case 'absence':
        return []
      default:
        return unreachable(rule)
    }
  })

const coveredFindings = (rule: SloRule, slos: readonly Slo[]): readonly Finding[] => {
  const known = new Set(slos.map(({ id }) => id))
  const path = ['rules', rule.id, 'slos']
  const covered = slos.filter(sloIsOf(rule))
  return [
    ...(rule.slos ?? []).flatMap((id) =>
      errorIf(
        !known.has(id),
        path,
        `${id} is the id of no objective; there are ${[...known].sort().slice(0, 20).join(', ')}`,
      ),
    ),
    ...errorIf(
      covered.length > 0 && covered.every(({ targetPpm }) => targetPpm >= million),
      path,
      'its objectives all have a target of 100%, which leaves no budget: it can never fire',
    ),
    ...errorIf(
      covered.length === 0 && (rule.slos === null || rule.slos.length === 0),
      path,
      'there is no objective for it to look at: it can never fire',
    ),
  ]
}

const burnFindings = (
  rule: Extract<Rule, { readonly kind: 'burn-rate' }>,
  slos: readonly Slo[],
): readonly Finding[] => [
  ...errorIf(
    rule.windows.length === 0,
    ['rules', rule.id, 'windows'],
    'no pair of windows: it can never fire',
  ),
  ...rule.windows.flatMap((window, at) =>
    slos
      .filter(sloIsOf(rule))
      .flatMap((slo) => pairFindings(window, slo, ['rules', rule.id, 'windows', String(at)])),
  ),
]

const pairFindings = (
  window: BurnWindow,
  slo: Slo,
  path: readonly string[],
): readonly Finding[] => {
  const { targetPpm } = slo
  const periodUs = periodUsOf(slo)
  const { longUs } = window
  const factor = burnFactor(window, periodUs)
  const pair = `${durationTextOf(longUs)}/${durationTextOf(window.shortUs)}`
  if (longUs > periodUs)
    return [
      error(
        [...path, 'long'],
        `${durationTextOf(longUs)} is longer than ${sloName(slo)} is kept, ${durationTextOf(periodUs)}`,
        ['slos', sloKey(slo), 'period'],
      ),
    ]
  if (targetPpm >= million || canFire(factor, targetPpm)) return []
  const month = slo.period.kind === 'calendar-month' ? ' in a month of 31 days' : ''
  return [
    error(
      path,
      `${pair} on ${sloName(slo)}: a factor at or above 1/(1 - target) can never fire. ${factorText(factor)} is not below ${maximumText(targetPpm)} at a target of ${ratioText(targetPpm)}${month}: take a smaller budget, or leave the objective out by slos`,
      ['slos', sloKey(slo), 'target'],
    ),
  ]
}

/** A factor with up to two decimals, rounded down. */
export const factorText = ({ part, whole }: { part: bigint; whole: bigint }): string =>
  decimalText(Number((part * 100n) / whole), 2)

/** 1/(1 - target), rounded down, too. */
const maximumText = (targetPpm: number): string =>
  decimalText(Math.floor((million * 100) / (million - targetPpm)), 2)

const remainingFindings = (
  rule: Extract<Rule, { readonly kind: 'budget' }>,
  slos: readonly Slo[],
): readonly Finding[] => {
  const { remainingBelowPpm } = rule
  const path = ['rules', rule.id, 'when']
  if (remainingBelowPpm > million)
    return [
      error(
        path,
        `at most 100% is ever left, so less than ${ratioText(remainingBelowPpm)} always is`,
      ),
    ]
  return slos.filter(sloIsOf(rule)).flatMap((slo) => {
    if (slo.targetPpm >= million) return []
    // When everything fails 1 - 1/(1 - target) is left.
    const least = BigInt(million) * BigInt(-slo.targetPpm)
    const isBelowLeast = BigInt(remainingBelowPpm) * BigInt(million - slo.targetPpm) <= least
    return errorIf(
      isBelowLeast,
      path,
      `${sloName(slo)} never has less than ${ratioText(Math.ceil(Number(least) / (million - slo.targetPpm)))} left, not even when everything fails: less than ${ratioText(remainingBelowPpm)} can never be`,
    )
  })
}

const scorecardFindings = (
  { id, when }: Extract<Rule, { readonly kind: 'scorecard' }>,
  services: Configuration['services'],
): readonly Finding[] => {
  const path = ['rules', id, 'when']
  switch (when.card) {
    case 'cost':
      return warningIf(
        !services.some(({ budget }) => budget !== null && budget.amountMinor > 0),
        path,
        'no service has a budget: it never fires',
      )
    case 'reliability':
      return [
        ...errorIf(when.scoreBelow === 0, path, 'no score is below 0: it can never fire'),
        ...errorIf(
          when.scoreBelow > 100,
          path,
          `every score is at most 100, so it is always below ${when.scoreBelow}`,
        ),
      ]
    case 'governance':
      return []
    default:
      return unreachable(when)
  }
}
