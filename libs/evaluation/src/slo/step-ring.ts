import type { SloCounts } from '@tidemark/model'
import { addSlots, chunkSlots, emptyChunk, listOf, packed, summed, type Chunk } from './chunk.ts'

/**
 * Good and bad events by steps of time, so many of the latest ones: a value, for a snapshot holds on to the one of its moment while the
 * evaluator goes on. The newest step stands apart, because it changes with every window; the others lie in chunks, one of which is copied
 * when a step is over; one whose steps are all over is packed. What is kept of a step is cut at 2^43 events either
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
  const sums = { valid: isNewest ? ring.valid : 0, bad: isNewest ? ring.bad : 0 }
  const slots = slotsOf(ring)
  const last = Math.min(end, newest)
  for (let step = Math.max(first, newest - slots, 0); step < last;) {
    const from = (step % slots) % chunkSlots
    const to = Math.min(chunkSlots, from + last - step)
    addSlots(sums, chunks[chunkOf(step % slots)]!, from, to)
    step += to - from
  }
  return sums
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
    if (to === chunkSlots) chunks = withPacked(chunks, chunkOf(at % slots))
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
  const chunk = listOf(chunks[index]!)
  change(chunk, 2 * (slot % chunkSlots))
  return chunks.with(index, summed(chunk))
}

/** Its steps are over, so that only a correction will change it. */
const withPacked = (chunks: readonly Chunk[], index: number): readonly Chunk[] => {
  const chunk = chunks[index]!
  const small = packed(chunk)
  return small === chunk ? chunks : chunks.with(index, small)
}

const cut = (events: number): number => Math.max(-stepMax, Math.min(stepMax, events))
