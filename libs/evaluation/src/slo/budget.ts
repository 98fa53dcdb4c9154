import type { SloCounts } from '@tidemark/model'
import { compareRatio } from '../ratio.ts'

/** A ratio of integers, for exact comparison; may be negative. */
export type Ratio = { readonly part: bigint; readonly whole: bigint }

const million = 1_000_000

/** Whether good / valid reaches the target; null at 0 valid events. Source: domain.md section 4. */
export const isMet = ({ valid, bad }: SloCounts, targetPpm: number): boolean | null =>
  valid === 0 ? null : compareRatio(valid - bad, valid, targetPpm) >= 0

/**
 * Share of the error budget that is left, 1 - bad / ((1 - target) x valid), unclamped below; null at 0 valid events and for a target of
 * 100 %, which has no budget.
 */
export const budgetRemaining = ({ valid, bad }: SloCounts, targetPpm: number): Ratio | null => {
  if (valid === 0 || targetPpm >= million) return null
  const whole = BigInt(million - targetPpm) * BigInt(valid)
  return { part: whole - BigInt(bad) * BigInt(million), whole }
}

/** Failures that the budget of so many events allows, rounded down. */
export const failuresAllowed = (valid: number, targetPpm: number): number =>
  Number((BigInt(million - targetPpm) * BigInt(valid)) / BigInt(million))

/** A ratio as tenths of a percent, rounded half away from zero: 50.0 % is 500. */
export const permille = ({ part, whole }: Ratio): number => {
  const doubled = (part < 0n ? -part : part) * 2000n + whole
  const rounded = Number(doubled / (whole * 2n))
  return part < 0n ? -rounded : rounded
}
