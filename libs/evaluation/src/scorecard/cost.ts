import { compareRatio } from '../ratio.ts'

// Amounts are integers in minor units of one currency; months are calendar months in UTC.

export type CostTrend = 'stable' | 'new_spend' | 'spiking' | 'increasing' | 'decreasing'

/** From one month to the next; `previous` null: there is no month before. Source: domain.md section 5. */
export const costTrend = (previous: number | null, latest: number): CostTrend => {
  if (previous === null) return 'stable'
  if (previous === 0) return latest === 0 ? 'stable' : 'new_spend'
  const change = latest - previous
  const base = Math.abs(previous)
  if (compareRatio(change, base, 200_000) > 0) return 'spiking'
  if (compareRatio(change, base, 50_000) > 0) return 'increasing'
  return compareRatio(change, base, -50_000) < 0 ? 'decreasing' : 'stable'
}

/** A budget of 0 or none is not set, and never exceeded. */
export const isOverBudget = (latest: number, budget: number | null): boolean =>
  budget !== null && budget > 0 && latest > budget

/** What the whole month comes to at the rate so far, to the nearest minor unit; null before any of it has passed. */
export const costForecast = (
  spent: number,
  month: { readonly elapsedUs: number; readonly lengthUs: number },
): number | null => {
  if (month.elapsedUs <= 0) return null
  const elapsed = BigInt(month.elapsedUs)
  const doubled = BigInt(spent) * BigInt(month.lengthUs) * 2n + elapsed
  return Number(floorDivide(doubled, elapsed * 2n))
}

export const budgetNotices = [50, 75, 90, 100] as const
export type BudgetNotice = (typeof budgetNotices)[number]

/** The highest percentage of the budget at which notice is given and which the spend has reached; null below the first. */
export const budgetNotice = (spent: number, budget: number | null): BudgetNotice | null => {
  if (budget === null || budget <= 0) return null
  return (
    budgetNotices.findLast((percent) => compareRatio(spent, budget, percent * 10_000) >= 0) ?? null
  )
}

const floorDivide = (a: bigint, b: bigint): bigint => {
  const quotient = a / b
  return a % b < 0n ? quotient - 1n : quotient
}
