import type { SloCounts } from '@tidemark/model'

/**
 * Good and bad events by steps of time, so many of the latest ones: a value, for a snapshot holds on to the one of its moment while the
 * evaluator goes on. The newest step stands apart, because it changes with every window; the others lie in chunks, one of which is copied
 * when a step is over, and a chunk that holds nothing is the same array everywhere. What is kept of a step is cut at 2^43 events either
 * way, so that no sum of steps leaves the safe integers.
 */
export type StepRing = {
  /** Number of the newest step since the epoch; -1: none yet. */
  readonly newest: number
  readonly valid: number
  readonly bad: number
  /** Of the steps before it: number n lies in slot n modulo all slots. */
  readonly chunks: readonly Chunk[]
}

/**
 * Of each slot the valid events, then the bad ones; at `sumAt` the sums of all slots, so that a span costs the steps at its ends. In one list,
 * since objects around lists would take more than the 20 KB that an objective may have.
 */
export type Chunk = readonly number[]

/** Copying a chunk costs its size, having one some fifty bytes: 1 KB is between the two. */
export const chunkSlots = 62
export const sumAt = 2 * chunkSlots
export const chunkLength = sumAt + 2
export const emptyChunk: Chunk = Array<number>(chunkLength).fill(0)
const stepMax = 2 ** 43

/** Remembers at least so many steps before the newest one. */
export const stepRing = (steps: number): StepRing => ({
  newest: -1,
  valid: 0,
  bad: 0,
  chunks: Array<Chunk>(Math.ceil(steps / chunkSlots)).fill(emptyChunk),
})

/** Steps before the newest one that are remembered. */
export const slotsOf = ({ chunks }: StepRing): number => chunks.length * chunkSlots

/** With more events in a step; one that is forgotten takes none. A step after the newest one becomes the newest. */
export const addToStep = (ring: StepRing, step: number, { valid, bad }: SloCounts): StepRing => {
  const { newest, chunks } = ring
  if (step === newest)
    return { newest, valid: cut(ring.valid + valid), bad: cut(ring.bad + bad), chunks }
  if (step > newest)
    return { newest: step, valid: cut(valid), bad: cut(bad), chunks: passed(ring, step) }
  const slots = slotsOf(ring)
  if (step < newest - slots || step < 0) return ring
  const at = step % slots
  return {
    ...ring,
    chunks: withChunk(chunks, at, (chunk, place) => {
      chunk[place] = cut(chunk[place]! + valid)
      chunk[place + 1] = cut(chunk[place + 1]! + bad)
    }),
  }
}

/** Events of the steps from `first` to before `end`; corrections may have made them negative. */
export const sumOfSteps = (ring: StepRing, first: number, end: number): SloCounts => {
  const { newest, chunks } = ring
  const isNewest = first <= newest && newest < end
  let valid = isNewest ? ring.valid : 0
  let bad = isNewest ? ring.bad : 0
  const slots = slotsOf(ring)
  const last = Math.min(end, newest)
  for (let step = Math.max(first, newest - slots, 0); step < last;) {
    const chunk = chunks[chunkOf(step % slots)]!
    const from = (step % slots) % chunkSlots
    const to = Math.min(chunkSlots, from + last - step)
    if (to - from === chunkSlots) {
      valid += chunk[sumAt]!
      bad += chunk[sumAt + 1]!
    } else if (chunk !== emptyChunk)
      for (let at = 2 * from; at < 2 * to; at += 2) {
        valid += chunk[at]!
        bad += chunk[at + 1]!
      }
    step += to - from
  }
  return { valid, bad }
}

/** The chunks once `step` becomes the newest: what was the newest goes in, the steps between hold nothing. */
const passed = (ring: StepRing, step: number): readonly Chunk[] => {
  const { newest, valid, bad } = ring
  if (newest < 0) return ring.chunks
  const slots = slotsOf(ring)
  let { chunks } = ring
  for (let at = Math.max(newest, step - slots); at < step;) {
    const from = (at % slots) % chunkSlots
    const to = Math.min(chunkSlots, from + step - at)
    const isNewest = at === newest
    if (chunks[chunkOf(at % slots)] !== emptyChunk || (isNewest && (valid !== 0 || bad !== 0)))
      chunks = withChunk(chunks, at % slots, (chunk, place) => {
        chunk.fill(0, place, 2 * to)
        if (!isNewest) return
        chunk[place] = valid
        chunk[place + 1] = bad
      })
    at += to - from
  }
  return chunks
}

const chunkOf = (slot: number): number => Math.floor(slot / chunkSlots)

/** With a copy of the chunk that holds a slot, which `change` may write to. */
const withChunk = (
  chunks: readonly Chunk[],
  slot: number,
  change: (chunk: number[], place: number) => void,
): readonly Chunk[] => {
  const index = chunkOf(slot)
  const chunk = chunks[index]!.slice()
  change(chunk, 2 * (slot % chunkSlots))
  return chunks.with(index, summed(chunk))
}

/** Puts the sums of its slots into a chunk, whose owner the caller is; one that holds nothing is `emptyChunk`. */
export const summed = (chunk: number[]): Chunk => {
  let valid = 0
  let bad = 0
  let isEmpty = true
  for (let at = 0; at < sumAt; at += 2) {
    valid += chunk[at]!
    bad += chunk[at + 1]!
    if (chunk[at] !== 0 || chunk[at + 1] !== 0) isEmpty = false
  }
  chunk[sumAt] = valid
  chunk[sumAt + 1] = bad
  return isEmpty ? emptyChunk : chunk
}

const cut = (events: number): number => Math.max(-stepMax, Math.min(stepMax, events))
