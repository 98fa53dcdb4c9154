/** Least, middle and largest of durations, in microseconds. */
export type Spread = {
  readonly count: number
  readonly minUs: number
  readonly medianUs: number
  readonly maxUs: number
}

/** The median is the value of rank ceil(n / 2), as every percentile here: one that was measured. Null for none. */
export const spreadOf = (durationsUs: readonly number[]): Spread | null => {
  if (durationsUs.length === 0) return null
  const sorted = [...durationsUs].sort((a, b) => a - b)
  return {
    count: sorted.length,
    minUs: sorted[0]!,
    medianUs: sorted[Math.ceil(sorted.length / 2) - 1]!,
    maxUs: sorted.at(-1)!,
  }
}
