import type { HistogramShape, RequestCounts, StatusCount } from '@tidemark/model'
import {
  encodeV2,
  merge,
  noCounts,
  record,
  type LatencyHistogram,
  type SlotRoom,
} from '@tidemark/histogram'
import { overflowPart, type Part } from './open-window.ts'

/**
 * Requests of one operation of one service in one window: their latencies, and what else is counted. One object, not one that holds others,
 * because an event of one of 10,000 services finds none of it in the processor's cache.
 */
export type RequestPart = Part &
  LatencyHistogram & {
    failed: number
    /** The first status and its events; -1: none yet. */
    firstStatus: number
    firstStatusEvents: number
    /** Other statuses, each with its events behind it, in the order of their first events: mostly none, at most 1,000. */
    otherStatuses: number[] | null
  }

/** The shape is one that `checkShape` lets pass. What an event touches comes first. */
export const emptyRequestPart = (
  { index, row, nameNumber, name, overflow, next }: Part,
  shape: HistogramShape,
  room: SlotRoom,
): RequestPart => ({
  // Field by field: of an object that is put together from others, the engine keeps some apart from the rest.
  row,
  nameNumber,
  firstStatus: -1,
  firstStatusEvents: 0,
  total: 0,
  maxUs: -1,
  listStart: 0,
  listSize: 0,
  listRoom: 0,
  room,
  shape,
  failed: 0,
  otherStatuses: null,
  overRange: 0,
  counts: noCounts,
  firstSlot: 0,
  index,
  name,
  overflow,
  next,
})

/** A part of no row, for adding up others. */
export const emptySum = (shape: HistogramShape, room: SlotRoom): RequestPart =>
  emptyRequestPart(overflowPart({ index: -1 }), shape, room)

export const addRequest = (
  part: RequestPart,
  latencyUs: number,
  status: number,
  failed: boolean,
): void => {
  if (failed) part.failed++
  if (part.firstStatus === status) part.firstStatusEvents++
  else addStatus(part, status, 1)
  record(part, latencyUs)
}

/** Counts a status; nothing else. */
export const addStatus = (part: RequestPart, status: number, events: number): void => {
  if (part.firstStatus < 0) part.firstStatus = status
  if (part.firstStatus === status) {
    part.firstStatusEvents += events
    return
  }
  const statuses = (part.otherStatuses ??= [])
  for (let i = 0; i < statuses.length; i += 2) {
    if (statuses[i] !== status) continue
    statuses[i + 1]! += events
    return
  }
  statuses.push(status, events)
}

/** Adds what `from` counted to `into`. */
export const mergeRequestPart = (into: RequestPart, from: RequestPart): void => {
  into.failed += from.failed
  forEachStatus(from, (status, events) => addStatus(into, status, events))
  merge(into, from)
}

/** In the order of their first events. */
export const forEachStatus = (
  { firstStatus, firstStatusEvents, otherStatuses }: RequestPart,
  visit: (status: number, events: number) => void,
): void => {
  if (firstStatus < 0) return
  visit(firstStatus, firstStatusEvents)
  if (otherStatuses === null) return
  for (let i = 0; i < otherStatuses.length; i += 2) visit(otherStatuses[i]!, otherStatuses[i + 1]!)
}

export const requestCountsOf = (part: RequestPart): RequestCounts => ({
  total: part.total,
  failed: part.failed,
  statuses: sortedStatuses(part),
  overRange: part.overRange,
  latencyUsMax: part.maxUs < 0 ? null : part.maxUs,
  histogram: encodeV2(part),
})

const sortedStatuses = (part: RequestPart): readonly StatusCount[] => {
  const rows: StatusCount[] = []
  forEachStatus(part, (status, events) => void rows.push({ status, events }))
  return rows.length < 2 ? rows : rows.sort((a, b) => a.status - b.status)
}
