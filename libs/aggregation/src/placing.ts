import {
  serviceNameFault,
  textFault,
  type Layout,
  type Offset,
  type RejectReason,
} from '@tidemark/model'
import {
  addBatchEvents,
  addIdentity,
  healthCheckedReader,
  idMix,
  openBatchMix,
  requestBatchReader,
  requestObservedReader,
  requestRun,
  type Fingerprint,
  type HealthCheckedReader,
  type ReadResult,
  type RecordCursor,
  type RequestBatchReader,
  type RequestObservedReader,
} from '@tidemark/wire'
import { addCheck, emptyCheckPart, type CheckPart } from './check-part.ts'
import {
  framed,
  refuseRecord,
  type InputSchemas,
  type Placing,
  type Placings,
  type Refuse,
  type Refusing,
  type RunPlacing,
} from './input-frames.ts'
import { internedNames, type InternedNames } from './interned-names.ts'
import { countLate } from './late-counts.ts'
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
import { addRequest, emptyRequestPart, type RequestPart } from './request-part.ts'
import { runPlacing } from './run-placing.ts'
import { recordTimestampMs, windowAt, type SourceState } from './source-state.ts'

// The hot path: everything that happens to every record. It mutates what it owns and makes no object, string or closure for an
// event that goes where others have gone before, because objects per record were measured to cost more than all of this
// together. The plain version, which the tests hold it to, is reference.ts.

export const requestPlacing = (
  state: SourceState<RequestPart>,
  layout: Layout,
  schemas: InputSchemas,
  refuse: Refuse,
): Placings => {
  const stage = stageOf(state, layout, refuse, 'operation', (name, overflow, room) =>
    emptyRequestPart(name, overflow, layout.histogram, room.slots),
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
      addUnnamed: (row, offset) => addIdentity(row.digest, offsetIdentity(offset), 0),
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

/** What placing needs besides the record. */
type Stage<P extends Part> = Refusing<P> & {
  readonly layout: Layout
  readonly services: InternedNames
  /** Of operations or checks. */
  readonly names: InternedNames
  readonly emptyPart: EmptyPart<P>
}

const stageOf = <P extends Part>(
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

const refuseEvents = <P extends Part>(
  { state, refuse }: Stage<P>,
  reason: RejectReason,
  detail: string,
  indexes: readonly number[],
): void => {
  countRejected(state.counts, reason, indexes.length)
  refuse(reason, detail, indexes)
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

const isWhole = <P extends Part>(stage: Stage<P>, result: ReadResult, detail: string): boolean => {
  if (result !== 'bad_avro') return true
  refuseRecord(stage, 'bad_avro', detail)
  return false
}

/** The number of the service in `bytes[start, end)`, or -1 when the record is refused for its service or its key. */
const serviceOf = <P extends Part>(
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
  if (idStart < 0) addIdentity(row.digest, offsetIdentity(record.offset), 0)
  else {
    if (window.identities >= layout.limits.identitiesPerWindow) row.identityChecked = false
    else if (window.room.singles.add(bytes, idStart, row.index)) window.identities++
    else {
      counts.duplicate++
      return null
    }
    addIdentity(row.digest, bytes, idStart)
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

const futureDetail = (atUs: number, record: RecordCursor): string =>
  `atUs ${atUs} is ${atUs - recordTimestampMs(record) * 1000} us ahead of the record's timestamp`

const openWindowAt = <P extends Part>(stage: Stage<P>, atUs: number): OpenWindow<P> => {
  const { windows } = stage.state
  for (let i = windows.length - 1; i >= 0; i--) {
    const window = windows[i]!
    if (atUs >= window.startUs && atUs < window.endUs) return window
  }
  return windowAt(stage.state, atUs, stage.layout)
}

const rowAt = <P extends Part>(
  { services, layout }: Stage<P>,
  window: OpenWindow<P>,
  service: number,
): Row<P> => {
  const { rowNumbers } = window
  const number = service < rowNumbers.length ? rowNumbers[service]! : 0
  if (number > 0) return window.rows[number - 1]!
  return rowOf(window, service, services.name(service), layout.limits)
}

const partAt = <P extends Part>(stage: Stage<P>, row: Row<P>, name: number): P =>
  partByIndex(row, partIndexAt(stage, row, name))

/** Index of the part with this name in a row, which is added if it is new; -1: the overflow part. */
const partIndexAt = <P extends Part>(stage: Stage<P>, row: Row<P>, name: number): number => {
  const { partNames } = row
  for (let i = 0; i < partNames.length; i++) if (partNames[i] === name) return i
  return partIndexOf(row, name, stage.names.name(name), stage.layout.limits, stage.emptyPart)
}

const partByIndex = <P extends Part>({ parts, overflowPart }: Row<P>, index: number): P =>
  index < 0 ? overflowPart! : parts[index]!

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

/**
 * The operations of the batch at hand: their numbers, and the indexes of their parts in the row at hand, valid where `stamps` holds
 * the current stamp.
 */
type Dictionary = {
  numbers: Int32Array
  partIndexes: Int32Array
  stamps: Float64Array
  stamp: number
  /** By index: what is wrong with the name of an operation. */
  readonly faults: Map<number, string>
}

const emptyDictionary = (operations = 16): Dictionary => ({
  numbers: new Int32Array(operations),
  partIndexes: new Int32Array(operations),
  stamps: new Float64Array(operations),
  stamp: 0,
  faults: new Map(),
})

const placeBatch = (
  stage: Stage<RequestPart>,
  batch: RequestBatchReader,
  result: ReadResult,
  dictionary: Dictionary,
  record: RecordCursor,
  bytes: Uint8Array,
): number => {
  if (!isWhole(stage, result, batch.detail)) return 1
  const service = serviceOf(stage, record, bytes, batch.serviceStart, batch.serviceEnd)
  if (service < 0) return 1
  readDictionary(stage, batch, dictionary, bytes)
  const bad = badEvents(batch, dictionary)
  if (bad.length > 0) {
    refuseEvents(stage, 'bad_value', badDetail(batch, dictionary, bad[0]!), bad)
    // The columns are the reader's scratch; no comparison with this time is true.
    for (const index of bad) batch.deltaUs[index] = Number.NaN
  }
  placeColumns(stage, batch, dictionary, record, bytes, service)
  return batch.count
}

const readDictionary = (
  { names }: Stage<RequestPart>,
  batch: RequestBatchReader,
  dictionary: Dictionary,
  bytes: Uint8Array,
): void => {
  const { operationCount, operationStart, operationEnd } = batch
  if (operationCount > dictionary.numbers.length) {
    const { numbers, partIndexes, stamps } = emptyDictionary(2 * operationCount)
    Object.assign(dictionary, { numbers, partIndexes, stamps })
  }
  if (dictionary.faults.size > 0) dictionary.faults.clear()
  // Once for all of them: emptying the table in between would leave the first ones with wrong numbers.
  names.makeRoom(operationCount)
  for (let i = 0; i < operationCount; i++) {
    let number = names.lookup(bytes, operationStart[i]!, operationEnd[i]!)
    if (number < 0) number = names.intern(bytes, operationStart[i]!, operationEnd[i]!)
    if (number < 0) dictionary.faults.set(i, names.fault)
    dictionary.numbers[i] = number
  }
}

const none: readonly number[] = []
/** Of the batch at hand. */
const batchMix = idMix()

/** A repeat in a batch is found by one bit, where a single event takes 16 bytes: so many weigh as much as one. */
const batchEventsOfIdentity = 128

/** Indexes of the events with a value out of range or an operation that is no name, ascending. */
const badEvents = (batch: RequestBatchReader, { faults }: Dictionary): readonly number[] => {
  if (batch.badCount === 0 && faults.size === 0) return none
  const bad: number[] = []
  for (let i = 0, next = 0; i < batch.count; i++) {
    const isBadValue = next < batch.badCount && batch.badIndexes[next] === i
    if (isBadValue) next++
    if (isBadValue || faults.has(batch.operation[i]!)) bad.push(i)
  }
  return bad
}

const badDetail = (batch: RequestBatchReader, { faults }: Dictionary, index: number): string =>
  batch.badCount > 0 && batch.badIndexes[0] === index
    ? batch.detail
    : `event ${index}: ${faults.get(batch.operation[index]!) ?? ''}`

const placeColumns = (
  stage: Stage<RequestPart>,
  batch: RequestBatchReader,
  dictionary: Dictionary,
  record: RecordCursor,
  bytes: Uint8Array,
  service: number,
): void => {
  const { state, layout } = stage
  const { closedThroughUs } = state
  const { baseUs, deltaUs, batchIdStart, count } = batch
  const { offset } = record
  openBatchMix(batchMix, bytes, batchIdStart)
  const latestUs = recordTimestampMs(record) * 1000 + layout.maxFutureSkewUs
  let future: number[] | null = null
  let late = 0
  for (let i = 0; i < count;) {
    const atUs = baseUs + deltaUs[i]!
    if (atUs > latestUs) {
      future ??= []
      future.push(i++)
      continue
    }
    // Written so that it holds for the NaN of a refused event, too.
    if (!(atUs >= closedThroughUs)) {
      if (atUs < closedThroughUs) late++
      i++
      continue
    }
    const window = openWindowAt(stage, atUs)
    const lowUs = Math.max(window.startUs, closedThroughUs)
    const highUs = Math.min(window.endUs - 1, latestUs)
    const from = i++
    for (; i < count; i++) {
      const nextUs = baseUs + deltaUs[i]!
      if (!(nextUs >= lowUs && nextUs <= highUs)) break
    }
    placeRange(stage, batch, dictionary, bytes, offset, rowAt(stage, window, service), from, i)
  }
  if (future !== null)
    refuseEvents(
      stage,
      'future',
      `event ${future[0]!}: ${futureDetail(baseUs + deltaUs[future[0]!]!, record)}`,
      future,
    )
  if (late === 0) return
  state.counts.late += late
  countLate(state.late, stage.services.name(service), late, layout.limits.servicesPerWindow)
}

/**
 * Places events `from` to before `to` of a batch, all good and of the window of this row. What is the same for all of them is done once:
 * identities by words of bits, the digest in one loop, counts by adding their number. A repeat among them sends each its own way.
 */
const placeRange = (
  stage: Stage<RequestPart>,
  batch: RequestBatchReader,
  dictionary: Dictionary,
  bytes: Uint8Array,
  offset: number,
  row: Row<RequestPart>,
  from: number,
  to: number,
): void => {
  const { batchIdStart, count } = batch
  const { window } = row
  const { counts } = stage.state
  openRow(window, row, offset, stage)
  if (!row.checking) row.identityChecked = false
  else if (!window.room.batched.addAll(bytes, batchIdStart, row.index, from, to, count)) {
    if (to - from === 1) counts.duplicate++
    else
      for (let i = from; i < to; i++)
        placeRange(stage, batch, dictionary, bytes, offset, row, i, i + 1)
    return
  } else countIdentities(window, row, to - from)
  addBatchEvents(row.digest, batchMix, from, to)
  countRecord(window, row, offset, counts.events)
  row.events += to - from
  window.events += to - from
  stage.state.openEvents += to - from
  counts.aggregated += to - from
  addColumns(stage, batch, dictionary, row, from, to)
}

/** The first of so many new identities of a batch weighs as one, and so on. */
const countIdentities = (
  window: OpenWindow<RequestPart>,
  row: Row<RequestPart>,
  count: number,
): void => {
  const before = Math.ceil(row.recordIdentities / batchEventsOfIdentity)
  row.recordIdentities += count
  window.identities += Math.ceil(row.recordIdentities / batchEventsOfIdentity) - before
}

const addColumns = (
  stage: Stage<RequestPart>,
  { operation, latencyUs, status, failed }: RequestBatchReader,
  dictionary: Dictionary,
  row: Row<RequestPart>,
  from: number,
  to: number,
): void => {
  const { numbers, partIndexes, stamps } = dictionary
  const stamp = ++dictionary.stamp
  for (let i = from; i < to; i++) {
    const entry = operation[i]!
    if (stamps[entry] !== stamp) {
      stamps[entry] = stamp
      partIndexes[entry] = partIndexAt(stage, row, numbers[entry]!)
    }
    const part = partByIndex(row, partIndexes[entry]!)
    addRequest(part, latencyUs[i]!, status[i]!, failed[i] === 1)
  }
}

/** Turns to a row for events of the batch at `offset`. Whether their identities are checked is decided the first time. */
const openRow = (
  window: OpenWindow<RequestPart>,
  row: Row<RequestPart>,
  offset: number,
  { layout: { limits } }: Stage<RequestPart>,
): void => {
  if (row.batchOffset === offset) return
  row.batchOffset = offset
  row.recordIdentities = 0
  row.checking = window.identities < limits.identitiesPerWindow
}
