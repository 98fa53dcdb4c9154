import type { Log } from '@tidemark/log'
import type { Layout, Offset } from '@tidemark/model'
import {
  exactFromUs,
  firstAfter,
  leadMs,
  timestampAt,
  wholeFromUs,
  type InputPartition,
} from './stream-time.ts'

/** Where an input partition is begun to be read. */
export type SourceStart = {
  readonly position: Offset
  /** Stream clock before that record; null: it begins with it. */
  readonly clockMs: number | null
  /** What is caused behind the first record that takes the clock here is what the inputs say; null: everything is. */
  readonly exactFromUs: number | null
}

/** The latest start from which everything is exact by the time the stream clock stands at `byMs`, or the oldest that there is. */
export const sourceStart = async (
  log: Log,
  input: InputPartition,
  layout: Layout,
  byMs: number | null,
): Promise<SourceStart> => {
  const start = await startBy(log, input, layout, byMs)
  const wholeUs = wholeFromUs(input, layout)
  if (wholeUs === null) return start
  return { ...start, exactFromUs: Math.max(start.exactFromUs ?? 0, wholeUs) }
}

/** As far as the records that are kept tell. */
const startBy = async (
  log: Log,
  input: InputPartition,
  layout: Layout,
  byMs: number | null,
): Promise<SourceStart> => {
  const { startOffset } = input
  if (byMs !== null) {
    const clockMs = byMs - leadMs(layout)
    const moment = await firstAfter(log, input, layout, clockMs)
    if (moment.position > startOffset)
      return { ...moment, exactFromUs: exactFromUs(moment.clockMs ?? clockMs, layout) }
  }
  if (startOffset === 0) return { position: startOffset, clockMs: null, exactFromUs: null }
  // What was removed is not newer than what is left.
  const oldest = await timestampAt(log, input, startOffset)
  return {
    position: startOffset,
    clockMs: null,
    exactFromUs: oldest === null ? Infinity : exactFromUs(oldest.timestampMs, layout),
  }
}
