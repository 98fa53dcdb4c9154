import type { HistogramShape, LatencySignal, Quantile } from '@tidemark/model'
import { clear, wideHistogram, type LatencyHistogram } from './histogram.ts'
import { latencySignalOf, p50, p95, p99, p999, rankOf } from './quantile.ts'
import { slotHighUs, slotLowUs, slotOf } from './slots.ts'
import { encodeV2, mergeV2, type BesideV2 } from './v2.ts'

/** An encoded histogram with what stands beside it. */
export type EncodedLatencies = BesideV2 & { readonly histogram: Uint8Array }

/**
 * The figures of several histograms together; null where they hold nothing. HistogramFormatError for bytes that `decodeV2` would refuse.
 *
 * Written for speed: an evaluator asks for it once per service and window. Only slots in use are visited, by a map of bits, since clearing and
 * walking all 3,072 of them is most of what a few windows of few requests take. What is in any way unusual, values over the range and
 * faults of all kinds, goes the plain way, which the tests hold this one against.
 */
export const mergedSignalOf = (
  parts: readonly EncodedLatencies[],
  shape: HistogramShape,
): LatencySignal | null => {
  useShape(shape)
  let total = 0
  let maxUs = -1
  for (const part of parts) {
    const added = addSlots(part)
    if (added < 0) {
      clearSlots()
      return plainSignalOf(parts, shape)
    }
    total += added
    if (part.latencyUsMax! > maxUs) maxUs = part.latencyUsMax!
  }
  if (total === 0) return null
  const [at50, at95, at99, at999] = takeQuantiles(total, maxUs)
  return {
    ...{ count: total, overRange: 0, maxUs },
    ...{ p50: at50!, p95: at95!, p99: at99!, p999: at999! },
  }
}

/** The same by one histogram into which all are merged. */
export const plainSignalOf = (
  parts: readonly EncodedLatencies[],
  shape: HistogramShape,
): LatencySignal | null => {
  if (wide?.shape.highestUs !== shape.highestUs) wide = wideHistogram(shape)
  clear(wide)
  for (const part of parts) mergeV2(wide, part.histogram, part)
  return latencySignalOf(wide)
}

let wide: LatencyHistogram | null = null

// Filled and emptied within one call.
let highestUs = -1
let header = new Uint8Array(0)
let slotCount = 0
let counts = new Float64Array(0)
/** A bit for each slot that holds something. */
let used = new Int32Array(0)

const payloadLengthAt = 4
const headerBytes = 40
/** A count takes at most so many bytes here, below 2^28. */
const varintBytesMax = 4

const useShape = (shape: HistogramShape): void => {
  if (highestUs === shape.highestUs) return
  header = encodeV2({ ...wideHistogram(shape) }).slice(0, headerBytes)
  highestUs = shape.highestUs
  slotCount = slotOf(highestUs) + 1
  counts = new Float64Array(slotCount)
  used = new Int32Array(Math.ceil(slotCount / 32))
}

/** Adds a part's counts; returns how many they are, or -1 where there is anything unusual about it. */
const addSlots = ({ histogram: bytes, overRange, latencyUsMax }: EncodedLatencies): number => {
  if (overRange !== 0 || latencyUsMax === null) return -1
  if (!Number.isInteger(latencyUsMax) || latencyUsMax < 0 || latencyUsMax > highestUs) return -1
  if (!hasHeader(bytes)) return -1
  let slot = 0
  let total = 0
  let wasEmpty = false
  for (let at = headerBytes; at < bytes.length;) {
    let value = bytes[at++]!
    if (value > 127) {
      value &= 127
      let shift = 7
      for (let more = true; more; shift += 7) {
        if (at === bytes.length || shift === 7 * varintBytesMax) return -1
        const byte = bytes[at++]!
        value |= (byte & 127) << shift
        more = byte > 127
        if (byte === 0) return -1
      }
    }
    if ((value & 1) === 1 || value === 0) {
      if (wasEmpty || value === 1) return -1
      wasEmpty = true
      slot += value === 0 ? 1 : (value + 1) >>> 1
      continue
    }
    wasEmpty = false
    if (slot >= slotCount) return -1
    const count = value >>> 1
    counts[slot]! += count
    used[slot >>> 5]! |= 1 << (slot & 31)
    total += count
    slot++
  }
  return wasEmpty || total === 0 || slotOf(latencyUsMax) !== slot - 1 ? -1 : total
}

const hasHeader = (bytes: Uint8Array): boolean => {
  const payload = bytes.length - headerBytes
  if (payload <= 0) return false
  for (let i = 0; i < headerBytes; i++)
    if (bytes[i] !== header[i] && (i < payloadLengthAt || i >= payloadLengthAt + 4)) return false
  const announced = (bytes[4]! << 24) | (bytes[5]! << 16) | (bytes[6]! << 8) | bytes[7]!
  return announced === payload
}

const shares = [p50, p95, p99, p999]

/** Reads the quantiles off the slots and leaves these empty. */
const takeQuantiles = (total: number, maxUs: number): readonly Quantile[] => {
  const ranks = shares.map((share) => rankOf(share, total))
  const found: Quantile[] = []
  let below = 0
  for (let word = 0; word < used.length; word++) {
    let bits = used[word]!
    if (bits === 0) continue
    used[word] = 0
    for (; bits !== 0; bits &= bits - 1) {
      const slot = 32 * word + 31 - Math.clz32(bits & -bits)
      below += counts[slot]!
      counts[slot] = 0
      while (found.length < ranks.length && ranks[found.length]! <= below) {
        const highUs = Math.min(slotHighUs(slot), maxUs)
        found.push({ valueUs: highUs, lowUs: slotLowUs(slot), highUs })
      }
    }
  }
  return found
}

const clearSlots = (): void => {
  counts.fill(0)
  used.fill(0)
}
