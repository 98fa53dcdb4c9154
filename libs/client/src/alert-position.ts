import type { AlertEvent, Offset } from '@tidemark/model'

/**
 * Where a reader of one partition of `alerts` stands: the next record, and the cause of the last event it was given, by which repeats
 * further on are known. Plain data, to be kept as JSON.
 */
export type AlertPosition = {
  readonly next: Offset
  readonly last: { readonly windowEndUs: number; readonly index: number } | null
}

/** A writer emits in the order of its causes, so whatever is at or below the last one is a repeat. */
export const isRepeat = ({ last }: AlertPosition, { cause }: AlertEvent): boolean =>
  last !== null &&
  (cause.windowEndUs < last.windowEndUs ||
    (cause.windowEndUs === last.windowEndUs && cause.index <= last.index))

export const positionAfter = (offset: Offset, { cause }: AlertEvent): AlertPosition => ({
  next: (offset + 1) as Offset,
  last: { windowEndUs: cause.windowEndUs, index: cause.index },
})
