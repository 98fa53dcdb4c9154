import {
  invariant,
  type Checkpoint,
  type DerivedEvent,
  type Fact,
  type InputCause,
  type InputTopic,
  type Layout,
  type Offset,
  type Output,
  type RecordBatches,
} from '@tidemark/model'
import { recordCursor, type RunBounds } from '@tidemark/wire'
import { factApplied, partitionAdvanced, recordRejected } from './caused-events.ts'
import { savedSourceOf, type SavedSource } from './checkpoint.ts'
import { closingOrder } from './closed-row.ts'
import { markedAt, type Gap } from './gaps.ts'
import { lateCounts } from './late-counts.ts'
import type { OpenWindow, Part, Row } from './open-window.ts'
import type { Placings, Refuse } from './input-frames.ts'
import {
  checkRestored,
  fromOf,
  loadSource,
  saveSource,
  savedParts,
  skipGap,
} from './saved-source.ts'
import type { PartForm } from './saved-window.ts'
import {
  endWindow,
  recordTimestampMs,
  setClock,
  sourceState,
  timestampMsMax,
  type SourceState,
} from './source-state.ts'

/** What differs between the sources. */
export type SourceKind<P extends Part> = {
  readonly topic: InputTopic
  readonly placing: (
    state: SourceState<P>,
    refuse: Refuse,
    /** Hands a fact on. */
    apply: (fact: Fact) => void,
  ) => Placings
  readonly closed: (row: Row<P>, window: OpenWindow<P>, cause: InputCause) => DerivedEvent
  readonly form: PartForm<P>
}

/** The fold over one input partition. */
export type SourceFold = {
  readonly topic: InputTopic
  readonly clockMs: () => number
  /** Read to its end, as far as was said when it was last fed; null: never fed. */
  readonly atEnd: () => boolean | null
  readonly position: () => Offset
  readonly from: () => Offset
  readonly feed: (batches: RecordBatches) => void
  /** As `TaskFold.work`, but returns the units left: more than 0 when it wants to be fed. */
  readonly work: (units: number, emit: (output: Output) => void) => number
  readonly atRecordBoundary: () => boolean
  /** The source as it stands, and the parts of its saved windows. */
  readonly save: () => { readonly source: SavedSource; readonly parts: Checkpoint }
}

/** Windows that the record at hand closes, before its own events are placed. */
type Closing<P extends Part> = {
  readonly due: OpenWindow<P>[]
  /** Of the first one. */
  rows: readonly Row<P>[]
  next: number
  readonly clockMsBefore: number
}

/** So many events of one batch are a unit of work. */
const eventsOfUnit = 64

export const sourceFold = <P extends Part>(
  kind: SourceKind<P>,
  layout: Layout,
  partition: number,
  hashSeed: number,
  restore: { readonly sources: readonly SavedSource[]; readonly checkpoint: Checkpoint } | null,
  gap: Gap | null,
): SourceFold => {
  const { topic } = kind
  const state = sourceState<P>(topic, partition, hashSeed)
  /** While it is set, records below its position are read again. */
  let restoring: SavedSource | null = null
  if (restore !== null) {
    restoring = savedSourceOf(restore.sources, topic, partition)
    loadSource(state, kind.form, layout, restoring, restore.checkpoint)
  }
  if (gap !== null) restoring = skipGap(state, restoring, gap, layout)
  const cursor = recordCursor()
  let batches: RecordBatches | null = null
  let atEnd: boolean | null = null
  let closing: Closing<P> | null = null
  let causeIndex = 0
  let emit: (output: Output) => void = () => undefined

  const nextCause = (): InputCause => ({
    topic,
    partition,
    offset: cursor.offset,
    index: causeIndex++,
  })

  const refuse: Refuse = (reason, detail, indexes) => {
    if (restoring !== null) return
    const refusal = { reason, detail, indexes }
    emit({
      topic: 'rejected',
      event: recordRejected(nextCause(), refusal, cursor, layout.limits.rejectedBytes),
    })
  }

  const apply = (fact: Fact): void => {
    if (restoring !== null) return
    emit({ topic: 'aggregates', event: factApplied(nextCause(), state.clockMs, fact) })
  }

  const placing = kind.placing(state, refuse, apply)

  const place = (): number => {
    const events = placing.record(cursor)
    state.position = (cursor.offset + 1) as Offset
    return 1 + Math.floor(events / eventsOfUnit)
  }

  const bounds: RunBounds = {
    ...{ countMax: 0, endOffset: Number.NaN, endMs: Number.NaN, fromUs: Number.NaN },
    aheadUsMax: layout.maxFutureSkewUs,
  }

  /** Places records, at most `countMax`, that close nothing and are nothing special; returns their number. */
  const placeRun = (countMax: number): number => {
    if (placing.run === null || state.gaps.isOpen) return 0
    bounds.countMax = countMax
    bounds.endOffset = restoring?.position ?? Number.MAX_SAFE_INTEGER
    bounds.endMs = Math.min(state.nextCloseMs, timestampMsMax)
    bounds.fromUs = state.closedThroughUs
    return placing.run(cursor, bounds)
  }

  /** Moves the clock; true when that passes the close of a window of the grid, or is the first time. */
  const advance = (clockMs: number): boolean => {
    const clockMsBefore = state.clockMs
    if (clockMsBefore >= 0 && clockMs < state.nextCloseMs) {
      state.clockMs = clockMs
      return false
    }
    setClock(state, clockMs, layout)
    const due = state.windows.filter(({ endUs }) => endUs <= state.closedThroughUs)
    for (const window of due) window.incomplete = window.startUs <= state.gaps.incompleteThroughUs
    closing = {
      due,
      rows: due[0] === undefined ? [] : closingOrder(due[0]),
      next: 0,
      clockMsBefore,
    }
    return true
  }

  /** The first record behind a gap says how far that reaches. */
  const closeGap = (clockMs: number): void => {
    state.gaps = { ...markedAt(state.gaps, clockMs, layout), isOpen: false }
  }

  /** Emits the next row, or ends a window, or says that the partition advanced; returns the units of work that it took. */
  const closeNext = (of: Closing<P>): number => {
    const window = of.due[0]
    if (window === undefined) {
      const event = partitionAdvanced(nextCause(), state, of.clockMsBefore, layout)
      state.late = lateCounts()
      state.gaps = { ...state.gaps, unwatched: null }
      closing = null
      emit({ topic: 'aggregates', event })
      return 1 + place()
    }
    const row = of.rows[of.next++]
    if (row !== undefined) {
      emit({ topic: 'aggregates', event: kind.closed(row, window, nextCause()) })
      return 1 + row.partCount
    }
    of.due.shift()
    endWindow(state)
    of.rows = of.due[0] === undefined ? [] : closingOrder(of.due[0])
    of.next = 0
    return 1
  }

  const restored = (saved: SavedSource): void => {
    checkRestored(state, saved, gap === null)
    restoring = null
  }
  // Everything open was saved, or nothing is open.
  if (restoring !== null && state.position === restoring.position) restored(restoring)

  return {
    topic,
    clockMs: () => state.clockMs,
    atEnd: () => atEnd,
    position: () => state.position,
    from: () => restoring?.from ?? fromOf(state).offset,
    feed: (fed) => {
      invariant(
        batches === null,
        `${topic}/${partition}: fed before the last batches are worked off`,
      )
      invariant(
        fed.fromOffset === state.position,
        `${topic}/${partition}: fed from ${fed.fromOffset}, position ${state.position}`,
      )
      batches = fed
      atEnd = fed.nextOffset >= fed.endOffset
      cursor.open(fed)
    },
    work: (units, output) => {
      emit = output
      let left = units
      while (left > 0) {
        if (closing !== null) {
          left -= closeNext(closing)
          continue
        }
        if (batches === null) break
        const records = placeRun(left)
        if (records > 0) {
          left -= records
          continue
        }
        if (!cursor.next()) {
          state.position = batches.nextOffset
          batches = null
          if (restoring !== null && state.position >= restoring.position) restored(restoring)
          break
        }
        if (restoring !== null && cursor.offset >= restoring.position) restored(restoring)
        causeIndex = 0
        const clockMs = recordTimestampMs(cursor)
        if (state.gaps.isOpen) closeGap(Math.max(clockMs, state.clockMs))
        if (clockMs <= state.clockMs || !advance(clockMs)) left -= place()
      }
      return left
    },
    atRecordBoundary: () => closing === null,
    save: () => ({
      source: restoring ?? saveSource(state, kind.form, layout.limits.restoreBudgetEvents),
      parts: savedParts(state),
    }),
  }
}
