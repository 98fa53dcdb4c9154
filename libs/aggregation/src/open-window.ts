import { emptyRoom, slotRoom, type SlotRoom } from '@tidemark/histogram'
import type { Limits } from '@tidemark/model'
import {
  batchIdentitySet,
  identitySet,
  sum64,
  type BatchIdentitySet,
  type IdentitySet,
  type Sum64,
} from '@tidemark/wire'
import { overflowName } from './late-counts.ts'

/** What a row is made of: the counts of one operation, or of one check. */
export type Part = { readonly name: string; readonly overflow: boolean }

/** One service in one open window. */
export type Row<P extends Part> = {
  readonly window: OpenWindow<P>
  /** In the rows of its window: it owns the identities of its events there. */
  readonly index: number
  readonly service: string
  /** The one row for all services above the cap. */
  readonly overflow: boolean
  /** In the order of their first events, at most `operationsPerServiceWindow`; only `addPart` adds one. */
  readonly parts: P[]
  /** The number of each part's name in the table of names; -1: not looked up since the table was emptied. */
  readonly partNames: number[]
  /** The one part for all names above the cap. */
  overflowPart: P | null
  identityChecked: boolean
  firstOffset: number
  lastOffset: number
  records: number
  events: number
  readonly digest: Sum64
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
  /** Parts of all its rows, without those for names above a cap, of which a row has at most one: at most `operationsPerWindow`. */
  ownParts: number
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
}

export const windowRoom = (hashSeed: number): WindowRoom => ({
  singles: identitySet(hashSeed),
  batched: batchIdentitySet(hashSeed),
  slots: slotRoom(),
})

/** Makes it hold nothing, for another window. */
export const emptyWindowRoom = ({ singles, batched, slots }: WindowRoom): void => {
  singles.clear()
  batched.clear()
  emptyRoom(slots)
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
  ownParts: 0,
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
  window,
  index: window.rows.length,
  service,
  overflow,
  parts: [],
  partNames: [],
  overflowPart: null,
  identityChecked: true,
  firstOffset: -1,
  lastOffset: -1,
  records: 0,
  events: 0,
  digest: sum64(),
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

/** Puts a part with counts of its own into its row and returns its index. */
export const addPart = <P extends Part>(row: Row<P>, part: P, nameNumber: number): number => {
  row.window.ownParts++
  row.parts.push(part)
  return row.partNames.push(nameNumber) - 1
}

/** Makes a part with counts of its own. */
export type EmptyPart<P extends Part> = (name: string, overflow: boolean, room: WindowRoom) => P

/** Index of the part with this name, made if it is new; -1: the overflow part, where row or window has no room for another. */
export const partIndexOf = <P extends Part>(
  row: Row<P>,
  nameNumber: number,
  name: string,
  { operationsPerServiceWindow, operationsPerWindow }: Limits,
  emptyPart: EmptyPart<P>,
): number => {
  for (let i = 0; i < row.parts.length; i++) {
    if (row.partNames[i] !== -1 || row.parts[i]!.name !== name) continue
    row.partNames[i] = nameNumber
    return i
  }
  if (row.parts.length < operationsPerServiceWindow && row.window.ownParts < operationsPerWindow)
    return addPart(row, emptyPart(name, false, row.window.room), nameNumber)
  row.overflowPart ??= emptyPart('', true, row.window.room)
  return -1
}

/** Forgets the numbers of names, whose table was emptied. */
export const forgetServiceNumbers = <P extends Part>(windows: readonly OpenWindow<P>[]): void => {
  for (const window of windows) window.rowNumbers.fill(0)
}

export const forgetPartNumbers = <P extends Part>(windows: readonly OpenWindow<P>[]): void => {
  for (const { rows } of windows) for (const row of rows) row.partNames.fill(-1)
}
