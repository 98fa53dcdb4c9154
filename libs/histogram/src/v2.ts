import { slabCopies, type HistogramShape } from '@tidemark/model'
import { addToSlot, emptyHistogram, isSortedList, type LatencyHistogram } from './histogram.ts'
import { highestUsMax, slotHighUs, slotLowUs, slotOf } from './slots.ts'

// Uncompressed HdrHistogram V2, as Java's `Histogram.encodeIntoByteBuffer` writes it: seven header fields, then the counts from slot
// 0 to the last one in use as zigzag LEB128, a negative count -n standing for n empty slots.

const cookie = 0x1c849313
const headerBytes = 40
/** A count is below 2^53, its zigzag below 2^54: eight groups of seven bits. */
const varintBytesMax = 8

/** Which field of encoded bytes is not what it must be. */
export type HistogramFault =
  'canonical' | 'cookie' | 'length' | 'maximum' | 'offset' | 'ratio' | 'shape' | 'slots' | 'total'

/** Bytes that no histogram of this layout encodes to. */
export class HistogramFormatError extends Error {
  readonly code = 'histogram_format'
  readonly retriable = false
  readonly fault: HistogramFault

  constructor(fault: HistogramFault, detail: string) {
    super(`histogram: ${detail}`)
    this.fault = fault
  }
}

// Filled and copied within one call; as large as the largest histogram's bytes can get.
const scratch = new Uint8Array(headerBytes + (slotOf(highestUsMax) + 1) * varintBytesMax)
const scratchView = new DataView(scratch.buffer)

/** The bytes of a histogram: the same for the same values, however they came together. */
export const encodeV2 = (histogram: LatencyHistogram): Uint8Array => {
  const end = isSortedList(histogram) ? putList(histogram) : putCounts(histogram)
  putHeader(histogram.shape, end - headerBytes)
  return copyOf(scratch, end)
}

/**
 * What is encoded of a closed row is short and soon gone: memory of its own for each, and for each record, was measured to take 20 MB of a process
 * that closes the rows of 10,000 services.
 */
const copyOf = slabCopies(65_536, 4096)

// Loops of their own, for every row that closes comes here: calling back for each slot was measured to take twice as long.
const putList = ({ room, listStart, listSize }: LatencyHistogram): number => {
  const { slots } = room
  const listEnd = listStart + listSize
  let at = headerBytes
  let next = 0
  for (let i = listStart; i < listEnd;) {
    const slot = slots[i]!
    const from = i++
    while (i < listEnd && slots[i] === slot) i++
    at = putSlot(at, slot - next, i - from)
    next = slot + 1
  }
  return listSize === 0 ? putVarint(at, 0) : at
}

const putCounts = ({ counts, firstSlot }: LatencyHistogram): number => {
  let at = headerBytes
  let next = 0
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i]!
    if (count === 0) continue
    at = putSlot(at, firstSlot + i - next, count)
    next = firstSlot + i + 1
  }
  return next === 0 ? putVarint(at, 0) : at
}

const putSlot = (from: number, empty: number, count: number): number => {
  let at = from
  if (empty > 0) at = putVarint(at, empty === 1 ? 0 : 2 * empty - 1)
  if (count < 64) {
    scratch[at++] = 2 * count
    return at
  }
  return putVarint(at, 2 * count)
}

const putHeader = (shape: HistogramShape, payloadBytes: number): void => {
  scratchView.setInt32(0, cookie)
  scratchView.setInt32(4, payloadBytes)
  scratchView.setInt32(8, 0)
  scratchView.setInt32(12, shape.digits)
  scratchView.setInt32(16, 0)
  scratchView.setInt32(20, shape.lowestUs)
  scratchView.setInt32(24, 0)
  scratchView.setInt32(28, shape.highestUs)
  scratchView.setFloat64(32, 1)
}

// Divisions, for 32-bit shifts would cut a count above 2^31. Doubling is exact for every safe integer.
const putVarint = (from: number, value: number): number => {
  let at = from
  let rest = value
  while (rest >= 128) {
    scratch[at++] = (rest % 128) | 128
    rest = Math.floor(rest / 128)
  }
  scratch[at++] = rest
  return at
}

/** What stands beside the bytes on the wire. */
export type BesideV2 = { readonly overRange: number; readonly latencyUsMax: number | null }

/**
 * The histogram that `bytes` and the figures beside them describe. Strict: it takes exactly what `encodeV2` and Java's library write for
 * this shape. Header and counts are checked before anything is allocated. Throws HistogramFormatError.
 */
export const decodeV2 = (
  bytes: Uint8Array,
  shape: HistogramShape,
  beside: BesideV2,
): LatencyHistogram => {
  checkHeader(bytes, shape)
  const slotMax = slotOf(shape.highestUs)
  const found = walk(bytes, slotMax, () => undefined)
  checkBeside(found, slotMax, shape, beside)
  const histogram = emptyHistogram(shape)
  walk(bytes, slotMax, (slot, count) => addToSlot(histogram, slot, count))
  histogram.total = found.total
  histogram.overRange = beside.overRange
  histogram.maxUs = beside.latencyUsMax ?? -1
  return histogram
}

/**
 * Adds to `into` what `decodeV2` would read, which saves the histogram in between: measured, most of the time that merging many small ones
 * takes. As strict; once it has thrown, `into` is of no use.
 */
export const mergeV2 = (into: LatencyHistogram, bytes: Uint8Array, beside: BesideV2): void => {
  const { shape } = into
  checkHeader(bytes, shape)
  const slotMax = slotOf(shape.highestUs)
  const found = walk(bytes, slotMax, (slot, count) => addToSlot(into, slot, count))
  checkBeside(found, slotMax, shape, beside)
  into.total += found.total
  into.overRange += beside.overRange
  into.maxUs = Math.max(into.maxUs, beside.latencyUsMax ?? -1)
}

const checkHeader = (bytes: Uint8Array, shape: HistogramShape): void => {
  const fail = (fault: HistogramFault, detail: string): never => {
    throw new HistogramFormatError(fault, detail)
  }
  if (bytes.length <= headerBytes)
    fail('length', `${bytes.length} bytes are too few for a header and counts`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getInt32(0) !== cookie) fail('cookie', `cookie ${hex(view.getInt32(0))} is not V2`)
  const payloadBytes = view.getInt32(4)
  if (payloadBytes !== bytes.length - headerBytes)
    fail('length', `${payloadBytes} bytes of counts announced, ${bytes.length - headerBytes} there`)
  if (view.getInt32(8) !== 0) fail('offset', `normalizing offset ${view.getInt32(8)} is not 0`)
  const same =
    view.getInt32(12) === shape.digits &&
    // Both are 64-bit integers below 2^31.
    view.getInt32(16) === 0 &&
    view.getInt32(20) === shape.lowestUs &&
    view.getInt32(24) === 0 &&
    view.getInt32(28) === shape.highestUs
  if (!same)
    fail(
      'shape',
      `digits ${view.getInt32(12)}, range ${view.getBigInt64(16)} to ${view.getBigInt64(24)} are not the layout's`,
    )
  if (view.getFloat64(32) !== 1) fail('ratio', `conversion ratio ${view.getFloat64(32)} is not 1`)
}

const hex = (word: number): string => (word >>> 0).toString(16)

type Found = { readonly total: number; readonly lastSlot: number; readonly lastCount: number }

/** Reads the counts and says what was found; throws on the first that `encodeV2` would not have written. */
const walk = (
  bytes: Uint8Array,
  slotMax: number,
  visit: (slot: number, count: number) => void,
): Found => {
  let slot = 0
  let total = 0
  let lastSlot = -1
  let lastCount = 0
  let afterEmpty = false
  for (let at = headerBytes; at < bytes.length;) {
    let value = 0
    let scale = 1
    const from = at
    for (let more = true; more; scale *= 128) {
      if (at >= bytes.length || at - from >= varintBytesMax)
        throw new HistogramFormatError('length', `count of slot ${slot} does not end`)
      const byte = bytes[at++]!
      value += (byte & 127) * scale
      more = byte >= 128
    }
    if (at - from > 1 && bytes[at - 1] === 0)
      throw new HistogramFormatError('canonical', `count of slot ${slot} has a superfluous byte`)
    const empty = value % 2 === 1 ? (value + 1) / 2 : value === 0 ? 1 : 0
    if (empty > 0 && (afterEmpty || value === 1))
      throw new HistogramFormatError('canonical', `empty slots before ${slot} are not one run`)
    const count = empty > 0 ? 0 : value / 2
    afterEmpty = empty > 0
    slot += Math.max(1, empty)
    if (slot > slotMax + 1)
      throw new HistogramFormatError('slots', `slot ${slot - 1} is above the last, ${slotMax}`)
    total += count
    if (!Number.isSafeInteger(total))
      throw new HistogramFormatError('total', `total ${total} is above 2^53 - 1`)
    if (count > 0) {
      lastSlot = slot - 1
      lastCount = count
      visit(lastSlot, count)
    }
  }
  if (afterEmpty && !(slot === 1 && total === 0))
    throw new HistogramFormatError('canonical', 'empty slots at the end')
  return { total, lastSlot, lastCount }
}

const checkBeside = (
  { total, lastSlot, lastCount }: Found,
  slotMax: number,
  { highestUs }: HistogramShape,
  { overRange, latencyUsMax }: BesideV2,
): void => {
  const overFits =
    overRange === 0 ||
    (Number.isSafeInteger(overRange) &&
      overRange > 0 &&
      lastSlot === slotMax &&
      overRange <= lastCount)
  const high = slotHighUs(lastSlot)
  const maximumFits =
    total === 0
      ? latencyUsMax === null
      : Number.isSafeInteger(latencyUsMax) &&
        (latencyUsMax as number) >= slotLowUs(lastSlot) &&
        (overRange > 0
          ? (latencyUsMax as number) > highestUs
          : (latencyUsMax as number) <= Math.min(high, highestUs))
  if (!overFits || !maximumFits)
    throw new HistogramFormatError(
      'maximum',
      `maximum ${latencyUsMax} us with ${overRange} over the range does not lie in the last slot, ${lastSlot}`,
    )
}
