import type { Severity } from '@tidemark/model'
import type { SloCounts } from './budget.ts'

const hourUs = 3_600_000_000
const dayUs = 24 * hourUs

/** A pair of windows, both of which must burn faster than the factor. */
export type BurnRate = {
  readonly severity: Severity
  readonly longUs: number
  readonly shortUs: number
  /** Share of the budget, in parts per million, that a burn at the factor spends in the long window. */
  readonly budgetPpm: number
}

/** Source: domain.md section 4. */
export const burnRates: readonly BurnRate[] = [
  { severity: 'page', longUs: hourUs, shortUs: hourUs / 12, budgetPpm: 20_000 },
  { severity: 'page', longUs: 6 * hourUs, shortUs: hourUs / 2, budgetPpm: 50_000 },
  { severity: 'warning', longUs: dayUs, shortUs: 2 * hourUs, budgetPpm: 100_000 },
  { severity: 'warning', longUs: 3 * dayUs, shortUs: 6 * hourUs, budgetPpm: 100_000 },
]

/** How much faster than the objective allows, as a ratio of integers: budget share x period / long window. */
export type BurnFactor = { readonly part: bigint; readonly whole: bigint }

export const burnFactor = (rate: BurnRate, periodUs: number): BurnFactor => ({
  part: BigInt(rate.budgetPpm) * BigInt(periodUs),
  whole: 1_000_000n * BigInt(rate.longUs),
})

/** A factor at or above 1 / (1 - target) can never fire: not even a total outage burns that fast. */
export const canFire = ({ part, whole }: BurnFactor, targetPpm: number): boolean =>
  part * BigInt(1_000_000 - targetPpm) < whole * 1_000_000n

/** How long a total outage takes to page, before window and grace: factor x (1 - target) x long window, rounded up. */
export const timeToPageUs = (
  { part, whole }: BurnFactor,
  targetPpm: number,
  longUs: number,
): number => {
  const us = part * BigInt(1_000_000 - targetPpm) * BigInt(longUs)
  const unit = whole * 1_000_000n
  return Number((us + unit - 1n) / unit)
}

const badMin = 3
/** z = 1.96, squared and times ten thousand: two-sided 95 %. */
const zSquared = 38_416n
const zSquaredUnit = 10_000n

/**
 * Whether both windows burn faster than the factor, and the long one beyond doubt: at least 3 bad events, and the lower bound of its error
 * ratio (Wilson) above factor x (1 - target). Null where a window holds no events. All of it in integers: that Wilson's lower bound is
 * above t says the same as p > t and n (p - t)^2 > z^2 t (1 - t).
 */
export const burns = (
  long: SloCounts,
  short: SloCounts,
  factor: BurnFactor,
  targetPpm: number,
): boolean | null => {
  if (long.valid === 0 || short.valid === 0) return null
  const limit = {
    part: factor.part * BigInt(1_000_000 - targetPpm),
    whole: factor.whole * 1_000_000n,
  }
  return long.bad >= badMin && isAbove(short, limit) && isAboveForSure(long, limit)
}

const isAbove = ({ valid, bad }: SloCounts, limit: BurnFactor): boolean =>
  BigInt(bad) * limit.whole > limit.part * BigInt(valid)

const isAboveForSure = ({ valid, bad }: SloCounts, limit: BurnFactor): boolean => {
  const { part, whole } = limit
  const n = BigInt(valid)
  // p - t = difference / (n whole); t above 1 cannot be exceeded, and p > t leaves no such t.
  const difference = BigInt(bad) * whole - part * n
  if (difference <= 0n) return false
  return difference * difference * zSquaredUnit > zSquared * n * part * (whole - part)
}
