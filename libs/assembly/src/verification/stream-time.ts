import type { Log } from '@tidemark/log'
import { windowStartOf, type InputTopic, type Layout, type Offset } from '@tidemark/model'
import { recordCursor } from '@tidemark/wire'
import { readOn } from './read-on.ts'

/** An input partition that a verification reads. */
export type InputPartition = {
  readonly topic: InputTopic
  readonly partition: number
  readonly startOffset: Offset
  readonly endOffset: Offset
  /** The aggregator finds windows that start at or before it incomplete, for records that are gone; -1: none. */
  readonly incompleteThroughUs: number
}

/** The first record behind a moment of stream time, and the stream clock before it where it is known. */
export type Moment = { readonly position: Offset; readonly clockMs: number | null }

/** Position of the first record that takes the stream clock past `clockMs`; the end where none does. */
export const firstAfter = (
  log: Log,
  input: InputPartition,
  layout: Layout,
  clockMs: number,
): Promise<Moment> =>
  layout.timestamps === 'broker' ? searchAfter(log, input, clockMs) : skimTo(log, input, clockMs)

/**
 * The moment at which every window is closed that may hold an event of a record before which the clock stood at `clockMs`: who
 * begins to read there knows all of the windows that close later.
 */
export const exactFromUs = (
  clockMs: number,
  { windowUs, graceUs, maxFutureSkewUs }: Layout,
): number => windowStartOf(clockMs * 1000 + maxFutureSkewUs, windowUs) + windowUs + graceUs

/**
 * The moment at which every window is closed that is incomplete; null where none is. The oldest record that is kept does not tell: when a
 * recovery missed what is gone, the aggregator may have read on already, and its clock may have been ahead of that record.
 */
export const wholeFromUs = (
  { incompleteThroughUs }: InputPartition,
  { windowUs, graceUs }: Layout,
): number | null =>
  incompleteThroughUs < 0 ? null : windowStartOf(incompleteThroughUs, windowUs) + windowUs + graceUs

/** How long before a moment to begin so that everything is exact by then. */
export const leadMs = ({ windowUs, graceUs, maxFutureSkewUs }: Layout): number =>
  Math.ceil((maxFutureSkewUs + windowUs + graceUs) / 1000) + 1

/** Timestamp of the first record at or behind a position; null where there is none. */
export const timestampAt = async (
  log: Log,
  { topic, partition, endOffset }: InputPartition,
  position: Offset,
): Promise<{ readonly offset: Offset; readonly timestampMs: number } | null> => {
  const cursor = recordCursor()
  for (let at = position; at < endOffset;) {
    const batches = await readOn(log, { topic, partition, fromOffset: at, bytesMax: 1 })
    cursor.open(batches)
    if (cursor.next())
      return cursor.offset < endOffset
        ? { offset: cursor.offset as Offset, timestampMs: cursor.timestampMs }
        : null
    at = batches.nextOffset
  }
  return null
}

/** The log's own timestamps do not go back, so a partition is searched by halves. Not every offset between them has a record. */
const searchAfter = async (log: Log, input: InputPartition, clockMs: number): Promise<Moment> => {
  let low = input.startOffset
  let high = input.endOffset
  let position = input.endOffset
  while (low < high) {
    const middle = Math.floor((low + high) / 2) as Offset
    const found = await timestampAt(log, input, middle)
    if (found === null || found.timestampMs > clockMs) {
      high = middle
      position = found?.offset ?? input.endOffset
    } else low = (found.offset + 1) as Offset
  }
  return { position, clockMs: null }
}

/** Producers' timestamps may go back, and then only all of them tell where the clock stood. */
const skimTo = async (
  log: Log,
  { topic, partition, startOffset, endOffset }: InputPartition,
  clockMs: number,
): Promise<Moment> => {
  const cursor = recordCursor()
  let clockMsBefore: number | null = null
  for (let at = startOffset; at < endOffset;) {
    const batches = await readOn(log, { topic, partition, fromOffset: at, bytesMax: skimBytes })
    cursor.open(batches)
    while (cursor.next() && cursor.offset < endOffset) {
      if (cursor.timestampMs > clockMs)
        return { position: cursor.offset as Offset, clockMs: clockMsBefore }
      clockMsBefore = Math.max(clockMsBefore ?? 0, cursor.timestampMs)
    }
    at = batches.nextOffset
  }
  return { position: endOffset, clockMs: clockMsBefore }
}

const skimBytes = 4 * 1024 * 1024
