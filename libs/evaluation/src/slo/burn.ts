import type { BurnWindow, SloCounts } from '@tidemark/model'

/** A ratio of integers: a factor, or the error ratio above which a budget burns faster than one. */
export type BurnRatio = { readonly part: bigint; readonly whole: bigint }

const million = 1_000_000n

/** How much faster than the objective allows: budget share x period / long window. Source: domain.md section 4. */
export const burnFactor = (
  { budgetPpm, longUs }: Pick<BurnWindow, 'budgetPpm' | 'longUs'>,
  periodUs: number,
): BurnRatio => reduced(BigInt(budgetPpm) * BigInt(periodUs), million * BigInt(longUs))

/** The error ratio of a burn at the factor: factor x (1 - target). */
export const burnLimit = ({ part, whole }: BurnRatio, targetPpm: number): BurnRatio =>
  reduced(part * (million - BigInt(targetPpm)), whole * million)

/** A factor at or above 1 / (1 - target) can never fire: not even a total outage burns that fast. */
export const canFire = ({ part, whole }: BurnRatio, targetPpm: number): boolean =>
  part * (million - BigInt(targetPpm)) < whole * million

/** How long a total outage takes to page, before window and grace: factor x (1 - target) x long window, rounded up. */
export const timeToPageUs = (
  { part, whole }: BurnRatio,
  targetPpm: number,
  longUs: number,
): number => {
  const us = part * (million - BigInt(targetPpm)) * BigInt(longUs)
  const unit = whole * million
  return Number((us + unit - 1n) / unit)
}

const badMin = 3
/** z = 1.96, squared and times ten thousand: two-sided 95 %. */
const zSquared = 38_416n
const zSquaredUnit = 10_000n

/**
 * Whether both windows burn faster than the limit, and the long one beyond doubt: at least 3 bad events, and the lower bound of its error
 * ratio (Wilson) above the limit. Null where a window holds no events. All of it in integers: that Wilson's lower bound is above t says
 * the same as p > t and n (p - t)^2 > z^2 t (1 - t).
 */
export const burns = (long: SloCounts, short: SloCounts, limit: BurnRatio): boolean | null => {
  if (long.valid === 0 || short.valid === 0) return null
  // Most objectives stop here, before any large integer is made.
  if (long.bad < badMin || short.bad === 0) return false
  return isAbove(short, limit) && isAboveForSure(long, limit)
}

/** In plain numbers where the products stay exact, which they nearly always do: large integers take most of the time of a healthy objective. */
const isAbove = ({ valid, bad }: SloCounts, { part, whole }: BurnRatio): boolean => {
  const left = bad * Number(whole)
  const right = Number(part) * valid
  if (Number.isSafeInteger(left) && Number.isSafeInteger(right)) return left > right
  return BigInt(bad) * whole > part * BigInt(valid)
}

const isAboveForSure = (counts: SloCounts, limit: BurnRatio): boolean => {
  if (!isAbove(counts, limit)) return false
  const { part, whole } = limit
  const n = BigInt(counts.valid)
  // p - t = difference / (n whole); t above 1 cannot be exceeded, and p > t leaves no such t.
  const difference = BigInt(counts.bad) * whole - part * n
  return difference * difference * zSquaredUnit > zSquared * n * part * (whole - part)
}

const reduced = (part: bigint, whole: bigint): BurnRatio => {
  let [a, b] = [part, whole]
  while (b > 0n) [a, b] = [b, a % b]
  return { part: part / a, whole: whole / a }
}
