import { compareUtf8, type CostTotal, type FleetRow, type PlatformTotals } from '@tidemark/model'
import { sumOfAmounts } from './scorecard/cost.ts'
import { isMet } from './slo/budget.ts'

/** What rows add up to. Source: domain.md section 9. */
export const totalsOf = (rows: readonly FleetRow[]): PlatformTotals => {
  const judged = rows.flatMap(({ slos }) =>
    slos.flatMap(({ counts, targetPpm }) => isMet(counts, targetPpm) ?? []),
  )
  const scores = rows.flatMap(({ reliability }) => reliability.score ?? [])
  return {
    slosMissed: judged.filter((met) => !met).length,
    slosJudged: judged.length,
    costs: addCosts(rows.flatMap(({ costs }) => costs)),
    overBudget: rows.filter(({ costs }) => costs.some(({ overBudget }) => overBudget)).length,
    reliabilitySum: scores.reduce((sum, score) => sum + score, 0),
    reliabilityCount: scores.length,
    governanceFailures: rows.filter(
      ({ governance }) => governance !== null && governance.status !== 'compliant',
    ).length,
  }
}

export const addTotals = (totals: readonly PlatformTotals[]): PlatformTotals => {
  const sum = (of: (each: PlatformTotals) => number): number =>
    totals.reduce((total, each) => total + of(each), 0)
  return {
    slosMissed: sum(({ slosMissed }) => slosMissed),
    slosJudged: sum(({ slosJudged }) => slosJudged),
    costs: addCosts(totals.flatMap(({ costs }) => costs)),
    overBudget: sum(({ overBudget }) => overBudget),
    reliabilitySum: sum(({ reliabilitySum }) => reliabilitySum),
    reliabilityCount: sum(({ reliabilityCount }) => reliabilityCount),
    governanceFailures: sum(({ governanceFailures }) => governanceFailures),
  }
}

/** Per currency, sorted: different ones are never added. */
const addCosts = (costs: readonly CostTotal[]): readonly CostTotal[] =>
  Object.entries(Object.groupBy(costs, ({ currency }) => currency))
    .map(([currency, of = []]) => ({
      currency,
      amountMinor: sumOfAmounts(of.map(({ amountMinor }) => amountMinor)),
    }))
    .toSorted((a, b) => compareUtf8(a.currency, b.currency))
