import {
  type Fact,
  type FactApplied,
  type InputCause,
  type Layout,
  type PartitionAdvanced,
  type RecordRejected,
  type RejectReason,
  type Stretch,
} from '@tidemark/model'
import type { RecordCursor } from '@tidemark/wire'
import { idOf } from './closed-row.ts'
import { hull } from './gaps.ts'
import { lateRows } from './late-counts.ts'
import { ledgerOfCounts } from './ledger-counts.ts'
import type { Part } from './open-window.ts'
import { recordTimestampMs, type SourceState } from './source-state.ts'

/** What the clock of a partition passed, at the record in `cause`; the ledger holds everything below that record. */
export const partitionAdvanced = <P extends Part>(
  cause: InputCause,
  { topic, partition, clockMs, counts, late, gaps }: SourceState<P>,
  clockMsBefore: number,
  layout: Layout,
): PartitionAdvanced => ({
  type: 'PartitionAdvanced',
  cause,
  id: idOf('PartitionAdvanced', topic, partition, cause.offset),
  topic,
  partition,
  clockMs,
  position: cause.offset,
  ledger: ledgerOfCounts(counts),
  unwatched: hull(gaps.unwatched, unwatchedStretch(clockMsBefore, clockMs, layout)),
  late: lateRows(late),
})

/** The stretch between two records, where it is too long for a partition that somebody ticks. */
const unwatchedStretch = (
  clockMsBefore: number,
  clockMs: number,
  { windowUs, tickIntervalMs }: Layout,
): Stretch | null => {
  if (clockMsBefore < 0) return { fromMs: 0, toMs: clockMs }
  const watchedUs = Math.max(windowUs, 3 * tickIntervalMs * 1000)
  return (clockMs - clockMsBefore) * 1000 > watchedUs
    ? { fromMs: clockMsBefore, toMs: clockMs }
    : null
}

export const factApplied = (cause: InputCause, clockMs: number, fact: Fact): FactApplied => ({
  type: 'FactApplied',
  cause,
  id: idOf('FactApplied', cause.topic, cause.partition, cause.offset),
  clockMs,
  fact,
})

type Refusal = {
  readonly reason: RejectReason
  readonly detail: string
  readonly indexes: readonly number[]
}

/** A refused record, or some of its events, with the bytes of the record up to `bytesMax` each of key and value. */
export const recordRejected = (
  cause: InputCause,
  { reason, detail, indexes }: Refusal,
  record: RecordCursor,
  bytesMax: number,
): RecordRejected => {
  const { bytes, keyStart, keyEnd, valueStart, valueEnd } = record
  const cut = (start: number, end: number): Uint8Array | null =>
    end < 0 ? null : bytes.slice(start, Math.min(end, start + bytesMax))
  return {
    type: 'RecordRejected',
    cause,
    id: idOf('RecordRejected', cause.topic, cause.partition, cause.offset, reason),
    reason,
    detail,
    indexes,
    timestampMs: recordTimestampMs(record),
    key: cut(keyStart, keyEnd),
    value: cut(valueStart, valueEnd),
    valueBytes: valueEnd < 0 ? 0 : valueEnd - valueStart,
  }
}
