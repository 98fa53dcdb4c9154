import {
  compareUtf8,
  type CostRecorded,
  type CostState,
  type CostTrend,
  type MonthlyBudget,
} from '@tidemark/model'
import { monthBefore, monthOf } from '../calendar.ts'
import { compareRatio } from '../ratio.ts'

// Amounts are integers in minor units of one currency; months are calendar months in UTC.

/** What was recorded of a month in one currency. */
export type MonthCost = Pick<
  CostRecorded,
  'currency' | 'monthStartUs' | 'throughUs' | 'amountMinor'
>

export const monthsMax = 13
export const currenciesMax = 10

/**
 * With what a fact says of a month, in place of what was known of it. Sorted by currency, then month. Beyond 13 months of a currency the
 * oldest is forgotten, beyond 10 currencies the one whose newest month is oldest.
 */
export const withCost = (
  costs: readonly MonthCost[],
  { currency, monthStartUs, throughUs, amountMinor }: MonthCost,
): readonly MonthCost[] => {
  const startUs = monthOf(monthStartUs).startUs
  const isSame = (cost: MonthCost): boolean =>
    cost.currency === currency && cost.monthStartUs === startUs
  const all = [
    ...costs.filter((cost) => !isSame(cost)),
    { currency, monthStartUs: startUs, throughUs, amountMinor },
  ].toSorted((a, b) => compareUtf8(a.currency, b.currency) || a.monthStartUs - b.monthStartUs)
  const byCurrency = Object.values(Object.groupBy(all, (cost) => cost.currency)).map(
    (months = []) => months.slice(-monthsMax),
  )
  const newestOf = (months: readonly MonthCost[]): number => months.at(-1)?.monthStartUs ?? 0
  const kept = new Set(
    byCurrency.toSorted((a, b) => newestOf(b) - newestOf(a)).slice(0, currenciesMax),
  )
  return byCurrency.filter((months) => kept.has(months)).flat()
}

/** The newest month of each currency that has begun at a window's end. Source: domain.md section 5. */
export const costStates = (
  costs: readonly MonthCost[],
  budget: MonthlyBudget | null,
  windowEndUs: number,
): readonly CostState[] => {
  const begun = costs.filter(({ monthStartUs }) => monthStartUs < windowEndUs)
  return begun
    .filter((cost, at) => begun[at + 1]?.currency !== cost.currency)
    .map((newest) => {
      const { startUs } = monthBefore(newest.monthStartUs)
      const previous = begun.find(
        ({ currency, monthStartUs }) => currency === newest.currency && monthStartUs === startUs,
      )
      return costState(newest, previous?.amountMinor ?? null, budget)
    })
}

const costState = (
  { currency, monthStartUs, throughUs, amountMinor }: MonthCost,
  previousMinor: number | null,
  budget: MonthlyBudget | null,
): CostState => {
  const { startUs, endUs } = monthOf(monthStartUs)
  const isSet = budget?.currency === currency && budget.amountMinor > 0
  const budgetMinor = isSet ? budget.amountMinor : null
  const elapsedUs = Math.min(Math.max(throughUs, startUs), endUs) - startUs
  return {
    currency,
    monthStartUs,
    amountMinor,
    previousMinor,
    trend: costTrend(previousMinor, amountMinor),
    budgetMinor,
    overBudget: isOverBudget(amountMinor, budgetMinor),
    forecastMinor: costForecast(amountMinor, { elapsedUs, lengthUs: endUs - startUs }),
    noticePercent: budgetNotice(amountMinor, budgetMinor),
  }
}

/** From one month to the next; `previous` null: nothing is known of the month before. Source: domain.md section 5. */
export const costTrend = (previous: number | null, latest: number): CostTrend => {
  if (previous === null) return 'stable'
  if (previous === 0) return latest === 0 ? 'stable' : 'new_spend'
  const change = (BigInt(latest) - BigInt(previous)) * 100n
  const base = BigInt(Math.abs(previous))
  if (change > base * 20n) return 'spiking'
  if (change > base * 5n) return 'increasing'
  return change < base * -5n ? 'decreasing' : 'stable'
}

/** A budget of 0 or none is not set, and never exceeded. */
export const isOverBudget = (latest: number, budget: number | null): boolean =>
  budget !== null && budget > 0 && latest > budget

/**
 * What the whole month comes to at the rate so far, to the nearest minor unit, cut at the largest and smallest amount; null before any of it has
 * passed.
 */
export const costForecast = (
  spent: number,
  month: { readonly elapsedUs: number; readonly lengthUs: number },
): number | null => {
  if (month.elapsedUs <= 0) return null
  const elapsed = BigInt(month.elapsedUs)
  const doubled = BigInt(spent) * BigInt(month.lengthUs) * 2n + elapsed
  return cut(floorDivide(doubled, elapsed * 2n))
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

/** Sum of amounts, cut at the largest and smallest one. */
export const sumOfAmounts = (amounts: readonly number[]): number =>
  cut(amounts.reduce((total, amount) => total + BigInt(amount), 0n))

/** The longs that every reader of Avro in JavaScript takes. */
export const amountMax = 2 ** 53 - 2
export const amountMin = -(2 ** 52)

const cut = (value: bigint): number => {
  if (value > BigInt(amountMax)) return amountMax
  return value < BigInt(amountMin) ? amountMin : Number(value)
}

const floorDivide = (a: bigint, b: bigint): bigint => {
  const quotient = a / b
  return a % b < 0n ? quotient - 1n : quotient
}
