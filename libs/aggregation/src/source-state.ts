import {
  closedThrough,
  windowStartOf,
  type InputTopic,
  type Layout,
  type Offset,
} from '@tidemark/model'
import type { RecordCursor } from '@tidemark/wire'
import { noGaps, type GapMarks } from './gaps.ts'
import { lateCounts, type LateCounts } from './late-counts.ts'
import { ledgerCounts, type LedgerCounts } from './ledger-counts.ts'
import {
  openWindow,
  emptyWindowRoom,
  windowRoom,
  type OpenWindow,
  type Part,
  type WindowRoom,
} from './open-window.ts'

/** What a fold knows of one input partition. */
export type SourceState<P extends Part> = {
  readonly topic: InputTopic
  readonly partition: number
  /** Of the tables of names and identities. */
  readonly hashSeed: number
  /** The next record. */
  position: Offset
  /** Stream clock; -1: nothing was read yet. */
  clockMs: number
  /** End of the newest window of the grid that is closed, and the clock at which the next one closes. */
  closedThroughUs: number
  nextCloseMs: number
  counts: LedgerCounts
  late: LateCounts
  gaps: GapMarks
  /** Ascending. Grace, skew and size bound their number: none is closed, none starts after the clock and the skew. */
  readonly windows: OpenWindow<P>[]
  /** Events in them. */
  openEvents: number
  /** Of the last window that was closed, empty, for the next one: as large as that one needed. */
  spareRoom: WindowRoom | null
}

export const sourceState = <P extends Part>(
  topic: InputTopic,
  partition: number,
  hashSeed: number,
): SourceState<P> => ({
  topic,
  partition,
  hashSeed,
  position: 0 as Offset,
  clockMs: -1,
  closedThroughUs: 0,
  nextCloseMs: 0,
  counts: ledgerCounts(),
  late: lateCounts(),
  gaps: noGaps,
  windows: [],
  openEvents: 0,
  spareRoom: null,
})

/** 9e12 ms, in the year 2255: above it, microseconds would no longer be exact. */
export const timestampMsMax = 9_000_000_000_000

/** The timestamp of the record at hand; one that no clock can have shown counts as the nearest that one can. */
export const recordTimestampMs = ({ timestampMs }: RecordCursor): number =>
  timestampMs < 0 ? 0 : timestampMs > timestampMsMax ? timestampMsMax : timestampMs

/** Sets the clock and what follows from it; `clockMs` is never below the one before. */
export const setClock = <P extends Part>(
  state: SourceState<P>,
  clockMs: number,
  { windowUs, graceUs }: Layout,
): void => {
  state.clockMs = clockMs
  state.closedThroughUs = closedThrough(clockMs, windowUs, graceUs)
  state.nextCloseMs = Math.ceil((state.closedThroughUs + windowUs + graceUs) / 1000)
}

/** The open window of an event, made if it is the first one there. */
export const windowAt = <P extends Part>(
  state: SourceState<P>,
  atUs: number,
  { windowUs }: Layout,
): OpenWindow<P> => {
  const { windows } = state
  const startUs = windowStartOf(atUs, windowUs)
  const later = windows.findIndex((window) => window.startUs >= startUs)
  const at = later === -1 ? windows.length : later
  if (windows[at]?.startUs !== startUs) {
    const room = state.spareRoom ?? windowRoom(state.hashSeed, windows.at(-1)?.room)
    state.spareRoom = null
    windows.splice(at, 0, openWindow(startUs, startUs + windowUs, room))
  }
  return windows[at]!
}

/** Takes the oldest window out of a source, once its rows are closed. */
export const endWindow = <P extends Part>(state: SourceState<P>): void => {
  const { room, events } = state.windows.shift()!
  state.openEvents -= events
  emptyWindowRoom(room)
  state.spareRoom = room
}
