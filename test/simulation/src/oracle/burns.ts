import type { BurnWindow, Slo } from '@tidemark/model'
import { countsOver, type Counts, type Objective } from './objectives.ts'
import { dayUs, monthOf } from './spans.ts'

export type Burn = {
  readonly slo: string
  readonly window: BurnWindow
  readonly long: Counts
  readonly short: Counts
  readonly isBurning: boolean | null
}

/** Domain rules, section 4, in whole numbers. */
export const burnOf = (
  slo: Slo,
  objective: Objective,
  window: BurnWindow,
  { startUs, endUs }: { readonly startUs: number; readonly endUs: number },
): Burn => {
  const long = countsOver(objective, endUs, window.longUs)
  const short = countsOver(objective, endUs, window.shortUs)
  const month = monthOf(startUs)
  const periodUs =
    slo.period.kind === 'rolling' ? slo.period.days * dayUs : month.toUs - month.fromUs
  /** The error ratio that both must be above: factor x (1 - target), as a fraction. */
  const limit = fraction(
    BigInt(window.budgetPpm) * BigInt(periodUs) * BigInt(1_000_000 - slo.targetPpm),
    1_000_000n * BigInt(window.longUs) * 1_000_000n,
  )
  const isSilent = long.valid === 0 || short.valid === 0 || slo.targetPpm >= 1_000_000
  const isBurning = isSilent
    ? null
    : long.bad >= 3 &&
      isAbove(ratioOf(long), limit) &&
      isAbove(ratioOf(short), limit) &&
      isSurelyAbove(long, limit)
  return { slo: slo.id, window, long, short, isBurning }
}

/** The first of the most severe pairs that burn. */
export const worstBurn = (burns: readonly Burn[]): Burn | undefined =>
  ['page', 'critical', 'warning']
    .map((severity) =>
      burns.find((one) => one.isBurning === true && one.window.severity === severity),
    )
    .find((one) => one !== undefined)

type Fraction = { readonly above: bigint; readonly below: bigint }
const fraction = (above: bigint, below: bigint): Fraction => ({ above, below })
const ratioOf = ({ valid, bad }: Counts): Fraction => fraction(BigInt(bad), BigInt(valid))

const isAbove = (a: Fraction, b: Fraction): boolean => a.above * b.below > b.above * a.below

/**
 * Wilson's lower bound of p = bad / n is (p + z²/2n - z √(p(1-p)/n + z²/4n²)) / (1 + z²/n). It is above t when what is left of
 * p + z²/2n - t (1 + z²/n) is positive and its square is above z² (p(1-p)/n + z²/4n²).
 */
const isSurelyAbove = ({ valid, bad }: Counts, t: Fraction): boolean => {
  // Everything times 2 n, with z² = 38416 / 10000, over the common denominator 10000 t.below.
  const [n, k, unit, z2] = [BigInt(valid), BigInt(bad), 10_000n, 38_416n]
  const left = (2n * k * unit + z2) * t.below - t.above * (2n * n * unit + 2n * z2)
  if (left <= 0n) return false
  // (2 n)² z² (p (1 - p) / n + z² / 4 n²) = z² (4 k (n - k) / n + z²)
  const rightTimesN = z2 * unit * (4n * k * (n - k)) + z2 * z2 * n
  return left * left * n > rightTimesN * t.below * t.below
}

/** Whether good of valid reaches the target; null where there is nothing to judge. */
export const isMet = ({ valid, bad }: Counts, targetPpm: number): boolean | null =>
  valid === 0 ? null : BigInt(valid - bad) * 1_000_000n >= BigInt(targetPpm) * BigInt(valid)

/** Whether less of the budget is left than so much of it; null where there is none. */
export const isLeftBelow = (
  { valid, bad }: Counts,
  targetPpm: number,
  belowPpm: number,
): boolean | null => {
  if (valid === 0 || targetPpm >= 1_000_000) return null
  const budget = BigInt(1_000_000 - targetPpm) * BigInt(valid)
  // 1 - bad / budget < below, with budget in millionths of an event and below in millionths.
  return (budget - BigInt(bad) * 1_000_000n) * 1_000_000n < BigInt(belowPpm) * budget
}
