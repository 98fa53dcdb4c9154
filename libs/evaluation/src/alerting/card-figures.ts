import { unreachable, type CostState, type ScorecardCondition } from '@tidemark/model'
import type { Assessment } from '../assessment.ts'
import { amountText, monthText } from '../format.ts'
import { governanceText, reliabilityText } from '../scorecard/reasons.ts'
import type { Figures } from './figures.ts'
import type { Observed } from './verdict.ts'

/** What a rule about a scorecard has found. */
export const cardFigures = (
  when: ScorecardCondition,
  { state: { service }, costs, reliability, governance }: Assessment,
  isOver: boolean,
): Figures => {
  switch (when.card) {
    case 'cost':
      return costFigures(service, costs, when.above, isOver)
    case 'reliability': {
      const value = reliability.score === null ? null : String(reliability.score)
      const under = `${isOver ? 'no longer ' : ''}under ${when.scoreBelow}`
      const words = `${service}: ${reliabilityText(reliability)}, ${under}`
      return { value, limit: String(when.scoreBelow), count: null, words }
    }
    case 'governance': {
      const text = governance === null ? 'governance not applicable' : governanceText(governance)
      const value = governance?.status ?? null
      return { value, limit: when.worseThan, count: null, words: `${service}: ${text}` }
    }
    default:
      return unreachable(when)
  }
}

/** The card that a rule looks at, in words, one reason each. */
export const cardReasons = (
  when: ScorecardCondition,
  { costs, reliability, governance }: Pick<Observed, 'costs' | 'reliability' | 'governance'>,
): readonly string[] => {
  switch (when.card) {
    case 'cost':
      return budgeted(costs).map(costReason)
    case 'reliability':
      return [reliabilityText(reliability)]
    case 'governance':
      return governance === null ? [] : [governanceText(governance)]
    default:
      return unreachable(when)
  }
}

type Budgeted = CostState & { readonly budgetMinor: number }

/** Only where a budget is set there is something to judge. */
const budgeted = (costs: readonly CostState[]): readonly Budgeted[] =>
  costs.filter((cost): cost is Budgeted => cost.budgetMinor !== null)

/** Of the currency that has a budget. */
const costFigures = (
  service: string,
  costs: readonly CostState[],
  above: 'budget' | 'forecast',
  isOver: boolean,
): Figures => {
  const cost = budgeted(costs)[0]
  const what = above === 'budget' ? 'cost' : 'forecast'
  const than = `${isOver ? 'no longer ' : ''}above its budget`
  if (cost === undefined)
    return { value: null, limit: null, count: null, words: `${service}: ${what} ${than}` }
  const { currency, amountMinor, forecastMinor, budgetMinor, monthStartUs } = cost
  const amount = above === 'budget' ? amountMinor : forecastMinor
  const value = amount === null ? null : amountText(amount, currency)
  const limit = amountText(budgetMinor, currency)
  const words = `${service}: ${what} ${value ?? 'unknown'} for ${monthText(monthStartUs)} ${than} of ${limit}`
  return { value, limit, count: null, words }
}

const costReason = ({ currency, ...cost }: Budgeted): string => {
  const { monthStartUs, amountMinor, budgetMinor, forecastMinor, trend } = cost
  const forecast = forecastMinor === null ? '' : `, forecast ${amountText(forecastMinor, currency)}`
  return `${monthText(monthStartUs)}: ${amountText(amountMinor, currency)} of ${amountText(budgetMinor, currency)}${forecast}, ${trend}`
}
