import { putInSlots } from '@tidemark/wire'

/**
 * Parts of a window by the index of their row and the number of their name: one table for all rows, since lists in each row were measured
 * to cost an event of one of 10,000 services four places in memory that are in no cache.
 */
export type PartTable = {
  /** Indexes of parts, as `putInSlots` puts them. */
  slots: Int32Array
  size: number
}

/** What is found: whoever looks has the part in hand then, so it holds its key. */
export type TabledPart = {
  /** In the parts of its window; -1: it is none of those. */
  readonly index: number
  /** Index of its row. */
  readonly row: number
  /** Number of its name in the table of names; -1: not looked up since that was emptied. */
  nameNumber: number
}

const slotsAtFirst = 64

export const partTable = (): PartTable => ({ slots: new Int32Array(slotsAtFirst), size: 0 })

/** Index of the part in `parts`; -1: none has this name. */
export const findPart = (
  { slots }: PartTable,
  parts: readonly TabledPart[],
  row: number,
  nameNumber: number,
): number => {
  const hash = hashOf(row, nameNumber)
  const mask = slots.length - 1
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    const held = slots[slot]!
    if (held === 0) return -1
    if (((held ^ hash) & ~mask) !== 0) continue
    const index = (held & mask) - 1
    const part = parts[index]!
    if (part.row === row && part.nameNumber === nameNumber) return index
  }
}

/** Adds the part with this index, whose name has a number and which is not there yet. */
export const addToTable = (
  table: PartTable,
  parts: readonly TabledPart[],
  part: TabledPart,
): void => {
  const { index } = part
  // Parts whose names have lost their numbers are not in the table, but have an index.
  while (2 * (index + 1) > table.slots.length) grow(table, parts)
  place(table.slots, part)
  table.size++
}

/** Makes it hold nothing. It keeps its room for as many again, unless it used only a small part of that. */
export const emptyTable = (table: PartTable): void => {
  if (table.slots.length > 16 * Math.max(slotsAtFirst, table.size))
    table.slots = new Int32Array(slotsAtFirst)
  else table.slots.fill(0)
  table.size = 0
}

const grow = (table: PartTable, parts: readonly TabledPart[]): void => {
  const { slots: smaller } = table
  const slots = new Int32Array(2 * smaller.length)
  for (const held of smaller) {
    if (held !== 0) place(slots, parts[(held & (smaller.length - 1)) - 1]!)
  }
  table.slots = slots
}

const place = (slots: Int32Array, { index, row, nameNumber }: TabledPart): void => {
  putInSlots(slots, hashOf(row, nameNumber), index)
}

/** Both are numbered in the order of arrival, so nobody can choose them. */
const hashOf = (row: number, nameNumber: number): number => {
  const mixed = Math.imul(Math.imul(row, 0x9e3779b1) ^ nameNumber, 0x85ebca6b)
  return mixed ^ (mixed >>> 15)
}
