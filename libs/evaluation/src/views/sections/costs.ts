import type { CostState, CostTrend } from '@tidemark/model'
import { amountText, changeText, counted, monthText, percentText } from '../../format.ts'
import type { PlatformReport } from '../../platform.ts'
import { sectionOf, type ColumnOf, type Section, type Tone } from '../section.ts'
import { absentText } from '../text-table.ts'

type ServiceCost = { readonly service: string; readonly cost: CostState }

/** What services cost in their newest month, those over budget first, then the dearest of each currency. */
export const costsSection = (report: PlatformReport, rowsMax: number): Section => {
  const { costs, overBudget } = report.totals
  const total = costs.map(({ amountMinor, currency }) => amountText(amountMinor, currency))
  const over = overBudget === 0 ? '' : `; ${counted(overBudget, 'service')} over budget`
  return sectionOf({
    name: 'costs',
    title:
      total.length === 0 ? 'No costs recorded' : `Cost of the month: ${total.join(', ')}${over}`,
    columns: costColumns,
    rows: report.services
      .flatMap(({ service, costs: own }) => own.map((cost) => ({ service, cost })))
      .toSorted(byWeight),
    rowsMax,
    noun: 'cost',
  })
}

const byWeight = (a: ServiceCost, b: ServiceCost): number =>
  Number(b.cost.overBudget) - Number(a.cost.overBudget) ||
  (a.cost.currency < b.cost.currency ? -1 : a.cost.currency > b.cost.currency ? 1 : 0) ||
  b.cost.amountMinor - a.cost.amountMinor

const costColumns: readonly ColumnOf<ServiceCost>[] = [
  { title: 'SERVICE', text: ({ service }) => service },
  { title: 'MONTH', text: ({ cost }) => monthText(cost.monthStartUs) },
  {
    title: 'COST',
    align: 'right',
    text: ({ cost }) => amountText(cost.amountMinor, cost.currency),
    tone: ({ cost }) => (cost.overBudget ? 'bad' : null),
  },
  {
    title: 'BUDGET',
    align: 'right',
    text: ({ cost: { budgetMinor, currency } }) =>
      budgetMinor === null ? absentText : amountText(budgetMinor, currency),
  },
  {
    title: 'USED',
    align: 'right',
    text: ({ cost }) => usedText(cost),
    tone: ({ cost }) => noticeTone(cost),
  },
  {
    title: 'FORECAST',
    align: 'right',
    drop: 1,
    text: ({ cost: { forecastMinor, currency } }) =>
      forecastMinor === null ? absentText : amountText(forecastMinor, currency),
  },
  {
    title: 'TREND',
    text: ({ cost }) => trendText(cost),
    tone: ({ cost }) => trendTone(cost.trend),
  },
]

/** Of the budget; absent without one. */
export const usedText = ({ amountMinor, budgetMinor }: CostState): string =>
  budgetMinor === null || budgetMinor <= 0 || amountMinor < 0
    ? absentText
    : percentText(amountMinor, budgetMinor)

/** Against the month before, where there is one to compare with. */
export const trendText = ({ trend, previousMinor, amountMinor }: CostState): string => {
  const words = trend.replace('_', ' ')
  return previousMinor === null || previousMinor <= 0
    ? words
    : `${words} ${changeText(previousMinor, amountMinor)}`
}

const trendTone = (trend: CostTrend): Tone | null =>
  trend === 'spiking' ? 'bad' : trend === 'increasing' ? 'poor' : null

const noticeTone = ({ overBudget, noticePercent }: CostState): Tone | null =>
  overBudget ? 'bad' : noticePercent !== null && noticePercent >= 75 ? 'poor' : null
