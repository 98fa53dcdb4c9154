import type { TidemarkEvent } from '@tidemark/model'

/**
 * Where a derived record stands among those of its source. Within a source causes rise; a record at or below one that was there before is
 * a repeat. The interleaving of sources inside a partition is not fixed.
 */
export type Cause = { readonly source: string; readonly at: CauseAt }

/** Offset of the input record, or end of the window, and the number of the output among what followed from it. */
export type CauseAt = readonly [first: number, index: number]

export const beforeAll: CauseAt = [-Infinity, -1]
export const afterAll: CauseAt = [Infinity, Infinity]

/** The source is an input topic for what the aggregator wrote, a partition of the evaluator (or reporter) for the rest. */
export const causeOf = (event: TidemarkEvent): Cause | null => {
  if (!('cause' in event)) return null
  const { cause } = event
  if ('topic' in cause) return { source: cause.topic, at: [cause.offset, cause.index] }
  return { source: partitionSource(cause.partition), at: [cause.windowEndUs, cause.index] }
}

export const partitionSource = (partition: number): string => `partition ${partition}`

export const isAfter = ([a, b]: CauseAt, [c, d]: CauseAt): boolean => a > c || (a === c && b > d)

export const isAt = ([a, b]: CauseAt, [c, d]: CauseAt): boolean => a === c && b === d
