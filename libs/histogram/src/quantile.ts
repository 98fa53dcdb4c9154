import { invariant, type LatencySignal, type Quantile } from '@tidemark/model'
import { forEachSlot, type LatencyHistogram } from './histogram.ts'
import { slotHighUs, slotLowUs, slotOf } from './slots.ts'

/** A share as a fraction of integers: 99/100. Ranks from it are exact; 0.99 * 100 is not. */
export type Share = { readonly numerator: number; readonly denominator: number }

export const p50: Share = { numerator: 1, denominator: 2 }
export const p95: Share = { numerator: 19, denominator: 20 }
export const p99: Share = { numerator: 99, denominator: 100 }
export const p999: Share = { numerator: 999, denominator: 1000 }

/** A product of both stays exact. */
const denominatorMax = 1_000_000

/** Rank of a quantile among `count` values, from 1: ceil(q n) without a rounded product. */
export const rankOf = ({ numerator, denominator }: Share, count: number): number => {
  invariant(
    Number.isInteger(numerator) && numerator > 0 && numerator <= denominator,
    `quantile: ${numerator}/${denominator} is not in (0, 1]`,
  )
  invariant(
    Number.isInteger(denominator) && denominator <= denominatorMax,
    `quantile: denominator ${denominator} is not an integer of 1 to ${denominatorMax}`,
  )
  const rest = count % denominator
  const whole = (count - rest) / denominator
  return whole * numerator + Math.ceil((rest * numerator) / denominator)
}

/**
 * The slot of the value at rank ceil(q n), from `lowUs` to `highUs`, which is capped at the exact maximum; null at count 0. The last slot
 * also holds what is over the range, so its upper bound is then the maximum itself.
 */
export const quantileOf = (histogram: LatencyHistogram, share: Share): Quantile | null =>
  histogram.total === 0 ? null : quantilesOf(histogram, [share])[0]!

/** Of ascending shares, in one walk over the slots. */
const quantilesOf = (
  histogram: LatencyHistogram,
  shares: readonly Share[],
): readonly Quantile[] => {
  const { total } = histogram
  const ranks = shares.map((share) => rankOf(share, total))
  const found: number[] = []
  let below = 0
  forEachSlot(histogram, (slot, count) => {
    below += count
    while (found.length < ranks.length && ranks[found.length]! <= below) found.push(slot)
  })
  invariant(below === total, `I3: slots hold ${below}, the total is ${total}`)
  return found.map((slot) => boundsOf(histogram, slot))
}

const boundsOf = ({ maxUs, overRange, shape }: LatencyHistogram, slot: number): Quantile => {
  const openAbove = overRange > 0 && slot === slotOf(shape.highestUs)
  const highUs = openAbove ? maxUs : Math.min(slotHighUs(slot), maxUs)
  return { valueUs: highUs, lowUs: slotLowUs(slot), highUs }
}

/**
 * Values at or under a threshold of 0 to the highest of the range, those in its own slot included. What is over the range is above
 * every threshold.
 */
export const countAtOrUnder = (histogram: LatencyHistogram, thresholdUs: number): number => {
  const { shape, overRange } = histogram
  invariant(
    Number.isInteger(thresholdUs) && thresholdUs >= 0 && thresholdUs <= shape.highestUs,
    `latency threshold: ${thresholdUs} us is not an integer of 0 to ${shape.highestUs}`,
  )
  const last = slotOf(thresholdUs)
  let sum = last === slotOf(shape.highestUs) ? -overRange : 0
  forEachSlot(histogram, (slot, count) => {
    if (slot <= last) sum += count
  })
  return sum
}

/** The figures that are shown of a histogram; null at count 0. */
export const latencySignalOf = (histogram: LatencyHistogram): LatencySignal | null => {
  if (histogram.total === 0) return null
  const [at50, at95, at99, at999] = quantilesOf(histogram, [p50, p95, p99, p999])
  return {
    count: histogram.total,
    overRange: histogram.overRange,
    maxUs: histogram.maxUs,
    p50: at50!,
    p95: at95!,
    p99: at99!,
    p999: at999!,
  }
}
