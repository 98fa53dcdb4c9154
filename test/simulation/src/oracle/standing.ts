import { someText } from './differing.ts'
import { sum } from './lists.ts'

/** Domain rules, section 8: points for what is wrong, each with a reason. */
export const standingOf = ({
  missed,
  score,
  governance,
  isOverBudget,
}: {
  readonly missed: number
  readonly score: number | null
  readonly governance: string | null
  readonly isOverBudget: boolean
}): object => {
  const given = [
    missed > 0 ? 2 : 0,
    score === null ? 0 : score < 50 ? 2 : score < 70 ? 1 : 0,
    governance !== null && governance !== 'compliant' ? 1 : 0,
    isOverBudget ? 1 : 0,
  ].filter((points) => points > 0)
  const points = sum(given)
  return {
    status: points >= 4 ? 'critical' : points >= 2 ? 'degraded' : 'healthy',
    points,
    reasons: given.map(() => someText),
  }
}
