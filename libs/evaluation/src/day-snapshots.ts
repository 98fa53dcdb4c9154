import type { Checkpoint, Id } from '@tidemark/model'
import {
  documentsOf,
  joined,
  partCounts,
  partOf,
  pieceBytesMax,
  type Documents,
} from './documents.ts'
import { packed, unpacked } from './packed-value.ts'

/**
 * Snapshots that an evaluator keeps so that a later verification can begin at them: one a day of stream time, of the moment at which the
 * first window past midnight (UTC) was judged. Each is one value of all its documents' parts, cut into parts `day.<windowEndUs>.<n>`.
 */
export type DaySnapshots = {
  readonly days: readonly DaySnapshot[]
  readonly parts: Checkpoint
}

export type DaySnapshot = {
  /** End of the last window that was judged. */
  readonly endUs: number
  /** Number of its parts. */
  readonly parts: number
  /** In force then: without it the snapshot cannot be used. */
  readonly configurationId: Id
}

const dayUs = 86_400_000_000

/** Snapshots that are kept: the days that inputs are kept by default, and the one that has begun. */
export const daysMax = 8
/** Bytes of them: whoever takes the task over reads them all, so at thousands of services fewer days are kept. */
export const dayBytesMax = 32 * 1024 * 1024

/** Whether judging went past midnight. The first window of all has nothing before it to be remembered. */
export const isNewDay = (previousEndUs: number | null, endUs: number | null): boolean =>
  previousEndUs !== null &&
  endUs !== null &&
  Math.floor(previousEndUs / dayUs) !== Math.floor(endUs / dayUs)

/** With one more, without those that are too old or too many; `parts` are those of the snapshot's documents. */
export const withDay = (
  { days, parts }: DaySnapshots,
  { endUs, configurationId }: Pick<DaySnapshot, 'endUs' | 'configurationId'>,
  documents: Checkpoint,
): DaySnapshots => {
  const pieces = piecesOf(documents)
  const added = { endUs, parts: pieces.length, configurationId }
  const all = [...days.filter((day) => day.endUs < endUs), added]
  const bytesOf = (day: DaySnapshot): number =>
    day.endUs === endUs ? sizeOf(pieces) : sizeOf(keysOf(day).map((key) => partOf(parts, key)))
  const kept: DaySnapshot[] = []
  let bytes = 0
  for (const day of all.toReversed()) {
    bytes += bytesOf(day)
    if (endUs - day.endUs >= daysMax * dayUs || kept.length === daysMax || bytes > dayBytesMax)
      break
    kept.unshift(day)
  }
  return {
    days: kept,
    parts: new Map(
      kept.flatMap((day) =>
        keysOf(day).map((key, i) => [key, day.endUs === endUs ? pieces[i]! : partOf(parts, key)]),
      ),
    ),
  }
}

/** The snapshots among the parts of a checkpoint. */
export const daysIn = (checkpoint: Checkpoint, days: readonly DaySnapshot[]): DaySnapshots => ({
  days,
  parts: new Map(days.flatMap(keysOf).map((key) => [key, partOf(checkpoint, key)])),
})

export const documentsOfDay = (checkpoint: Checkpoint, day: DaySnapshot): Documents => {
  const whole = joined(keysOf(day).map((key) => partOf(checkpoint, key)))
  const parts = new Map(Object.entries(unpacked(whole) as Record<string, Uint8Array>))
  return documentsOf(parts, partCounts(parts))
}

export const isDayPart = (key: string): boolean => key.startsWith('day.')

const keysOf = ({ endUs, parts }: DaySnapshot): readonly string[] =>
  Array.from({ length: parts }, (_, i) => `day.${endUs}.${i}`)

const piecesOf = (documents: Checkpoint): readonly Uint8Array[] => {
  const whole = packed(Object.fromEntries(documents))
  return Array.from({ length: Math.ceil(whole.length / pieceBytesMax) }, (_, i) =>
    whole.slice(i * pieceBytesMax, (i + 1) * pieceBytesMax),
  )
}

const sizeOf = (pieces: readonly Uint8Array[]): number =>
  pieces.reduce((sum, piece) => sum + piece.length, 0)
