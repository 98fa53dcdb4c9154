import type { Checkpoint, Layout, Offset } from '@tidemark/model'
import { CheckpointFormatError, windowPart, type SavedSource } from './checkpoint.ts'
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
  state.counts = ledgerCounts()
  state.counts.events = saved.eventsBefore
  for (const { endUs, parts } of saved.windows) {
    const pieces = Array.from({ length: parts }, (_, i) => {
      const piece = checkpoint.get(windowPart(topic, endUs, i))
      if (piece !== undefined) return piece
      throw new CheckpointFormatError(`checkpoint: no part "${windowPart(topic, endUs, i)}"`)
    })
    const window = loadWindow(endUs - layout.windowUs, endUs, pieces, form)
    state.windows.push(window)
    state.openEvents += window.events
  }
}

/** Takes over ledger and late counts of a checkpoint, once everything that it was made from has been read again. */
export const checkRestored = <P extends Part>(state: SourceState<P>, saved: SavedSource): void => {
  const { counts, openEvents, topic, partition } = state
  if (counts.events !== saved.ledger.events || openEvents !== saved.open)
    throw new RestoreError(
      `${topic}/${partition}: reading ${saved.from} to ${saved.position} again gave ${counts.events} events, ${openEvents} of them in open windows; the checkpoint says ${saved.ledger.events} and ${saved.open}`,
    )
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
  const { topic, partition, position, clockMs, counts, windows, openEvents } = state
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
