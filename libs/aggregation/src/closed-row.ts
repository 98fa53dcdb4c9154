import {
  canonicalJson,
  compareUtf8,
  contentId,
  digestOf,
  utf8Length,
  type HealthWindowClosed,
  type HistogramShape,
  type Id,
  type InputCause,
  type InputRange,
  type OperationCounts,
  type RequestWindowClosed,
} from '@tidemark/model'
import { emptyRoom, slotRoom } from '@tidemark/histogram'
import type { CheckPart } from './check-part.ts'
import { partsOf, type OpenWindow, type Part, type Row } from './open-window.ts'
import { emptySum, mergeRequestPart, requestCountsOf, type RequestPart } from './request-part.ts'

/** Operations of one row take at most this, so that it fits into one record whatever the names and latencies are. */
export const operationBytesOfRowMax = 700_000
/** Upper bounds in Avro: a status with its count, and the fixed fields of an operation. */
const statusBytes = 11
const operationFieldBytes = 48

/** The rows of a window in the order in which they close: by service, the overflow behind a service of the same name. */
export const closingOrder = <P extends Part>({ rows }: OpenWindow<P>): readonly Row<P>[] =>
  rows.toSorted(
    (a, b) => compareUtf8(a.service, b.service) || Number(a.overflow) - Number(b.overflow),
  )

export const closedRequests = (
  row: Row<RequestPart>,
  window: OpenWindow<RequestPart>,
  cause: InputCause,
  shape: HistogramShape,
): RequestWindowClosed => {
  const parts = partsOf(row)
  const operations = fittingOperations(parts, shape)
  return {
    type: 'RequestWindowClosed',
    ...rowFields('RequestWindowClosed', 'requests', row, window, cause),
    ...requestCountsOf(mergeOf(parts, shape)),
    operations: operations.toSorted(
      (a, b) => compareUtf8(a.operation, b.operation) || Number(a.overflow) - Number(b.overflow),
    ),
  }
}

export const closedChecks = (
  row: Row<CheckPart>,
  window: OpenWindow<CheckPart>,
  cause: InputCause,
): HealthWindowClosed => {
  const checks = partsOf(row)
    .map(({ name, overflow, passed, failed }) => ({ check: name, overflow, passed, failed }))
    .sort((a, b) => compareUtf8(a.check, b.check) || Number(a.overflow) - Number(b.overflow))
  return {
    type: 'HealthWindowClosed',
    ...rowFields('HealthWindowClosed', 'health-checks', row, window, cause),
    passed: checks.reduce((sum, { passed }) => sum + passed, 0),
    failed: checks.reduce((sum, { failed }) => sum + failed, 0),
    checks,
  }
}

const rowFields = <P extends Part>(
  type: string,
  topic: InputRange['topic'],
  row: Row<P>,
  { startUs, endUs, incomplete }: OpenWindow<P>,
  cause: InputCause,
) => ({
  cause,
  id: idOf(type, topic, cause.partition, row.service, row.overflow, startUs),
  service: row.service,
  overflow: row.overflow,
  windowStartUs: startUs,
  windowEndUs: endUs,
  identityChecked: row.identityChecked,
  incomplete,
  input: {
    topic,
    partition: cause.partition,
    firstOffset: row.firstOffset,
    lastOffset: row.lastOffset,
    records: row.records,
    events: row.events,
    digest: digestOf(row.high, row.low),
  },
})

/** Id of what a derived record says: its type, where it comes from and what makes it unlike its neighbours. */
export const idOf = (...said: readonly (string | number | boolean)[]): Id => {
  // As `canonicalJson(said)` has it, without the arrays in between: every row has an id.
  let text = ''
  for (const value of said) text += `${text === '' ? '[' : ','}${canonicalJson(value)}`
  return contentId(`${text}]`)
}

/** Of the merge at hand, whose histogram is encoded before the next one. */
const mergeRoom = slotRoom()

const mergeOf = (parts: readonly RequestPart[], shape: HistogramShape): RequestPart => {
  if (parts.length === 1) return parts[0]!
  emptyRoom(mergeRoom)
  const whole = emptySum(shape, mergeRoom)
  for (const part of parts) mergeRequestPart(whole, part)
  return whole
}

/**
 * The parts as they are written. Where names and histograms together would not fit into a record, the operations with the fewest
 * requests go to the overflow as well.
 */
const fittingOperations = (
  parts: readonly RequestPart[],
  shape: HistogramShape,
): readonly OperationCounts[] => {
  const all = parts.map(operationOf)
  let bytesOfAll = 0
  for (const operation of all) bytesOfAll += bytesOf(operation)
  if (bytesOfAll <= operationBytesOfRowMax) return all
  const ranked = parts.toSorted(
    (a, b) =>
      Number(b.overflow) - Number(a.overflow) || b.total - a.total || compareUtf8(a.name, b.name),
  )
  const overflow = emptySum(shape, slotRoom())
  const kept: OperationCounts[] = []
  // The overflow is at most as large as the histogram with every slot in use.
  let bytes = overflowBytesMax
  for (const part of ranked) {
    const operation = operationOf(part)
    bytes += part.overflow ? 0 : bytesOf(operation)
    if (part.overflow || bytes > operationBytesOfRowMax) mergeRequestPart(overflow, part)
    else kept.push(operation)
  }
  return [...kept, operationOf(overflow)]
}

const overflowBytesMax = 64_000

const operationOf = (part: RequestPart): OperationCounts => ({
  operation: part.name,
  overflow: part.overflow,
  ...requestCountsOf(part),
})

const bytesOf = ({ operation, statuses, histogram }: OperationCounts): number =>
  operationFieldBytes + utf8Length(operation) + statuses.length * statusBytes + histogram.length
