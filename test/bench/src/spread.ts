/** Of repeated measurements, rounded. */
export const spread = (values: readonly number[]) => {
  const sorted = values.toSorted((a, b) => a - b).map(Math.round)
  return { min: sorted[0]!, median: sorted[sorted.length >> 1]!, max: sorted.at(-1)! }
}
