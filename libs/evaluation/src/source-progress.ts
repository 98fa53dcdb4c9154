import {
  closedThrough,
  invariant,
  type InputCause,
  type PartitionAdvanced,
  type Stretch,
} from '@tidemark/model'
import { dropWhile, fifoOf, first, last, push, replaceLast, type Fifo } from './fifo.ts'

/** How far one source of the partition is, as its `PartitionAdvanced` tell. Owned by the evaluator, which changes it. */
export type SourceProgress = {
  /** Cause of the last event that was taken; what is at or below it is a repeat. */
  lastOffset: number
  lastIndex: number
  /** Null before the first `PartitionAdvanced`. */
  firstClockMs: number | null
  clockMs: number | null
  /** What is not judged yet: bounded by how far this source is ahead of the slowest one. */
  readonly advances: Fifo<Advance>
  readonly stretches: Fifo<Stretch>
}

/** The windows up to `throughUs` were closed by the record at `position`, or before it. */
export type Advance = { readonly throughUs: number; readonly position: number }

export const newProgress = (): SourceProgress => ({
  lastOffset: -1,
  lastIndex: -1,
  firstClockMs: null,
  clockMs: null,
  advances: fifoOf<Advance>([]),
  stretches: fifoOf<Stretch>([]),
})

/** Notes the cause of an event; false when it, or a later one of this source, was seen before. */
export const isNews = (progress: SourceProgress, { offset, index }: InputCause): boolean => {
  const { lastOffset, lastIndex } = progress
  if (offset < lastOffset || (offset === lastOffset && index <= lastIndex)) return false
  progress.lastOffset = offset
  progress.lastIndex = index
  return true
}

export const advance = (
  progress: SourceProgress,
  { clockMs, position, unwatched, topic }: PartitionAdvanced,
  windowUs: number,
  graceUs: number,
): void => {
  invariant(
    progress.clockMs === null || clockMs >= progress.clockMs,
    `stream clock of ${topic}: goes back from ${progress.clockMs} to ${clockMs} ms`,
  )
  progress.firstClockMs ??= clockMs
  progress.clockMs = clockMs
  push(progress.advances, { throughUs: closedThrough(clockMs, windowUs, graceUs), position })
  if (unwatched !== null) addStretch(progress.stretches, unwatched)
}

/** What a gap leaves unwatched are whole windows, which may begin before the stretch in front of them ends and end after the clock. */
const addStretch = (stretches: Fifo<Stretch>, stretch: Stretch): void => {
  const before = last(stretches)
  if (before === null || stretch.fromMs >= before.toMs) push(stretches, stretch)
  else
    replaceLast(stretches, {
      fromMs: Math.min(before.fromMs, stretch.fromMs),
      toMs: Math.max(before.toMs, stretch.toMs),
    })
}

/** Position of the first advance past the close of a window; windows are asked for in their order. */
export const positionAt = (progress: SourceProgress, windowEndUs: number): number => {
  dropWhile(progress.advances, ({ throughUs }) => throughUs < windowEndUs)
  const found = first(progress.advances)
  invariant(found !== null, `window ${windowEndUs} us: judged before every source closed it`)
  return found.position
}

/** The unwatched stretch that holds a whole window, if there is one; windows are asked for in their order. */
export const stretchAround = (
  progress: SourceProgress,
  windowEndUs: number,
  windowUs: number,
): Stretch | null => {
  dropWhile(progress.stretches, ({ toMs }) => toMs * 1000 < windowEndUs)
  const next = first(progress.stretches)
  return next !== null && next.fromMs * 1000 <= windowEndUs - windowUs ? next : null
}
