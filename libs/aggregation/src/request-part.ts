import type { HistogramShape, RequestCounts, StatusCount } from '@tidemark/model'
import { emptyHistogram, encodeV2, merge, record, type LatencyHistogram } from '@tidemark/histogram'
import type { Part } from './open-window.ts'

/** Requests of one operation of one service in one window. */
export type RequestPart = Part & {
  total: number
  failed: number
  /** Status and count by turns, in the order of their first events: mostly one or two pairs, at most 1,000. */
  readonly statuses: number[]
  readonly histogram: LatencyHistogram
}

export const emptyRequestPart = (
  name: string,
  overflow: boolean,
  shape: HistogramShape,
): RequestPart => ({
  name,
  overflow,
  total: 0,
  failed: 0,
  statuses: [],
  histogram: emptyHistogram(shape),
})

export const addRequest = (
  part: RequestPart,
  latencyUs: number,
  status: number,
  failed: boolean,
): void => {
  part.total++
  if (failed) part.failed++
  addStatus(part.statuses, status, 1)
  record(part.histogram, latencyUs)
}

const addStatus = (statuses: number[], status: number, events: number): void => {
  for (let i = 0; i < statuses.length; i += 2) {
    if (statuses[i] !== status) continue
    statuses[i + 1]! += events
    return
  }
  statuses.push(status, events)
}

/** Adds what `from` counted to `into`. */
export const mergeRequestPart = (into: RequestPart, from: RequestPart): void => {
  into.total += from.total
  into.failed += from.failed
  for (let i = 0; i < from.statuses.length; i += 2)
    addStatus(into.statuses, from.statuses[i]!, from.statuses[i + 1]!)
  merge(into.histogram, from.histogram)
}

export const requestCountsOf = ({
  total,
  failed,
  statuses,
  histogram,
}: RequestPart): RequestCounts => ({
  total,
  failed,
  statuses: sortedStatuses(statuses),
  overRange: histogram.overRange,
  latencyUsMax: histogram.maxUs < 0 ? null : histogram.maxUs,
  histogram: encodeV2(histogram),
})

const sortedStatuses = (statuses: readonly number[]): readonly StatusCount[] => {
  const rows: StatusCount[] = []
  for (let i = 0; i < statuses.length; i += 2)
    rows.push({ status: statuses[i]!, events: statuses[i + 1]! })
  return rows.sort((a, b) => a.status - b.status)
}
