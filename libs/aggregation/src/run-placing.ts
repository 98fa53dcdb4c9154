import type { Layout } from '@tidemark/model'
import { addIdentityWords, runRecordsMax, type RequestRun } from '@tidemark/wire'
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
  { windowAt, rowAt, partAt, addUnnamed, countRecord }: RowsAndParts,
  { limits: { identitiesPerWindow } }: Layout,
): ((run: RequestRun, eventsBefore: number) => number) => {
  const rows: (Row<RequestPart> | null)[] = new Array<null>(runRecordsMax).fill(null)
  const parts: (RequestPart | null)[] = new Array<null>(runRecordsMax).fill(null)
  const hashes = new Int32Array(runRecordsMax)
  // What is written somewhere is not left out by the engine.
  const touched = new Int32Array(1)

  const findRows = (run: RequestRun): void => {
    const { count, service, atUs, hasId, idWords } = run
    let window: OpenWindow<RequestPart> | null = null
    for (let i = 0; i < count; i++) {
      const at = atUs[i]!
      if (window === null || at < window.startUs || at >= window.endUs) window = windowAt(at)
      const row = rowAt(window, service[i]!)
      rows[i] = row
      if (hasId[i] === 0) continue
      const word = 4 * i
      hashes[i] = window.room.singles.hash(
        idWords[word]!,
        idWords[word + 1]!,
        idWords[word + 2]!,
        idWords[word + 3]!,
        row.index,
      )
    }
    let sum = 0
    for (let i = 0; i < count; i++) sum ^= rows[i]!.window.room.singles.touch(hashes[i]!)
    touched[0] = sum
  }

  /** Finds the parts that are there already; an event that turns out to be a repeat must not make one. */
  const findParts = ({ count, operation }: RequestRun): void => {
    for (let i = 0; i < count; i++) {
      const { window, index } = rows[i]!
      const at = findPart(window.room.parts, window.parts, index, operation[i]!)
      parts[i] = at < 0 ? null : window.parts[at]!
    }
    let sum = 0
    for (let i = 0; i < count; i++) {
      const part = parts[i]!
      if (part !== null) sum ^= part.room.slots[part.listStart + part.listSize - 1]!
    }
    touched[0]! ^= sum
  }

  /** Whether event i of a run is new; then it is in the digest of its row. */
  const isNew = (run: RequestRun, i: number, row: Row<RequestPart>): boolean => {
    const { window } = row
    if (run.hasId[i] === 0) {
      addUnnamed(row, run.firstOffset + i)
      return true
    }
    const { idWords } = run
    const a = idWords[4 * i]!
    const b = idWords[4 * i + 1]!
    const c = idWords[4 * i + 2]!
    const d = idWords[4 * i + 3]!
    if (window.identities >= identitiesPerWindow) row.identityChecked = false
    else if (window.room.singles.addHashed(hashes[i]!, a, b, c, d, row.index)) window.identities++
    else return false
    addIdentityWords(row, a, b, c, d)
    return true
  }

  return (run, eventsBefore) => {
    findRows(run)
    findParts(run)
    const { count, operation, latencyUs, status, failed, firstOffset } = run
    let placed = 0
    for (let i = 0; i < count; i++) {
      const row = rows[i]!
      // Nothing here may keep a window alive that is closed.
      rows[i] = null
      const part = parts[i]!
      parts[i] = null
      if (!isNew(run, i, row)) continue
      const { window } = row
      countRecord(window, row, firstOffset + i, eventsBefore + i)
      row.events++
      window.events++
      placed++
      addRequest(part ?? partAt(row, operation[i]!), latencyUs[i]!, status[i]!, failed[i] === 1)
    }
    return placed
  }
}
