import type { Spread } from './row.ts'

/** Least, median and largest of at least one value; the median of an even number of them is the upper one of the middle. */
export const spread = (values: readonly number[]): Spread => {
  const sorted = values.toSorted((a, b) => a - b)
  if (sorted.length === 0) throw new Error('nothing was measured')
  return { min: sorted[0]!, median: sorted[sorted.length >> 1]!, max: sorted.at(-1)! }
}
