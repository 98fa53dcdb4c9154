import type { CostRecorded, MonthlyBudget } from '@tidemark/model'
import { byText } from './lists.ts'
import { monthOf } from './spans.ts'

export type Cost = {
  readonly currency: string
  readonly monthStartUs: number
  readonly amountMinor: number
  readonly previousMinor: number | null
  readonly trend: string
  readonly budgetMinor: number | null
  readonly overBudget: boolean
  readonly forecastMinor: number | null
  readonly noticePercent: number | null
}

/** Domain rules, section 5, of all that was ever recorded of a service, oldest first. */
export const costsOf = (
  recorded: readonly CostRecorded[],
  budget: MonthlyBudget | null,
): readonly Cost[] =>
  [...Map.groupBy(recorded, ({ currency }) => currency)]
    .sort(([a], [b]) => byText(a, b))
    .map(([currency, facts]) => {
      const monthStartUs = Math.max(...facts.map((fact) => fact.monthStartUs))
      const latest = facts.findLast((fact) => fact.monthStartUs === monthStartUs)!
      const beforeUs = monthOf(monthStartUs - 1).fromUs
      const previous = facts.findLast((fact) => fact.monthStartUs === beforeUs)?.amountMinor ?? null
      const isSet = budget !== null && budget.currency === currency && budget.amountMinor > 0
      const budgetMinor = isSet ? budget.amountMinor : null
      const { amountMinor } = latest
      return {
        ...{ currency, monthStartUs, amountMinor, previousMinor: previous },
        trend: trendOf(previous, amountMinor),
        budgetMinor,
        overBudget: budgetMinor !== null && amountMinor > budgetMinor,
        forecastMinor: forecastOf(latest),
        noticePercent:
          budgetMinor === null
            ? null
            : ([100, 90, 75, 50].find(
                (percent) => BigInt(amountMinor) * 100n >= BigInt(percent) * BigInt(budgetMinor),
              ) ?? null),
      }
    })

const trendOf = (previous: number | null, latest: number): string => {
  if (previous === null) return 'stable'
  if (previous === 0) return latest === 0 ? 'stable' : 'new_spend'
  // In hundredths of the previous amount, whatever its sign.
  const change = BigInt(latest - previous) * 100n
  const base = BigInt(Math.abs(previous))
  if (change > 20n * base) return 'spiking'
  if (change > 5n * base) return 'increasing'
  return change < -5n * base ? 'decreasing' : 'stable'
}

/** To the nearest minor unit, halves upwards. */
const forecastOf = ({ monthStartUs, throughUs, amountMinor }: CostRecorded): number | null => {
  const month = monthOf(monthStartUs)
  const elapsedUs = BigInt(Math.min(throughUs, month.toUs) - month.fromUs)
  if (elapsedUs <= 0n) return null
  const twice = 2n * BigInt(amountMinor) * BigInt(month.toUs - month.fromUs) + elapsedUs
  const below = 2n * elapsedUs
  return Number(twice / below) - (twice < 0n && twice % below !== 0n ? 1 : 0)
}
