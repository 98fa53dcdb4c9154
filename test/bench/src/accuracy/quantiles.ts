import {
  emptyHistogram,
  p50,
  p99,
  p999,
  quantileOf,
  rankOf,
  record,
  type Share,
} from '@tidemark/histogram'
import { defaultLayout } from '@tidemark/model'
import { classicCounts, classicQuantile, nativeBuckets, nativeQuantile } from './prometheus.ts'

const p90: Share = { numerator: 9, denominator: 10 }

export const quantiles = [
  { name: 'p50', share: p50 },
  { name: 'p90', share: p90 },
  { name: 'p99', share: p99 },
  { name: 'p99.9', share: p999 },
] as const

/** What three histograms say of the same latencies, beside what a sort says. */
export type Cell = {
  readonly quantile: string
  /** The order statistic of rank ceil(q n). */
  readonly exactUs: number
  readonly tidemark: { readonly lowUs: number; readonly highUs: number; readonly valueUs: number }
  readonly classicUs: number
  readonly nativeUs: number
}

/** Sorts what it is given. */
export const cellsOf = (latenciesUs: Float64Array<ArrayBuffer>): readonly Cell[] => {
  const histogram = emptyHistogram(defaultLayout.histogram)
  for (const us of latenciesUs) record(histogram, us)
  const counts = classicCounts(latenciesUs)
  const buckets = nativeBuckets(latenciesUs)
  latenciesUs.sort()
  return quantiles.map(({ name, share }) => {
    const q = share.numerator / share.denominator
    return {
      quantile: name,
      exactUs: latenciesUs[rankOf(share, latenciesUs.length) - 1]!,
      tidemark: quantileOf(histogram, share)!,
      classicUs: 1e6 * classicQuantile(q, counts),
      nativeUs: 1e6 * nativeQuantile(q, buckets),
    }
  })
}

/** In percent of the exact value; negative: too low. */
export const errorPercent = (saidUs: number, exactUs: number): number =>
  (100 * (saidUs - exactUs)) / exactUs

/** Tidemark's bounds are slots, which are never wider than 1/128 of what is in them. */
export const errorPercentMax = 100 / 128

/** Why a cell breaks what Tidemark promises, null when it does not. */
export const brokenPromise = ({ exactUs, tidemark: { lowUs, highUs } }: Cell): string | null => {
  if (exactUs < lowUs || exactUs > highUs) return `${exactUs} us is not in ${lowUs} to ${highUs} us`
  if (errorPercent(highUs, lowUs) > errorPercentMax)
    return `${lowUs} to ${highUs} us is wider than 1/128 of ${lowUs}`
  return null
}
