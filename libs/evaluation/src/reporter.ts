import {
  canonicalJson,
  contentId,
  invariant,
  type FleetSlice,
  type HealthStatus,
  type Layout,
  type PlatformReported,
} from '@tidemark/model'
import { dropWhile, fifoOf, first, push, type Fifo } from './fifo.ts'
import {
  addSummaries,
  fitToEvent,
  overallHealth,
  partitionView,
  reportPlatform,
  type PartitionView,
} from './platform.ts'

/** What the reporter remembers; owned by whoever made it and changed by `takeSlice` and `reportNext`. */
export type ReporterState = {
  readonly partitions: readonly PartitionSlices[]
  /** End of the last window that every partition had. */
  throughUs: number
  /** Overall health in it; null before the first one, when it counts as unknown. */
  overall: HealthStatus | null
}

/**
 * The slices of one partition. Of each at most `reportRowsMax` rows are kept; how many wait is bounded by how many windows this
 * partition's evaluator is ahead of the slowest one.
 */
export type PartitionSlices = {
  /** Cause of the last slice that was taken; what is at or below it is a repeat. */
  lastEndUs: number
  lastIndex: number
  /** Parts of the slice that is being read, from part 0; empty between two slices. */
  parts: readonly FleetSlice[]
  partsOffset: number
  /** The last slice that went into a window; stands for the windows that this partition skipped. */
  last: PlacedView | null
  readonly waiting: Fifo<PlacedView>
}

/** A view and where its first part is. */
export type PlacedView = { readonly offset: number; readonly view: PartitionView }

export const reporterState = ({ partitions }: Pick<Layout, 'partitions'>): ReporterState => ({
  partitions: Array.from({ length: partitions }, () => ({
    lastEndUs: -1,
    lastIndex: -1,
    parts: [],
    partsOffset: 0,
    last: null,
    waiting: fifoOf<PlacedView>([]),
  })),
  throughUs: 0,
  overall: null,
})

/** Takes the next part of a slice, found at `offset`; a repeat changes nothing. */
export const takeSlice = (state: ReporterState, slice: FleetSlice, offset: number): void => {
  const of = state.partitions[slice.partition]
  invariant(of !== undefined, `fleet: partition ${slice.partition} of ${state.partitions.length}`)
  const { windowEndUs, index } = slice.cause
  if (windowEndUs < of.lastEndUs || (windowEndUs === of.lastEndUs && index <= of.lastIndex)) return
  of.lastEndUs = windowEndUs
  of.lastIndex = index
  if (slice.part === 0) {
    of.parts = [slice]
    of.partsOffset = offset
  } else {
    const isNext = of.parts.length === slice.part && of.parts[0]?.windowEndUs === slice.windowEndUs
    // A recovery may begin in the middle of a slice that it no longer needs.
    invariant(
      isNext || windowEndUs <= state.throughUs,
      `fleet: part ${slice.part} of window ${windowEndUs} us without those before it`,
    )
    if (!isNext) return
    of.parts = [...of.parts, slice]
  }
  if (of.parts.length === slice.parts) place(state, of)
}

/** Whether every partition has said what it has for the next window. */
export const isReportDue = ({ partitions }: ReporterState): boolean =>
  partitions.every(({ waiting }) => first(waiting) !== null)

/**
 * Closes the next window, which must be due. Its report, if it gets one: at a full minute, and where overall health is not what it was in
 * the window before.
 */
export const reportNext = (state: ReporterState): PlatformReported | null => {
  const nextUs = (of: PartitionSlices): number => first(of.waiting)?.view.windowEndUs ?? Infinity
  const windowEndUs = Math.min(...state.partitions.map(nextUs))
  for (const of of state.partitions)
    if (nextUs(of) === windowEndUs) settle(of)
    else checkSkipped(of, windowEndUs)
  const views = state.partitions.flatMap(({ last }) => last?.view ?? [])
  const overall = overallHealth(addSummaries(views.map(({ summary }) => summary)))
  const isReported = windowEndUs % minuteUs === 0 || overall !== (state.overall ?? 'unknown')
  state.throughUs = windowEndUs
  state.overall = overall
  return isReported ? reported(windowEndUs, views) : null
}

/** Offset of the oldest slice that is still needed; null when none is. */
export const oldestNeeded = ({ partitions }: ReporterState): number | null => {
  const offsets = partitions.flatMap(({ last, waiting, parts, partsOffset }) => {
    const oldest = last ?? first(waiting)
    if (oldest !== null) return [oldest.offset]
    return parts.length > 0 ? [partsOffset] : []
  })
  return offsets.length === 0 ? null : Math.min(...offsets)
}

const minuteUs = 60_000_000

const place = (state: ReporterState, of: PartitionSlices): void => {
  const view = partitionView(of.parts as [FleetSlice, ...FleetSlice[]])
  const placed = { offset: of.partsOffset, view }
  of.parts = []
  // Read again by a recovery: the window is behind us, but the slice may stand for windows that its partition skips.
  if (view.windowEndUs <= state.throughUs) of.last = placed
  else push(of.waiting, placed)
}

const settle = (of: PartitionSlices): void => {
  of.last = first(of.waiting)
  dropWhile(of.waiting, (placed) => placed === of.last)
}

/** The next slice must say that there was none for this window. */
const checkSkipped = ({ waiting }: PartitionSlices, windowEndUs: number): void => {
  const { partition, previousWindowEndUs } = (first(waiting) as PlacedView).view
  invariant(
    previousWindowEndUs === null || previousWindowEndUs < windowEndUs,
    `fleet: partition ${partition} lacks its slice of window ${previousWindowEndUs} us`,
  )
}

const reported = (windowEndUs: number, views: readonly PartitionView[]): PlatformReported => ({
  type: 'PlatformReported',
  cause: { partition: 0, windowEndUs, index: 0 },
  id: contentId(canonicalJson(['PlatformReported', windowEndUs])),
  ...fitToEvent(reportPlatform(windowEndUs, views)),
})
