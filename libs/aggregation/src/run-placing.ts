import type { Layout } from '@tidemark/model'
import {
  addIdentityWords,
  identityColumns,
  runRecordsMax,
  type IdentityColumns,
  type RequestRun,
} from '@tidemark/wire'
import type { OpenWindow, Row } from './open-window.ts'
import { findPart } from './part-table.ts'
import { addRequest, type RequestPart } from './request-part.ts'

/** Finds rows and parts by the numbers of their names. */
export type RowsAndParts = {
  readonly windowAt: (atUs: number) => OpenWindow<RequestPart>
  readonly rowAt: (window: OpenWindow<RequestPart>, service: number) => Row<RequestPart>
  readonly partAt: (row: Row<RequestPart>, operation: number) => RequestPart
  /** Puts an event without an id into the digest of its row. */
  readonly addUnnamed: (row: Row<RequestPart>, offset: number) => void
  /** Notes that the record at an offset contributes to a row. */
  readonly countRecord: (
    window: OpenWindow<RequestPart>,
    row: Row<RequestPart>,
    offset: number,
    eventsBefore: number,
  ) => void
}

/**
 * Places a run, in which nothing is out of the ordinary, and returns how many of its events are new: first it looks up all rows, then
 * touches the places of all identities, so that the processor fetches those from memory side by side, and then it counts.
 */
export const runPlacing = (
  of: RowsAndParts,
  { limits: { identitiesPerWindow } }: Layout,
): ((run: RequestRun, eventsBefore: number) => number) => {
  const { partAt, addUnnamed, countRecord } = of
  const placed = placedRun()
  const { rows, parts } = placed

  return (run, eventsBefore) => {
    findRows(placed, run, of)
    findParts(placed, run)
    addIdentities(placed, run, identitiesPerWindow)
    const { count, operation, latencyUs, status, failed, hasId, idWords, firstOffset } = run
    const { isNew } = placed.ids
    let events = 0
    for (let i = 0; i < count; i++) {
      const row = rows[i]!
      // Nothing here may keep a window alive that is closed.
      rows[i] = null
      const part = parts[i]!
      parts[i] = null
      if (isNew[i] === 0) continue
      const at = 4 * i
      if (hasId[i] === 0) addUnnamed(row, firstOffset + i)
      else addIdentityWords(row, idWords[at]!, idWords[at + 1]!, idWords[at + 2]!, idWords[at + 3]!)
      const { window } = row
      countRecord(window, row, firstOffset + i, eventsBefore + i)
      row.events++
      window.events++
      events++
      addRequest(part ?? partAt(row, operation[i]!), latencyUs[i]!, status[i]!, failed[i] === 1)
    }
    return events
  }
}

/** Where the events of a run go. */
type PlacedRun = {
  readonly rows: (Row<RequestPart> | null)[]
  /** null: not there yet. */
  readonly parts: (RequestPart | null)[]
  ids: IdentityColumns
  /** Events in a row that go into the same window, and the end of each such stretch. */
  readonly stretchEnds: Int32Array
  stretches: number
  /** What is written somewhere is not left out by the engine. */
  touched: number
}

const placedRun = (): PlacedRun => ({
  rows: new Array<null>(runRecordsMax).fill(null),
  parts: new Array<null>(runRecordsMax).fill(null),
  ids: identityColumns(new Int32Array(0)),
  stretchEnds: new Int32Array(runRecordsMax),
  stretches: 0,
  touched: 0,
})

const findRows = (
  placed: PlacedRun,
  { count, service, atUs, hasId, idWords }: RequestRun,
  { windowAt, rowAt }: RowsAndParts,
): void => {
  if (placed.ids.words !== idWords) placed.ids = identityColumns(idWords)
  const { rows, stretchEnds, ids } = placed
  const { owners } = ids
  let window = windowAt(atUs[0]!)
  let { startUs, endUs } = window
  let from = 0
  let stretches = 0
  for (let i = 0; i < count; i++) {
    const at = atUs[i]!
    if (at < startUs || at >= endUs) {
      placed.touched ^= window.room.singles.hashAll(ids, from, i)
      from = i
      stretchEnds[stretches++] = i
      window = windowAt(at)
      startUs = window.startUs
      endUs = window.endUs
    }
    const row = rowAt(window, service[i]!)
    rows[i] = row
    owners[i] = hasId[i] === 0 ? -1 : row.index
  }
  placed.touched ^= window.room.singles.hashAll(ids, from, count)
  stretchEnds[stretches++] = count
  placed.stretches = stretches
}

/** Finds the parts that are there already; an event that turns out to be a repeat must not make one. */
const findParts = (placed: PlacedRun, { count, operation }: RequestRun): void => {
  const { rows, parts } = placed
  for (let i = 0; i < count; i++) {
    const { window, index } = rows[i]!
    const at = findPart(window.room.parts, window.parts, index, operation[i]!)
    parts[i] = at < 0 ? null : window.parts[at]!
  }
  let sum = 0
  for (let i = 0; i < count; i++) {
    const part = parts[i]!
    if (part !== null && part.listSize > 0)
      sum ^= part.room.slots[part.listStart + part.listSize - 1]!
  }
  placed.touched ^= sum
}

/** Above the limit an identity is not checked, and its event counts as new. */
const addIdentities = (
  { rows, ids, stretches, stretchEnds }: PlacedRun,
  { hasId }: RequestRun,
  identitiesMax: number,
): void => {
  for (let k = 0, from = 0; k < stretches; from = stretchEnds[k++]!) {
    const to = stretchEnds[k]!
    const { window } = rows[from]!
    const { singles } = window.room
    if (window.identities + to - from <= identitiesMax) {
      window.identities += singles.addAll(ids, from, to)
      continue
    }
    for (let i = from; i < to; i++) {
      if (window.identities < identitiesMax || hasId[i] === 0) {
        window.identities += singles.addAll(ids, i, i + 1)
        continue
      }
      rows[i]!.identityChecked = false
      ids.isNew[i] = 1
    }
  }
}
