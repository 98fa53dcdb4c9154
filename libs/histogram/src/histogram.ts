import { invariant, type HistogramShape } from '@tidemark/model'
import { countsFor, leaveCounts, roomFor, slotRoom, sortSlots, type SlotRoom } from './slot-room.ts'
import { checkShape, slotOf, slotsPerOctave } from './slots.ts'

/**
 * Latencies of a set of events, in the slots of an HdrHistogram. Whoever made one owns it: `record` and `merge` change their first
 * argument and nothing else does. What it holds, and its encoded bytes, do not depend on the order of what went in.
 *
 * The slots are our own; `hdr-histogram-js` is the tests' oracle and not used at run time. Measured, it holds all 3,072 slots (24 KB)
 * for a single value, spends 70 to 180 ns on finding a slot that `Math.clz32` finds in 6, writes a header that decoders other
 * than Java's refuse, and loads a compressor that is never called.
 *
 * Written for speed: a value goes to the end of a list of slots, two bytes each, and only full lists are counted. Most rows of a window with many
 * services never fill one; and where there are more, an event touches the end of a list in memory instead of a slot somewhere
 * in kilobytes, and those are touched for a whole list in one go.
 */
export type LatencyHistogram = {
  readonly shape: HistogramShape
  total: number
  /** Values above the range: they are counted in the last slot. */
  overRange: number
  /** The exact maximum, over the range or not; -1 at total 0. */
  maxUs: number
  /** Slots of values that are not in `counts` yet, in any order: `room.slots[listStart, listStart + listSize)`. */
  readonly room: SlotRoom
  listStart: number
  listSize: number
  listRoom: number
  /** Counts of the slots from `firstSlot`, whole octaves, only as many as values have needed; none until a list was full. */
  counts: Float64Array
  firstSlot: number
}

const listAtFirst = 8
/** Above it, counting is less work at the end than sorting. */
const listMax = 256
/** Of a histogram that has never had a full list. */
export const noCounts = new Float64Array(0)

/** Histograms that live and die together, thousands of them, share a room. */
export const emptyHistogram = (
  shape: HistogramShape,
  room: SlotRoom = slotRoom(),
): LatencyHistogram => {
  checkShape(shape)
  return {
    ...{ shape, total: 0, overRange: 0, maxUs: -1 },
    ...{ room, listStart: 0, listSize: 0, listRoom: 0, counts: noCounts, firstSlot: 0 },
  }
}

/** One with all of its slots, for whoever merges many into it and then clears it for the next. */
export const wideHistogram = (shape: HistogramShape): LatencyHistogram => ({
  ...emptyHistogram(shape),
  counts: new Float64Array(slotOf(shape.highestUs) + 1),
})

/** Makes it hold nothing; the room that it has taken stays. */
export const clear = (histogram: LatencyHistogram): void => {
  histogram.total = 0
  histogram.overRange = 0
  histogram.maxUs = -1
  histogram.listSize = 0
  histogram.counts.fill(0)
}

/** Records one latency, a safe integer from 0. Above the range it is counted in the last slot. */
export const record = (histogram: LatencyHistogram, us: number): void => {
  // False for every fraction, NaN and what is above 2^31, too.
  const inRange = us === (us | 0) && us >= 0 && us <= histogram.shape.highestUs
  const slot = inRange ? slotOf(us) : slotOfOverRange(histogram, us)
  if (histogram.listSize === histogram.listRoom) makeRoom(histogram)
  histogram.room.slots[histogram.listStart + histogram.listSize++] = slot
  histogram.total++
  if (us > histogram.maxUs) histogram.maxUs = us
}

const slotOfOverRange = (histogram: LatencyHistogram, us: number): number => {
  invariant(
    Number.isSafeInteger(us) && us >= 0,
    `latency: ${us} us is not an integer of 0 to 2^53 - 1`,
  )
  histogram.overRange++
  return slotOf(histogram.shape.highestUs)
}

/** The list is full: it becomes longer, or what is in it is counted. */
const makeRoom = (histogram: LatencyHistogram): void => {
  const { room, listStart, listSize, listRoom } = histogram
  if (listRoom === listMax) {
    countList(histogram)
    return
  }
  histogram.listRoom = Math.max(listAtFirst, 2 * listRoom)
  histogram.listStart = roomFor(room, listStart, listSize, listRoom, histogram.listRoom)
}

/** Adds what `from` holds to `into`. */
export const merge = (into: LatencyHistogram, from: LatencyHistogram): void => {
  if (into.shape.highestUs !== from.shape.highestUs)
    invariant(
      false,
      `histogram merge: ranges differ, ${into.shape.highestUs} and ${from.shape.highestUs} us`,
    )
  for (let i = 0; i < from.listSize; i++) {
    if (into.listSize === into.listRoom) makeRoom(into)
    into.room.slots[into.listStart + into.listSize++] = from.room.slots[from.listStart + i]!
  }
  if (from.counts.length > 0) addCounts(into, from.counts, from.firstSlot)
  into.total += from.total
  into.overRange += from.overRange
  if (from.maxUs > into.maxUs) into.maxUs = from.maxUs
}

const addCounts = (into: LatencyHistogram, counts: Float64Array, firstSlot: number): void => {
  cover(into, firstSlot, firstSlot + counts.length)
  const shift = firstSlot - into.firstSlot
  for (let i = 0; i < counts.length; i++) into.counts[i + shift]! += counts[i]!
}

/** So many times one slot are still less to write down than to count. */
const timesMax = 64

/** Adds to the slots alone: the caller keeps total, maximum and over-range count. */
export const addToSlot = (histogram: LatencyHistogram, slot: number, count: number): void => {
  if (histogram.counts.length === 0 && histogram.listSize + count <= timesMax) {
    for (let i = 0; i < count; i++) {
      if (histogram.listSize === histogram.listRoom) makeRoom(histogram)
      histogram.room.slots[histogram.listStart + histogram.listSize++] = slot
    }
    return
  }
  cover(histogram, slot, slot + 1)
  histogram.counts[slot - histogram.firstSlot]! += count
}

/** Counts what is in the list. */
const countList = (histogram: LatencyHistogram): void => {
  const { room, listStart, listSize } = histogram
  if (listSize === 0) return
  let low = room.slots[listStart]!
  let high = low
  for (let i = listStart; i < listStart + listSize; i++) {
    const slot = room.slots[i]!
    if (slot < low) low = slot
    else if (slot > high) high = slot
  }
  cover(histogram, low, high + 1)
  const { counts, firstSlot } = histogram
  for (let i = listStart; i < listStart + listSize; i++) counts[room.slots[i]! - firstSlot]!++
  histogram.listSize = 0
}

/** Makes `counts` hold the slots from `low` to before `high`. */
const cover = (histogram: LatencyHistogram, low: number, high: number): void => {
  const { counts, firstSlot } = histogram
  const end = firstSlot + counts.length
  if (low >= firstSlot && high <= end) return
  const newLow = counts.length === 0 ? low : Math.min(low, firstSlot)
  const newFirst = newLow - (newLow % slotsPerOctave)
  const newEnd = Math.ceil(Math.max(high, end) / slotsPerOctave) * slotsPerOctave
  const wider = countsFor(histogram.room, newEnd - newFirst)
  if (counts.length > 0) {
    wider.set(counts, firstSlot - newFirst)
    leaveCounts(histogram.room, counts)
  }
  histogram.counts = wider
  histogram.firstSlot = newFirst
}

/** Whether all values are in the list, which is sorted then; if not, all of them are in `counts`. */
export const isSortedList = (histogram: LatencyHistogram): boolean => {
  const { room, listStart, listSize, counts } = histogram
  if (counts.length === 0) sortSlots(room.slots, listStart, listStart + listSize)
  else countList(histogram)
  return counts.length === 0
}

/** Calls `visit` for each slot that holds something, in ascending order. */
export const forEachSlot = (
  histogram: LatencyHistogram,
  visit: (slot: number, count: number) => void,
): void => {
  if (!isSortedList(histogram)) {
    const { counts, firstSlot } = histogram
    for (let i = 0; i < counts.length; i++) if (counts[i]! > 0) visit(firstSlot + i, counts[i]!)
    return
  }
  const { room, listStart, listSize } = histogram
  const { slots } = room
  for (let at = listStart, run = 1; at < listStart + listSize; at += run, run = 1) {
    while (at + run < listStart + listSize && slots[at + run] === slots[at]) run++
    visit(slots[at]!, run)
  }
}
