/** Where lists of slots lie, one behind the other. A list that outgrows its place moves to the end and leaves the place empty. */
export type SlotRoom = { slots: Uint16Array; used: number }

const none = new Uint16Array(0)

export const slotRoom = (): SlotRoom => ({ slots: none, used: 0 })

/** Forgets all lists in it. It keeps its size for as many again, unless only a small part of that was used. */
export const emptyRoom = (room: SlotRoom): void => {
  if (room.slots.length > 16 * Math.max(64, room.used)) room.slots = none
  room.used = 0
}

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
