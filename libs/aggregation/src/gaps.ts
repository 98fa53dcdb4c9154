import {
  closedThrough,
  windowStartOf,
  type InputTopic,
  type Layout,
  type Offset,
  type Stretch,
} from '@tidemark/model'

/** Records of an input partition that the log removed and that a fold goes on without: those of `[fromOffset, toOffset)`. */
export type Gap = {
  readonly topic: InputTopic
  readonly partition: number
  /** Where a recovery would begin to read. */
  readonly fromOffset: Offset
  readonly toOffset: Offset
}

/** What the gaps of a partition mean for what comes after them. */
export type GapMarks = {
  /** Windows that start at or before it may lack events; -1: none does. */
  readonly incompleteThroughUs: number
  /** No record has come since the latest gap: how far that reaches in time is not known yet. */
  readonly isOpen: boolean
  /** What the next `PartitionAdvanced` reports as unwatched, in whole windows. */
  readonly unwatched: Stretch | null
}

export const noGaps: GapMarks = { incompleteThroughUs: -1, isOpen: false, unwatched: null }

/**
 * The marks after a gap in front of which, or behind which, the clock stood at `clockMs` (-1: at nothing yet). Every window that was not
 * closed in front of the gap and that an event of it may belong to lacks events: its records were stamped up to `clockMs` at most, as far
 * as stamps do not go back, and their events lie at most the allowed skew ahead. Nobody watched any of these windows as a whole.
 */
export const markedAt = (
  marks: GapMarks,
  clockMs: number,
  { windowUs, graceUs, maxFutureSkewUs }: Layout,
): GapMarks => {
  if (clockMs < 0) return { ...marks, unwatched: hull(marks.unwatched, { fromMs: 0, toMs: 0 }) }
  const latestUs = clockMs * 1000 + maxFutureSkewUs
  const fromUs = Math.max(0, closedThrough(clockMs, windowUs, graceUs))
  const toUs = windowStartOf(latestUs, windowUs) + windowUs
  return {
    ...marks,
    incompleteThroughUs: Math.max(marks.incompleteThroughUs, latestUs),
    unwatched: hull(marks.unwatched, { fromMs: fromUs / 1000, toMs: toUs / 1000 }),
  }
}

/** From the beginning of the first to the end of the last. */
export const hull = (a: Stretch | null, b: Stretch | null): Stretch | null => {
  if (a === null || b === null) return a ?? b
  return { fromMs: Math.min(a.fromMs, b.fromMs), toMs: Math.max(a.toMs, b.toMs) }
}
