import { checkShape } from '@tidemark/histogram'
import type { Layout, Offset } from '@tidemark/model'
import {
  addIdentity,
  healthCheckedReader,
  requestBatchReader,
  requestObservedReader,
  requestRun,
  type Fingerprint,
  type HealthCheckedReader,
  type ReadResult,
  type RecordCursor,
  type RequestObservedReader,
} from '@tidemark/wire'
import { emptyDictionary, placeBatch } from './batch-placing.ts'
import { addCheck, emptyCheckPart, type CheckPart } from './check-part.ts'
import {
  framed,
  type InputSchemas,
  type Placing,
  type Placings,
  type Refuse,
  type RunPlacing,
} from './input-frames.ts'
import { countLate } from './late-counts.ts'
import type { Part, Row } from './open-window.ts'
import {
  countRecord,
  futureDetail,
  isWhole,
  openWindowAt,
  partAt,
  refuseEvents,
  rowAt,
  serviceOf,
  stageOf,
  type Stage,
} from './placing-stage.ts'
import { addRequest, emptyRequestPart, type RequestPart } from './request-part.ts'
import { runPlacing } from './run-placing.ts'
import { recordTimestampMs, type SourceState } from './source-state.ts'

// The hot path: everything that happens to every record. It mutates what it owns and makes no object, string or closure for an
// event that goes where others have gone before, because objects per record were measured to cost more than all of this
// together. The plain version, which the tests hold it to, is reference.ts.

export const requestPlacing = (
  state: SourceState<RequestPart>,
  layout: Layout,
  schemas: InputSchemas,
  refuse: Refuse,
): Placings => {
  checkShape(layout.histogram)
  const stage = stageOf(state, layout, refuse, 'operation', (part, room) =>
    emptyRequestPart(part, layout.histogram, room.slots),
  )
  const request = requestObservedReader()
  const batch = requestBatchReader()
  const dictionary = emptyDictionary()
  const record = framed(stage, schemas, {
    RequestObserved: (record, bytes, start, end) => {
      placeRequest(stage, request, request.read(bytes, start, end), record, bytes)
      return 1
    },
    RequestBatch: (record, bytes, start, end) =>
      placeBatch(stage, batch, batch.read(bytes, start, end), dictionary, record, bytes),
  })
  const current = schemas.frames.fingerprints.find(({ schema }) => schema === 'RequestObserved')
  return { record, run: current === undefined ? null : runsOf(stage, current.fingerprint) }
}

const runsOf = (stage: Stage<RequestPart>, fingerprint: Fingerprint): RunPlacing => {
  const { state, services, names } = stage
  const run = requestRun(fingerprint, services, names)
  const placeRun = runPlacing(
    {
      windowAt: (atUs) => openWindowAt(stage, atUs),
      rowAt: (window, service) => rowAt(stage, window, service),
      partAt: (row, operation) => partAt(stage, row, operation),
      addUnnamed: (row, offset) => addIdentity(row, offsetIdentity(offset), 0),
      countRecord,
    },
    stage.layout,
  )
  return (cursor, bounds) => {
    const { counts } = state
    const events = run.fill(cursor, bounds)
    if (events === 0) return 0
    const placed = placeRun(run, counts.events)
    counts.events += events
    counts.aggregated += placed
    counts.duplicate += events - placed
    state.openEvents += placed
    state.clockMs = Math.max(state.clockMs, run.timestampMsMax)
    state.position = (run.firstOffset + events) as Offset
    return events
  }
}

export const checkPlacing = (
  state: SourceState<CheckPart>,
  layout: Layout,
  schemas: InputSchemas,
  refuse: Refuse,
): Placing => {
  const stage = stageOf(state, layout, refuse, 'check', emptyCheckPart)
  const check = healthCheckedReader()
  return framed(stage, schemas, {
    HealthChecked: (record, bytes, start, end) => {
      placeCheck(stage, check, check.read(bytes, start, end), record, bytes)
      return 1
    },
  })
}

const placeRequest = (
  stage: Stage<RequestPart>,
  request: RequestObservedReader,
  result: ReadResult,
  record: RecordCursor,
  bytes: Uint8Array,
): void => {
  const { detail, serviceStart, serviceEnd, operationStart, operationEnd, atUs, idStart } = request
  if (!isWhole(stage, result, detail)) return
  const service = serviceOf(stage, record, bytes, serviceStart, serviceEnd)
  if (service < 0) return
  const operation = nameOf(stage, bytes, operationStart, operationEnd, result, detail)
  if (operation < 0) return
  const row = rowOfSingle(stage, record, service, atUs, bytes, idStart)
  if (row !== null)
    addRequest(partAt(stage, row, operation), request.latencyUs, request.status, !request.success)
}

const placeCheck = (
  stage: Stage<CheckPart>,
  check: HealthCheckedReader,
  result: ReadResult,
  record: RecordCursor,
  bytes: Uint8Array,
): void => {
  const { detail, serviceStart, serviceEnd, checkStart, checkEnd, atUs, idStart } = check
  if (!isWhole(stage, result, detail)) return
  const service = serviceOf(stage, record, bytes, serviceStart, serviceEnd)
  if (service < 0) return
  const name = nameOf(stage, bytes, checkStart, checkEnd, result, detail)
  if (name < 0) return
  const row = rowOfSingle(stage, record, service, atUs, bytes, idStart)
  if (row !== null) addCheck(partAt(stage, row, name), check.passed)
}

/** The number of the operation or check of a single event, or -1 when the event is refused for that name or another value. */
const nameOf = <P extends Part>(
  stage: Stage<P>,
  bytes: Uint8Array,
  start: number,
  end: number,
  result: ReadResult,
  detail: string,
): number => {
  const { names } = stage
  if (result === 'bad_value') {
    refuseEvents(stage, 'bad_value', detail, [0])
    return -1
  }
  const known = names.lookup(bytes, start, end)
  if (known >= 0) return known
  names.makeRoom(1)
  const name = names.intern(bytes, start, end)
  if (name < 0) refuseEvents(stage, 'bad_value', names.fault, [0])
  return name
}

/** The row that takes a single event, in which it is counted already; null: it was refused, late or a duplicate. */
const rowOfSingle = <P extends Part>(
  stage: Stage<P>,
  record: RecordCursor,
  service: number,
  atUs: number,
  bytes: Uint8Array,
  idStart: number,
): Row<P> | null => {
  const { state, layout } = stage
  const { counts } = state
  if (atUs > recordTimestampMs(record) * 1000 + layout.maxFutureSkewUs) {
    refuseEvents(stage, 'future', futureDetail(atUs, record), [0])
    return null
  }
  if (atUs < state.closedThroughUs) {
    counts.late++
    countLate(state.late, stage.services.name(service), 1, layout.limits.servicesPerWindow)
    return null
  }
  const window = openWindowAt(stage, atUs)
  const row = rowAt(stage, window, service)
  if (idStart < 0) addIdentity(row, offsetIdentity(record.offset), 0)
  else {
    if (window.identities >= layout.limits.identitiesPerWindow) row.identityChecked = false
    else if (window.room.singles.add(bytes, idStart, row.index)) window.identities++
    else {
      counts.duplicate++
      return null
    }
    addIdentity(row, bytes, idStart)
  }
  countRecord(window, row, record.offset, counts.events)
  row.events++
  window.events++
  state.openEvents++
  counts.aggregated++
  return row
}

/** An event without an id goes into the digest by its offset: 8 bytes, little-endian, and 8 zeros. */
const offsetIdentity = (offset: number): Uint8Array => {
  const low = offset | 0
  const high = Math.floor(offset / 0x1_0000_0000)
  for (let i = 0; i < 4; i++) {
    offsetBytes[i] = low >>> (8 * i)
    offsetBytes[4 + i] = high >>> (8 * i)
  }
  return offsetBytes
}
const offsetBytes = new Uint8Array(16)
