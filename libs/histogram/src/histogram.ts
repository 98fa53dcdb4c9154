import { invariant, type HistogramShape } from '@tidemark/model'
import { checkShape, slotOf, slotsPerOctave } from './slots.ts'

/**
 * Latencies of a set of events, in the slots of an HdrHistogram. Whoever made one owns it: `record` and `merge` change their first
 * argument and nothing else does. What it holds, and its encoded bytes, do not depend on the order of what went in.
 *
 * The slots are our own; `hdr-histogram-js` is the tests' oracle and not used at run time. Measured, it holds all 3,072 slots (24 KB)
 * for a single value, spends 70 to 180 ns on finding a slot that `Math.clz32` finds in 6, writes a header that decoders other
 * than Java's refuse, and loads a compressor that is never called.
 */
export type LatencyHistogram = {
  readonly shape: HistogramShape
  total: number
  /** Values above the range: they are counted in the last slot. */
  overRange: number
  /** The exact maximum, over the range or not; -1 at total 0. */
  maxUs: number
  /** Slots of the values recorded so far while they are few: most rows of a window with many services stay that small. */
  few: number[] | null
  /** From then on: counts of the slots from `firstSlot`, whole octaves, only as many as values have needed. */
  counts: Float64Array
  firstSlot: number
}

/** A recording is 8 bytes in `few`, and an octave of slots 1 KB. */
const fewMax = 64
const noCounts = new Float64Array(0)

export const emptyHistogram = (shape: HistogramShape): LatencyHistogram => {
  checkShape(shape)
  return { shape, total: 0, overRange: 0, maxUs: -1, few: [], counts: noCounts, firstSlot: 0 }
}

/** One with all of its slots, for whoever merges many into it and then clears it for the next. */
export const wideHistogram = (shape: HistogramShape): LatencyHistogram => ({
  ...emptyHistogram(shape),
  few: null,
  counts: new Float64Array(slotOf(shape.highestUs) + 1),
})

/** Makes it hold nothing; the room that it has taken stays. */
export const clear = (histogram: LatencyHistogram): void => {
  histogram.total = 0
  histogram.overRange = 0
  histogram.maxUs = -1
  histogram.few?.splice(0)
  histogram.counts.fill(0)
}

/** Records one latency, a safe integer from 0. Above the range it is counted in the last slot. */
export const record = (histogram: LatencyHistogram, us: number): void => {
  // False for every fraction, NaN and what is above 2^31, too.
  const inRange = us === (us | 0) && us >= 0 && us <= histogram.shape.highestUs
  const slot = inRange ? slotOf(us) : slotOfOverRange(histogram, us)
  const at = slot - histogram.firstSlot
  const { few, counts } = histogram
  if (few === null && at >= 0 && at < counts.length) counts[at]!++
  else addToSlot(histogram, slot, 1)
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

/** Adds what `from` holds to `into`. */
export const merge = (into: LatencyHistogram, from: LatencyHistogram): void => {
  if (into.shape.highestUs !== from.shape.highestUs)
    invariant(
      false,
      `histogram merge: ranges differ, ${into.shape.highestUs} and ${from.shape.highestUs} us`,
    )
  if (from.few !== null) for (const slot of from.few) addToSlot(into, slot, 1)
  else addCounts(into, from.counts, from.firstSlot)
  into.total += from.total
  into.overRange += from.overRange
  if (from.maxUs > into.maxUs) into.maxUs = from.maxUs
}

const addCounts = (into: LatencyHistogram, counts: Float64Array, firstSlot: number): void => {
  cover(into, firstSlot, firstSlot + counts.length)
  const shift = firstSlot - into.firstSlot
  for (let i = 0; i < counts.length; i++) into.counts[i + shift]! += counts[i]!
}

/** Adds to the slots alone: the caller keeps total, maximum and over-range count. */
export const addToSlot = (histogram: LatencyHistogram, slot: number, count: number): void => {
  const { few } = histogram
  if (few !== null && few.length + count <= fewMax) {
    for (let i = 0; i < count; i++) few.push(slot)
    return
  }
  cover(histogram, slot, slot + 1)
  histogram.counts[slot - histogram.firstSlot]! += count
}

/** Makes room for the slots from `low` to before `high`, leaving the list of few. */
const cover = (histogram: LatencyHistogram, low: number, high: number): void => {
  const { few, counts, firstSlot } = histogram
  const end = firstSlot + counts.length
  if (few === null && low >= firstSlot && high <= end) return
  let newFirst = counts.length === 0 ? low : Math.min(low, firstSlot)
  let newEnd = Math.max(high, end)
  if (few !== null)
    for (const slot of few) {
      newFirst = Math.min(newFirst, slot)
      newEnd = Math.max(newEnd, slot + 1)
    }
  newFirst -= newFirst % slotsPerOctave
  newEnd = Math.ceil(newEnd / slotsPerOctave) * slotsPerOctave
  const wider = new Float64Array(newEnd - newFirst)
  wider.set(counts, counts.length === 0 ? 0 : firstSlot - newFirst)
  if (few !== null) for (const slot of few) wider[slot - newFirst]!++
  histogram.few = null
  histogram.counts = wider
  histogram.firstSlot = newFirst
}

/** Calls `visit` for each slot that holds something, in ascending order. */
export const forEachSlot = (
  { few, counts, firstSlot }: LatencyHistogram,
  visit: (slot: number, count: number) => void,
): void => {
  if (few === null) {
    for (let i = 0; i < counts.length; i++) if (counts[i]! > 0) visit(firstSlot + i, counts[i]!)
    return
  }
  const slots = few.toSorted((a, b) => a - b)
  for (let i = 0, run = 1; i < slots.length; i += run, run = 1) {
    while (i + run < slots.length && slots[i + run] === slots[i]) run++
    visit(slots[i]!, run)
  }
}
