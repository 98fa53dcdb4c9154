import { invariant, type HistogramShape } from '@tidemark/model'

// The slots of an HdrHistogram with lowest value 1 and 2 significant digits: slots 0 to 255 hold one value each, from there on
// every power of two has 128 slots of equal width, so that a slot is never wider than 1/128 of the values in it.

const halfBits = 7
/** Slots per power of two. */
export const slotsPerOctave = 1 << halfBits
const exactMask = 2 * slotsPerOctave - 1
const octaveOfZeros = 32 - halfBits - 1

/** Above it `Math.clz32` would not see the highest bit. */
export const highestUsMax = 2 ** 31 - 1

/** Slot of a value of 0 to 2^31 - 1. */
export const slotOf = (us: number): number => {
  const octave = octaveOfZeros - Math.clz32(us | exactMask)
  return (octave << halfBits) + (us >>> octave)
}

/** The smallest value of a slot. */
export const slotLowUs = (slot: number): number => {
  const octave = octaveOf(slot)
  return (slot - octave * slotsPerOctave) * 2 ** octave
}

/** The largest value of a slot. */
export const slotHighUs = (slot: number): number => slotLowUs(slot) + 2 ** octaveOf(slot) - 1

const octaveOf = (slot: number): number => Math.max(0, (slot >> halfBits) - 1)

/** Stops on a shape that the slots above do not describe. */
export const checkShape = ({ lowestUs, highestUs, digits }: HistogramShape): void => {
  const known = lowestUs === 1 && digits === 2 && Number.isInteger(highestUs)
  if (!known || highestUs <= exactMask || highestUs > highestUsMax)
    invariant(
      false,
      `histogram shape: lowest ${lowestUs}, highest ${highestUs}, digits ${digits}: only lowest 1, highest ${exactMask + 1} to ${highestUsMax} and 2 digits are known`,
    )
}

/**
 * What a threshold means to a histogram: the largest value of the slot that holds it. "At or under 500 ms" counts what is at or under
 * 501.759 ms.
 */
export const effectiveThresholdUs = (thresholdUs: number): number => slotHighUs(slotOf(thresholdUs))

/** The smallest value of the slot that holds a latency: what a percentile there is at least. */
export const slotLowUsOf = (us: number): number => slotLowUs(slotOf(us))
