import {
  operators,
  signalNames,
  type Operator,
  type ScorecardCondition,
  type SignalName,
} from '@tidemark/model'
import { durationOf, durationTextOf } from './duration.ts'
import { accepted, refused, shown, type Outcome } from './outcome.ts'
import { ratioOf, ratioText } from './ratio.ts'

// What the key `when` of a rule says.

export type SignalCondition = {
  readonly signal: SignalName
  readonly operator: Operator
  /** Parts per million for ratios, microseconds for latencies. */
  readonly value: number
}

export const isLatency = (signal: SignalName): boolean =>
  signal !== 'error_rate' && signal !== 'availability'

export const signalForms = `a condition like "p95 > 200ms" or "error_rate >= 5%": one of ${signalNames.join(', ')}; one of ${operators.join(', ')}; and a value`

export const signalConditionOf = (text: string): Outcome<SignalCondition> => {
  const [, name, sign, given = ''] = /^([a-z_0-9]+)\s*([<>]=?)\s*(\S.*)$/.exec(text.trim()) ?? []
  const signal = signalNames.find((known) => known === name)
  const operator = operators.find((known) => known === sign)
  if (signal === undefined || operator === undefined)
    return refused(`${shown(text)} is not ${signalForms}`)
  const value = isLatency(signal) ? durationOf(given) : ratioOf(given)
  return value.ok ? accepted({ signal, operator, value: value.value }) : value
}

export const signalConditionText = ({ signal, operator, value }: SignalCondition): string =>
  `${signal} ${operator} ${isLatency(signal) ? durationTextOf(value) : ratioText(value)}`

export const budgetForms = 'a condition like "remaining < 10%", which may be negative'

/** Parts per million of the error budget. */
export const budgetConditionOf = (text: string): Outcome<number> => {
  const [, given] = /^remaining\s*<\s*(\S.*)$/.exec(text.trim()) ?? []
  return given === undefined ? refused(`${shown(text)} is not ${budgetForms}`) : ratioOf(given)
}

export const budgetConditionText = (ppm: number): string => `remaining < ${ratioText(ppm)}`

export const scorecardForms =
  '"cost > budget", "forecast > budget", "reliability < 70" (or another score), "governance < compliant" or "governance < partial"'

export const scorecardConditionOf = (text: string): Outcome<ScorecardCondition> => {
  const condition = text.trim().replaceAll(/\s*([<>])\s*/g, ' $1 ')
  const fixed = fixedConditions.find(([form]) => form === condition)
  if (fixed !== undefined) return accepted(fixed[1])
  const [, score] = /^reliability < (\d{1,4})$/.exec(condition) ?? []
  return score === undefined
    ? refused(`${shown(text)} is none of ${scorecardForms}`)
    : accepted({ card: 'reliability', scoreBelow: Number(score) })
}

const fixedConditions: readonly (readonly [string, ScorecardCondition])[] = [
  ['cost > budget', { card: 'cost', above: 'budget' }],
  ['forecast > budget', { card: 'cost', above: 'forecast' }],
  ['governance < compliant', { card: 'governance', worseThan: 'compliant' }],
  ['governance < partial', { card: 'governance', worseThan: 'partial' }],
]

export const scorecardConditionText = (when: ScorecardCondition): string => {
  switch (when.card) {
    case 'cost':
      return when.above === 'budget' ? 'cost > budget' : 'forecast > budget'
    case 'reliability':
      return `reliability < ${when.scoreBelow}`
    case 'governance':
      return `governance < ${when.worseThan}`
  }
}
