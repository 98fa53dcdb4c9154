import { slotsPerOctave } from './slots.ts'

/**
 * Where lists of slots lie, one behind the other, and counts, each in an array. A list that outgrows its place moves to the end and leaves the
 * place empty; counts that outgrow their array leave it to others.
 *
 * Room is used again because V8 answers some tens of megabytes of new arrays with marking its whole heap.
 */
export type SlotRoom = {
  slots: Uint16Array
  used: number
  /** All arrays of counts, in use or not, and those that are not, by their length in octaves. */
  all: Float64Array[]
  spare: Float64Array[][]
}

const none = new Uint16Array(0)
/** Kept for the next: 4 MB. */
const spareSlotsMax = 512 * 1024

export const slotRoom = (): SlotRoom => ({ slots: none, used: 0, all: [], spare: [] })

/** Forgets all lists and counts in it. It keeps its size for as many again, unless only a small part of that was used. */
export const emptyRoom = (room: SlotRoom): void => {
  if (room.slots.length > 16 * Math.max(64, room.used)) room.slots = none
  room.used = 0
  let kept = 0
  room.all = room.all.filter(({ length }) => (kept += length) <= spareSlotsMax)
  room.spare = []
  for (const counts of room.all) leaveCounts(room, counts)
}

/** Counts of `slots` slots, whole octaves, all of them 0. */
export const countsFor = (room: SlotRoom, slots: number): Float64Array => {
  const spare = room.spare[slots / slotsPerOctave]?.pop()
  if (spare !== undefined) return spare.fill(0)
  const counts = new Float64Array(slots)
  room.all.push(counts)
  return counts
}

/** Gives back what `countsFor` gave. */
export const leaveCounts = (room: SlotRoom, counts: Float64Array): void =>
  void (room.spare[counts.length / slotsPerOctave] ??= []).push(counts)

/** Gives the list of `size` slots at `start`, which had room for `had`, room for `wanted`; returns where it begins now. */
export const roomFor = (
  room: SlotRoom,
  start: number,
  size: number,
  had: number,
  wanted: number,
): number => {
  const isLast = had > 0 && start + had === room.used
  const from = isLast ? start : room.used
  room.used = from + wanted
  if (room.used > room.slots.length) {
    const larger = new Uint16Array(Math.max(room.used, 2 * room.slots.length))
    larger.set(room.slots)
    room.slots = larger
  }
  if (!isLast) room.slots.copyWithin(from, start, start + size)
  return from
}

/** Few values are sorted faster in place, one by one, than by a call of the engine's own sort. */
const fewMax = 32

/** Sorts `slots[from, to)`, ascending. */
export const sortSlots = (slots: Uint16Array, from: number, to: number): void => {
  if (to - from > fewMax) {
    slots.subarray(from, to).sort()
    return
  }
  for (let i = from + 1; i < to; i++) {
    const slot = slots[i]!
    let at = i
    for (; at > from && slots[at - 1]! > slot; at--) slots[at] = slots[at - 1]!
    slots[at] = slot
  }
}
