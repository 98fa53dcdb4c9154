import type { HistogramShape } from '@tidemark/model'

/** Values that are in one slot, from its lowest value up to before the next one's. */
export type Slot = readonly [lowUs: number, count: number]

/** Two significant digits: 256 slots of 1 us, then 128 to each power of two. */
export const slotLowOf = (us: number): number => us - (us % slotWidthOf(us))

const slotWidthOf = (us: number): number => {
  let width = 1
  while (us >= 256 * width) width *= 2
  return width
}

/** The slots of latencies; what is above the range counts in the last one. */
export const slotsOf = (
  latenciesUs: readonly number[],
  { highestUs }: HistogramShape,
): readonly Slot[] => {
  const counts = new Map<number, number>()
  for (const us of latenciesUs) {
    const low = slotLowOf(Math.min(us, highestUs))
    counts.set(low, (counts.get(low) ?? 0) + 1)
  }
  return [...counts].sort(([a], [b]) => a - b)
}

/** The value at rank ceil(q n) of sorted latencies, as its slot says it. */
export const quantileOf = (
  sortedUs: readonly number[],
  thousandths: number,
  { highestUs }: HistogramShape,
): { readonly valueUs: number; readonly lowUs: number; readonly highUs: number } => {
  const maxUs = sortedUs.at(-1)!
  const us = Math.min(sortedUs[Math.ceil((thousandths * sortedUs.length) / 1000) - 1]!, highestUs)
  const lowUs = slotLowOf(us)
  const isOpenAbove = maxUs > highestUs && lowUs === slotLowOf(highestUs)
  const highUs = isOpenAbove ? maxUs : Math.min(lowUs + slotWidthOf(us) - 1, maxUs)
  return { valueUs: highUs, lowUs, highUs }
}

/** The slots in an uncompressed HdrHistogram V2: behind 40 bytes of header counts in zigzag, a negative one so many empty slots. */
export const slotsInV2 = (bytes: Uint8Array): readonly Slot[] => {
  const slots: Slot[] = []
  let at = 40
  let slot = 0
  const next = (): number => {
    let zigzag = 0
    for (let weight = 1; ; weight *= 128) {
      const byte = bytes[at++] ?? 0
      zigzag += (byte & 0x7f) * weight
      if (byte < 0x80) return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2
    }
  }
  while (at < bytes.length) {
    const count = next()
    if (count > 0) slots.push([lowOfSlot(slot), count])
    slot += count > 0 ? 1 : Math.max(1, -count)
  }
  return slots
}

const lowOfSlot = (slot: number): number =>
  slot < 256 ? slot : (128 + (slot % 128)) * 2 ** (Math.floor(slot / 128) - 1)
