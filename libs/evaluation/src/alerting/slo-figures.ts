import type { BurnEvidence, BurnWindow, Rule, Severity, SloCounts } from '@tidemark/model'
import { durationText, multipleText, permilleText, ppmText } from '../format.ts'
import { budgetRemaining, permille } from '../slo/budget.ts'
import { burnOver, type JudgedSlo } from '../slo/judge-slos.ts'
import type { Figures } from './figures.ts'

type BurnRule = Extract<Rule, { readonly kind: 'burn-rate' }>
type BudgetRule = Extract<Rule, { readonly kind: 'budget' }>

/** How fast an objective's budget burns: at `15.2x` it would last a 15.2th of its period. */
export const burnFigures = (
  service: string,
  rule: BurnRule,
  slo: JudgedSlo,
  severity: Severity,
  isOver: boolean,
): Figures => {
  const { targetPpm, long, short, longUs, shortUs, budgetPpm } = burnEvidence(rule, slo, severity)
  const value = burnText(long, targetPpm)
  const limit = `${ppmText(budgetPpm)} of the budget in ${durationText(longUs)}`
  const speeds = `${value} over ${durationText(longUs)} and ${burnText(short, targetPpm)} over ${durationText(shortUs)}`
  const verb = isOver ? 'no longer burns too fast,' : 'burns'
  const what = `${service}: ${slo.state.slo} ${verb} ${speeds}`
  return {
    value,
    limit,
    count: long.valid,
    words: `${what}, limit ${limit} (target ${ppmText(targetPpm)}, ${badText(long)})`,
  }
}

/** How much of an objective's error budget is left; below 0 it is overdrawn. */
export const budgetFigures = (
  service: string,
  { remainingBelowPpm }: BudgetRule,
  { state: { slo, counts, targetPpm } }: JudgedSlo,
  isOver: boolean,
): Figures => {
  const remaining = budgetRemaining(counts, targetPpm)
  const value = remaining && permilleText(permille(remaining))
  const limit = ppmText(remainingBelowPpm)
  const left = `${service}: ${slo} has ${value ?? 'none'} of its error budget left`
  const under = `${isOver ? 'no longer ' : ''}under ${limit}`
  const words = `${left}, ${under} (target ${ppmText(targetPpm)}, ${badText(counts)})`
  return { value, limit, count: counts.valid, words }
}

/**
 * The pair of windows that stands for a severity: the first of them that burns, or else the first there is; where none has the severity,
 * the first of all.
 */
export const burnEvidence = (rule: BurnRule, slo: JudgedSlo, severity: Severity): BurnEvidence => {
  const isBurning = (pair: BurnWindow): boolean => burnOver(slo, pair)?.isBurning === true
  const ofSeverity = rule.windows.filter((pair) => pair.severity === severity)
  const pair = ofSeverity.find(isBurning) ?? ofSeverity[0] ?? rule.windows[0]!
  const { long, short } = burnOver(slo, pair) ?? { long: noCounts, short: noCounts }
  return { ...pair, targetPpm: slo.state.targetPpm, long, short }
}

const noCounts: SloCounts = { valid: 0, bad: 0 }

const badText = ({ valid, bad }: SloCounts): string => `${bad} of ${valid} bad`

/** Error ratio by the ratio that the target allows. */
const burnText = ({ valid, bad }: SloCounts, targetPpm: number): string => {
  const allowed = BigInt(valid) * BigInt(1_000_000 - targetPpm)
  return allowed === 0n ? multipleText(0n, 1n) : multipleText(BigInt(bad) * 1_000_000n, allowed)
}
