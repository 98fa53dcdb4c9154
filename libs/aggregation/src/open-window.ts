import { emptyRoom, slotRoom, type SlotRoom } from '@tidemark/histogram'
import { invariant, type Limits } from '@tidemark/model'
import {
  batchIdentitySet,
  identitySet,
  type BatchIdentitySet,
  type IdentitySet,
  type Sum64,
} from '@tidemark/wire'
import { overflowName } from './late-counts.ts'
import { addToTable, emptyTable, partTable, type PartTable, type TabledPart } from './part-table.ts'

/** What a row is made of: the counts of one operation, or of one check. */
export type Part = TabledPart & {
  readonly name: string
  readonly overflow: boolean
  /** The next one of the same row, in the order of their first events. */
  next: Part | null
}

/**
 * One service in one open window. It is the digest of its events, too, and holds no lists: what an event touches lies together, since
 * nothing of one of 10,000 services is in the processor's cache.
 */
export type Row<P extends Part> = Sum64 & {
  readonly window: OpenWindow<P>
  /** In the rows of its window: it owns the identities of its events there. */
  readonly index: number
  firstOffset: number
  lastOffset: number
  records: number
  events: number
  identityChecked: boolean
  readonly service: string
  /** The one row for all services above the cap. */
  readonly overflow: boolean
  /** How many it has, at most `operationsPerServiceWindow`, the first and the last one; only `addPart` adds one. */
  partCount: number
  firstPart: P | null
  lastPart: P | null
  /** The one part for all names above the cap. */
  overflowPart: P | null
  /** The batch that brought events last, whether their identities are checked, and how many of them were new. */
  batchOffset: number
  checking: boolean
  recordIdentities: number
}

/** One window of an input partition that still takes events. */
export type OpenWindow<P extends Part> = {
  readonly startUs: number
  readonly endUs: number
  /** In the order of their first events, at most `servicesPerWindow` and one for the overflow. */
  readonly rows: Row<P>[]
  /** Index in `rows`. */
  readonly rowsByService: Map<string, number>
  /** -1: there is none. */
  overflowRow: number
  /** By the service's number in the table of names: 1 + its index in `rows`, 0: not looked up yet. */
  rowNumbers: Int32Array
  readonly room: WindowRoom
  /** Identities held, where 128 events of a batch weigh as much as one single event. */
  identities: number
  /** Of all its rows, without those for names above a cap, of which a row has at most one: at most `operationsPerWindow`. */
  readonly parts: P[]
  /** Those of them that `room.parts` does not find, since the numbers of their names were forgotten. */
  unnumberedParts: number
  events: number
  /** Records were lost that may have held events of it: decided when it closes. */
  incomplete: boolean
  /** First record since the window was last saved that put an event here, or -1; and the events of the partition before it. */
  readFrom: number
  eventsBefore: number
  /** The window as it was last saved: parts of a checkpoint. */
  saved: readonly Uint8Array[]
}

/** What a window keeps for all of its rows together, since thousands of small pieces cost more than what is in them. */
export type WindowRoom = {
  /** Identities of single events and of batched ones, by row. */
  readonly singles: IdentitySet
  readonly batched: BatchIdentitySet
  /** Latencies of its parts. */
  readonly slots: SlotRoom
  readonly parts: PartTable
}

/** `like`: of another window, which this one will need about as much as; so it is not made larger again and again. */
export const windowRoom = (hashSeed: number, like?: WindowRoom): WindowRoom => ({
  singles: identitySet(hashSeed, like?.singles.slots()),
  batched: batchIdentitySet(hashSeed),
  slots: slotRoom(),
  parts: partTable(),
})

/** Makes it hold nothing, for another window. */
export const emptyWindowRoom = ({ singles, batched, slots, parts }: WindowRoom): void => {
  singles.clear()
  batched.clear()
  emptyRoom(slots)
  emptyTable(parts)
}

/** `room` holds nothing yet. */
export const openWindow = <P extends Part>(
  startUs: number,
  endUs: number,
  room: WindowRoom,
): OpenWindow<P> => ({
  startUs,
  endUs,
  rows: [],
  rowsByService: new Map(),
  overflowRow: -1,
  rowNumbers: new Int32Array(64),
  room,
  identities: 0,
  parts: [],
  unnumberedParts: 0,
  events: 0,
  incomplete: false,
  readFrom: -1,
  eventsBefore: 0,
  saved: [],
})

/** The next row of its window, which `addRow` puts there. */
export const emptyRow = <P extends Part>(
  window: OpenWindow<P>,
  service: string,
  overflow: boolean,
): Row<P> => ({
  // Field by field: of an object that is put together from others, the engine keeps some apart from the rest.
  window,
  index: window.rows.length,
  firstOffset: -1,
  lastOffset: -1,
  records: 0,
  events: 0,
  high: 0,
  low: 0,
  identityChecked: true,
  service,
  overflow,
  partCount: 0,
  firstPart: null,
  lastPart: null,
  overflowPart: null,
  batchOffset: -1,
  checking: true,
  recordIdentities: 0,
})

/** Puts a row into its window and returns its index. */
export const addRow = <P extends Part>(row: Row<P>): number => {
  const { window } = row
  const index = window.rows.push(row) - 1
  if (row.overflow) window.overflowRow = index
  else window.rowsByService.set(row.service, index)
  return index
}

/**
 * The row of a service, made if it is new: the overflow row where the window has no room for another. From then on the service's
 * number leads to it.
 */
export const rowOf = <P extends Part>(
  window: OpenWindow<P>,
  serviceNumber: number,
  service: string,
  { servicesPerWindow }: Limits,
): Row<P> => {
  const index = window.rowsByService.get(service) ?? newRow(window, service, servicesPerWindow)
  if (serviceNumber >= window.rowNumbers.length) {
    const larger = new Int32Array(Math.max(serviceNumber + 1, 2 * window.rowNumbers.length))
    larger.set(window.rowNumbers)
    window.rowNumbers = larger
  }
  window.rowNumbers[serviceNumber] = index + 1
  return window.rows[index]!
}

const newRow = <P extends Part>(
  window: OpenWindow<P>,
  service: string,
  servicesMax: number,
): number => {
  if (window.rowsByService.size < servicesMax) return addRow(emptyRow(window, service, false))
  return window.overflowRow >= 0 ? window.overflowRow : addRow(emptyRow(window, overflowName, true))
}

/** Puts a part with counts of its own into its row and returns its index in the window. */
export const addPart = <P extends Part>(row: Row<P>, part: P): number => {
  const { window } = row
  const { parts, room } = window
  invariant(part.index === parts.length, `part ${part.index} of ${parts.length} in its window`)
  parts.push(part)
  if (row.lastPart === null) row.firstPart = part
  else row.lastPart.next = part
  row.lastPart = part
  row.partCount++
  if (part.nameNumber < 0) window.unnumberedParts++
  else addToTable(room.parts, parts, part)
  return part.index
}

/** In the order of their first events, the one for names above the cap at the end. */
export const partsOf = <P extends Part>({ firstPart, overflowPart }: Row<P>): readonly P[] => {
  const parts: P[] = []
  // Whatever is behind a part of a row is of the same kind: only `addPart` puts it there.
  for (let part = firstPart; part !== null; part = part.next as P | null) parts.push(part)
  if (overflowPart !== null) parts.push(overflowPart)
  return parts
}

/** What the next part of a row is, without its counts; `nameNumber` -1: its name has none yet. */
export const ownPart = <P extends Part>(
  { window, index }: Row<P>,
  name: string,
  nameNumber: number,
): Part => ({
  index: window.parts.length,
  row: index,
  nameNumber,
  name,
  overflow: false,
  next: null,
})

/** What the part for names above a cap is: found by no name. */
export const overflowPart = <P extends Part>({ index }: Pick<Row<P>, 'index'>): Part => ({
  index: -1,
  row: index,
  nameNumber: -1,
  name: '',
  overflow: true,
  next: null,
})

/** Makes a part with counts of its own. */
export type EmptyPart<P extends Part> = (part: Part, room: WindowRoom) => P

/**
 * Index in the window of the part with this name, which the window's table does not know, made if it is new; -1: the overflow part, where
 * row or window has no room for another.
 */
export const partIndexOf = <P extends Part>(
  row: Row<P>,
  nameNumber: number,
  name: string,
  { operationsPerServiceWindow, operationsPerWindow }: Limits,
  emptyPart: EmptyPart<P>,
): number => {
  const { window } = row
  const known = window.unnumberedParts === 0 ? null : unnumberedPart(row, name)
  if (known !== null) {
    known.nameNumber = nameNumber
    window.unnumberedParts--
    addToTable(window.room.parts, window.parts, known)
    return known.index
  }
  if (row.partCount < operationsPerServiceWindow && window.parts.length < operationsPerWindow)
    return addPart(row, emptyPart(ownPart(row, name, nameNumber), window.room))
  row.overflowPart ??= emptyPart(overflowPart(row), window.room)
  return -1
}

/** The part with this name among those whose names have no number. */
const unnumberedPart = <P extends Part>({ firstPart }: Row<P>, name: string): Part | null => {
  for (let part: Part | null = firstPart; part !== null; part = part.next)
    if (part.nameNumber < 0 && part.name === name) return part
  return null
}

/** Forgets the numbers of names, whose table was emptied. */
export const forgetServiceNumbers = <P extends Part>(windows: readonly OpenWindow<P>[]): void => {
  for (const window of windows) window.rowNumbers.fill(0)
}

export const forgetPartNumbers = <P extends Part>(windows: readonly OpenWindow<P>[]): void => {
  for (const window of windows) {
    for (const part of window.parts) part.nameNumber = -1
    window.unnumberedParts = window.parts.length
    emptyTable(window.room.parts)
  }
}
