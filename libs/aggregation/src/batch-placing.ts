import {
  addBatchEvents,
  idMix,
  openBatchMix,
  type ReadResult,
  type RecordCursor,
  type RequestBatchReader,
} from '@tidemark/wire'
import { countLate } from './late-counts.ts'
import type { OpenWindow, Row } from './open-window.ts'
import {
  countRecord,
  futureDetail,
  isWhole,
  openWindowAt,
  partByIndex,
  partIndexAt,
  refuseEvents,
  rowAt,
  serviceOf,
  type Stage,
} from './placing-stage.ts'
import { addRequest, type RequestPart } from './request-part.ts'
import { recordTimestampMs } from './source-state.ts'

// Batches on the hot path, see placing.ts: their events are placed by ranges, for which as much as possible is done once.

/**
 * The operations of the batch at hand: their numbers, and the indexes of their parts in the window of the row at hand, valid where
 * `stamps` holds the current stamp.
 */
export type Dictionary = {
  numbers: Int32Array
  partIndexes: Int32Array
  stamps: Float64Array
  stamp: number
  /** By index: what is wrong with the name of an operation. */
  readonly faults: Map<number, string>
}

export const emptyDictionary = (operations = 16): Dictionary => ({
  numbers: new Int32Array(operations),
  partIndexes: new Int32Array(operations),
  stamps: new Float64Array(operations),
  stamp: 0,
  faults: new Map(),
})

/** Of the batch at hand. */
const batchMix = idMix()

/** A repeat in a batch is found by one bit, where a single event takes 16 bytes: so many weigh as much as one. */
const batchEventsOfIdentity = 128

/** Places a batch that was read, and returns its events. */
export const placeBatch = (
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
  addBatchEvents(row, batchMix, from, to)
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
