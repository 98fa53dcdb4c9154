import { invariant, type Checkpoint, type Layout, type Offset } from '@tidemark/model'
import { CheckpointFormatError, windowPart, type SavedSource } from './checkpoint.ts'
import { markedAt, type Gap } from './gaps.ts'
import { lateCounts, lateRows } from './late-counts.ts'
import { ledgerCounts, ledgerOfCounts } from './ledger-counts.ts'
import type { Part } from './open-window.ts'
import { loadWindow, saveWindow, type PartForm } from './saved-window.ts'
import { setClock, type SourceState } from './source-state.ts'

/** The log no longer holds the records that a checkpoint was made from. */
export class RestoreError extends Error {
  readonly code = 'restore_mismatch'
  readonly retriable = false
}

/**
 * Sets a new state to where reading again begins: the clock as it was at the checkpoint, the saved windows, a ledger and late counts
 * that only `checkRestored` looks at.
 */
export const loadSource = <P extends Part>(
  state: SourceState<P>,
  form: PartForm<P>,
  layout: Layout,
  saved: SavedSource,
  checkpoint: Checkpoint,
): void => {
  const { topic } = state
  if (saved.clockMs !== null) setClock(state, saved.clockMs, layout)
  state.position = saved.from
  state.gaps = saved.gaps
  state.counts = ledgerCounts()
  state.counts.events = saved.eventsBefore
  for (const { endUs, parts } of saved.windows) {
    const pieces = Array.from({ length: parts }, (_, i) => {
      const piece = checkpoint.get(windowPart(topic, endUs, i))
      if (piece !== undefined) return piece
      throw new CheckpointFormatError(`checkpoint: no part "${windowPart(topic, endUs, i)}"`)
    })
    const window = loadWindow(endUs - layout.windowUs, endUs, pieces, form, state.hashSeed)
    state.windows.push(window)
    state.openEvents += window.events
  }
}

/**
 * Moves a source that was loaded, or is new, behind a gap, and returns what is left to be read again. What was read before and is gone
 * stays in the ledger, which counted it then; records that were never read are lost. Open windows keep what is saved or still kept.
 */
export const skipGap = <P extends Part>(
  state: SourceState<P>,
  saved: SavedSource | null,
  { topic, partition, fromOffset, toOffset }: Gap,
  layout: Layout,
): SavedSource | null => {
  invariant(
    fromOffset === state.position && toOffset > fromOffset,
    `${topic}/${partition}: a gap from ${fromOffset} to ${toOffset}, the source begins at ${state.position}`,
  )
  state.position = toOffset
  state.gaps = markedAt(state.gaps, state.clockMs, layout)
  if (saved !== null && toOffset <= saved.position) return saved
  state.counts = ledgerCounts(saved?.ledger)
  state.late = lateCounts(saved?.late)
  state.counts.lost += toOffset - (saved?.position ?? 0)
  state.gaps = { ...state.gaps, isOpen: true }
  return null
}

/**
 * Takes over ledger and late counts of a checkpoint, once everything that it was made from has been read again; `isWhole` unless a part of
 * that is gone.
 */
export const checkRestored = <P extends Part>(
  state: SourceState<P>,
  saved: SavedSource,
  isWhole: boolean,
): void => {
  const { counts, openEvents, topic, partition } = state
  const goneEvents = saved.ledger.events - counts.events
  const goneOpen = saved.open - openEvents
  if (isWhole ? goneEvents !== 0 || goneOpen !== 0 : goneEvents < 0 || goneOpen < 0)
    throw new RestoreError(
      `${topic}/${partition}: reading ${saved.from} to ${saved.position} again gave ${counts.events} events, ${openEvents} of them in open windows; the checkpoint says ${saved.ledger.events} and ${saved.open}`,
    )
  // What is gone came before everything that was found.
  for (const window of state.windows) window.eventsBefore += goneEvents
  state.counts = ledgerCounts(saved.ledger)
  state.late = lateCounts(saved.late)
}

/** Where a recovery begins: at the first record with an event in an open window that is not saved; and the events below it. */
export const fromOf = <P extends Part>({
  windows,
  position,
  counts,
}: SourceState<P>): { readonly offset: Offset; readonly eventsBefore: number } => {
  let offset: number = position
  let eventsBefore = counts.events
  for (const window of windows) {
    if (window.readFrom < 0 || window.readFrom >= offset) continue
    offset = window.readFrom
    eventsBefore = window.eventsBefore
  }
  return { offset: offset as Offset, eventsBefore }
}

/**
 * The source as it stands at a record boundary. Open windows are saved, those that have changed, when reading them again would take more
 * than the budget; so they are written once for as many events as a recovery may read.
 */
export const saveSource = <P extends Part>(
  state: SourceState<P>,
  form: PartForm<P>,
  budgetEvents: number,
): SavedSource => {
  const { topic, partition, position, clockMs, counts, gaps, windows, openEvents } = state
  if (counts.events - fromOf(state).eventsBefore > budgetEvents) {
    for (const window of windows) {
      if (window.readFrom < 0) continue
      window.saved = saveWindow(window, form)
      window.readFrom = -1
    }
  }
  const { offset, eventsBefore } = fromOf(state)
  return {
    topic,
    partition,
    position,
    from: offset,
    eventsBefore,
    clockMs: clockMs < 0 ? null : clockMs,
    ledger: ledgerOfCounts(counts),
    late: lateRows(state.late).map(({ service, events }) => [service, events] as const),
    open: openEvents,
    gaps,
    windows: windows
      .filter(({ saved }) => saved.length > 0)
      .map(({ endUs, saved }) => ({ endUs, parts: saved.length })),
  }
}

/** The saved windows as parts of a checkpoint, the same arrays until they are saved anew. */
export const savedParts = <P extends Part>({ topic, windows }: SourceState<P>): Checkpoint =>
  new Map(
    windows.flatMap(({ endUs, saved }) =>
      saved.map((piece, i) => [windowPart(topic, endUs, i), piece] as const),
    ),
  )
