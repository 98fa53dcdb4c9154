// What Prometheus makes of latencies: buckets of a client, and `histogram_quantile` over them, with its rules and in its order of
// floating-point operations, so that results are equal to the last bit (promql/quantile.go).

/** Upper bounds in seconds, those that client libraries have by default; +Inf follows. */
export const defaultBoundsSeconds = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const

/** What is at or under each bound, and with the last one, +Inf, all there is. */
export const classicCounts = (
  latenciesUs: Float64Array,
  boundsSeconds: readonly number[] = defaultBoundsSeconds,
): number[] => {
  const counts = new Array<number>(boundsSeconds.length + 1).fill(0)
  for (const us of latenciesUs) {
    let at = 0
    while (at < boundsSeconds.length && us / 1e6 > boundsSeconds[at]!) at++
    counts[at]!++
  }
  for (let i = 1; i < counts.length; i++) counts[i]! += counts[i - 1]!
  return counts
}

/**
 * `histogram_quantile(q, ...)` in seconds over cumulative counts; NaN where there are none. A straight line within the bucket, from 0 in the
 * first one; what falls above the last bound is said to be that bound.
 */
export const classicQuantile = (
  q: number,
  counts: readonly number[],
  boundsSeconds: readonly number[] = defaultBoundsSeconds,
): number => {
  const observations = counts.at(-1)!
  if (observations === 0) return Number.NaN
  let rank = q * observations
  const at = counts.findIndex((count) => count >= rank)
  if (at === -1 || at === boundsSeconds.length) return boundsSeconds.at(-1)!
  const end = boundsSeconds[at]!
  let [start, count] = [0, counts[at]!]
  if (at > 0) {
    start = boundsSeconds[at - 1]!
    count -= counts[at - 1]!
    rank -= counts[at - 1]!
  }
  return start + (end - start) * (rank / count)
}

export type NativeBucket = {
  readonly lowSeconds: number
  readonly highSeconds: number
  readonly count: number
}

/** Buckets per power of two are 2^schema: 3 is what the usual growth factor of 1.1 comes to. */
export const nativeBuckets = (latenciesUs: Float64Array, schema = 3): readonly NativeBucket[] => {
  const perOctave = 2 ** schema
  const counts = new Map<number, number>()
  for (const us of latenciesUs) {
    const seconds = us / 1e6
    // Bounds belong to the bucket below them; a logarithm that is rounded must not put one above it.
    let index = Math.ceil(Math.log2(seconds) * perOctave)
    if (seconds > 2 ** (index / perOctave)) index++
    else if (seconds <= 2 ** ((index - 1) / perOctave)) index--
    counts.set(index, (counts.get(index) ?? 0) + 1)
  }
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([index, count]) => ({
      lowSeconds: 2 ** ((index - 1) / perOctave),
      highSeconds: 2 ** (index / perOctave),
      count,
    }))
}

/**
 * `histogram_quantile(q, ...)` in seconds over a native histogram of positive values, as of Prometheus 3: counted from the nearer end, by the
 * logarithm within a bucket, and by a straight line in the zero bucket.
 */
export const nativeQuantile = (q: number, buckets: readonly NativeBucket[]): number => {
  const total = buckets.reduce((sum, { count }) => sum + count, 0)
  if (total === 0) return Number.NaN
  const isFromBelow = q < 0.5
  let rank = (isFromBelow ? q : 1 - q) * total
  let passed = 0
  const bucket = (isFromBelow ? buckets : buckets.toReversed()).find(
    ({ count }) => (passed += count) >= rank,
  )!
  rank = isFromBelow ? rank - (passed - bucket.count) : passed - rank
  const share = rank / bucket.count
  const { lowSeconds, highSeconds } = bucket
  if (lowSeconds <= 0) return lowSeconds + (highSeconds - lowSeconds) * share
  const low = Math.log2(lowSeconds)
  return 2 ** (low + (Math.log2(highSeconds) - low) * share)
}
