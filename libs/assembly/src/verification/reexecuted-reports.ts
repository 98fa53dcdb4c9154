import { encodeOutput } from '@tidemark/codec'
import { isReportDue, reporterState, reportNext, takeSlice } from '@tidemark/evaluation'
import type { FleetSlice, Layout, PlatformReported } from '@tidemark/model'
import { isAfter } from './cause.ts'
import type { ReportsPlan } from './plan.ts'
import type { SourceComparer } from './source-comparer.ts'

/** The reporter at work again, on the slices of all partitions. */
export type ReexecutedReports = {
  readonly slice: (slice: FleetSlice) => Promise<void>
  /** End of the last window before those that are compared: null where all are, Infinity before it is known. */
  readonly exactAfterUs: () => number | null
}

/**
 * Whether a window is reported follows from the window before it, and what is reported from the last slice of each partition. So the reporter
 * needs no snapshot: once every partition has told of a window, the reports of later ones are exact.
 */
export const reexecutedReports = (
  layout: Layout,
  { afterSlicesUs, after }: ReportsPlan,
  comparer: SourceComparer,
): ReexecutedReports => {
  const state = reporterState(layout)
  let exactAfterUs = afterSlicesUs === null ? null : Infinity
  let slices = 0
  if (afterSlicesUs === null) comparer.begin(after)

  const expect = async (event: PlatformReported): Promise<void> => {
    const { key, value } = encodeOutput(event)
    await comparer.expect({ key, value, at: [event.cause.windowEndUs, event.cause.index] })
  }

  const lookWhetherExact = (): void => {
    if (exactAfterUs !== Infinity || state.partitions.some(({ last }) => last === null)) return
    exactAfterUs = state.throughUs
    comparer.begin(isAfter([exactAfterUs, Infinity], after) ? [exactAfterUs, Infinity] : after)
  }

  return {
    exactAfterUs: () => exactAfterUs,
    slice: async (slice) => {
      if (slice.windowEndUs <= (afterSlicesUs ?? -1)) return
      takeSlice(state, slice, slices++)
      while (isReportDue(state)) {
        const event = reportNext(state)
        if (event !== null) await expect(event)
        lookWhetherExact()
      }
    },
  }
}
