import { serviceNameFault, textFault, type Layout, type RejectReason } from '@tidemark/model'
import type { ReadResult, RecordCursor } from '@tidemark/wire'
import { refuseRecord, type Refuse, type Refusing } from './input-frames.ts'
import { internedNames, type InternedNames } from './interned-names.ts'
import { countRejected } from './ledger-counts.ts'
import {
  forgetPartNumbers,
  forgetServiceNumbers,
  partIndexOf,
  rowOf,
  type EmptyPart,
  type OpenWindow,
  type Part,
  type Row,
} from './open-window.ts'
import { findPart } from './part-table.ts'
import { recordTimestampMs, windowAt, type SourceState } from './source-state.ts'

// What records of one event and of many are placed with: windows, rows and parts by the numbers of names. The hot path; see placing.ts.

/** What placing needs besides the record. */
export type Stage<P extends Part> = Refusing<P> & {
  readonly layout: Layout
  readonly services: InternedNames
  /** Of operations or checks. */
  readonly names: InternedNames
  readonly emptyPart: EmptyPart<P>
}

export const stageOf = <P extends Part>(
  state: SourceState<P>,
  layout: Layout,
  refuse: Refuse,
  field: string,
  emptyPart: Stage<P>['emptyPart'],
): Stage<P> => ({
  state,
  layout,
  refuse,
  services: internedNames(
    'service',
    serviceNameFault,
    () => forgetServiceNumbers(state.windows),
    state.hashSeed,
  ),
  names: internedNames(
    field,
    (name) => textFault(field, name),
    () => forgetPartNumbers(state.windows),
    state.hashSeed,
  ),
  emptyPart,
})

export const openWindowAt = <P extends Part>(stage: Stage<P>, atUs: number): OpenWindow<P> => {
  const { windows } = stage.state
  for (let i = windows.length - 1; i >= 0; i--) {
    const window = windows[i]!
    if (atUs >= window.startUs && atUs < window.endUs) return window
  }
  return windowAt(stage.state, atUs, stage.layout)
}

export const rowAt = <P extends Part>(
  { services, layout }: Stage<P>,
  window: OpenWindow<P>,
  service: number,
): Row<P> => {
  const { rowNumbers } = window
  const number = service < rowNumbers.length ? rowNumbers[service]! : 0
  if (number > 0) return window.rows[number - 1]!
  return rowOf(window, service, services.name(service), layout.limits)
}

export const partAt = <P extends Part>(stage: Stage<P>, row: Row<P>, name: number): P =>
  partByIndex(row, partIndexAt(stage, row, name))

/** Index in the window of a row's part with this name, which is added if it is new; -1: the row's overflow part. */
export const partIndexAt = <P extends Part>(stage: Stage<P>, row: Row<P>, name: number): number => {
  const { room, parts } = row.window
  const index = findPart(room.parts, parts, row.index, name)
  if (index >= 0) return index
  return partIndexOf(row, name, stage.names.name(name), stage.layout.limits, stage.emptyPart)
}

export const partByIndex = <P extends Part>({ window, overflowPart }: Row<P>, index: number): P =>
  index < 0 ? overflowPart! : window.parts[index]!

/** Notes that the record at `offset`, `eventsBefore` which others were read, contributes to a row; once for each of both. */
export const countRecord = <P extends Part>(
  window: OpenWindow<P>,
  row: Row<P>,
  offset: number,
  eventsBefore: number,
): void => {
  if (row.lastOffset === offset) return
  if (row.firstOffset < 0) row.firstOffset = offset
  row.lastOffset = offset
  row.records++
  if (window.readFrom >= 0) return
  window.readFrom = offset
  window.eventsBefore = eventsBefore
}

/** The number of the service in `bytes[start, end)`, or -1 when the record is refused for its service or its key. */
export const serviceOf = <P extends Part>(
  stage: Stage<P>,
  record: RecordCursor,
  bytes: Uint8Array,
  start: number,
  end: number,
): number => {
  const { services } = stage
  const { bytes: keyBytes, keyStart, keyEnd } = record
  let service = services.lookup(bytes, start, end)
  if (service < 0) {
    services.makeRoom(1)
    service = services.intern(bytes, start, end)
    if (service < 0) {
      refuseRecord(stage, 'bad_value', services.fault)
      return -1
    }
  }
  if (keyEnd - keyStart === end - start) {
    let i = 0
    while (start + i < end && bytes[start + i] === keyBytes[keyStart + i]) i++
    if (start + i === end) return service
  }
  refuseRecord(stage, 'bad_key', keyEnd < 0 ? 'no key' : 'the key is not the service')
  return -1
}

export const isWhole = <P extends Part>(
  stage: Stage<P>,
  result: ReadResult,
  detail: string,
): boolean => {
  if (result !== 'bad_avro') return true
  refuseRecord(stage, 'bad_avro', detail)
  return false
}

export const refuseEvents = <P extends Part>(
  { state, refuse }: Stage<P>,
  reason: RejectReason,
  detail: string,
  indexes: readonly number[],
): void => {
  countRejected(state.counts, reason, indexes.length)
  refuse(reason, detail, indexes)
}

export const futureDetail = (atUs: number, record: RecordCursor): string =>
  `atUs ${atUs} is ${atUs - recordTimestampMs(record) * 1000} us ahead of the record's timestamp`
