import {
  canonicalJson,
  compareUtf8,
  contentId,
  digestOf,
  type DerivedEvent,
  type InputCause,
  type Layout,
  type RejectReason,
  type Stretch,
} from '@tidemark/model'
import { emptyHistogram, encodeV2, record } from '@tidemark/histogram'
import { sum64 } from '@tidemark/wire'
import {
  closedEnd,
  isWithinGap,
  ledgerOf,
  type Run,
  type Span,
  type PlainRow,
  type Placed,
  type ReferenceRecord,
} from './reference-run.ts'

// What the reference says of a window that closes, of a clock that moves, and of what it refuses.

export const closedRow = (
  run: Run,
  endUs: number,
  row: PlainRow,
  cause: InputCause,
): DerivedEvent => {
  const { topic, partition, layout } = run
  const windowStartUs = endUs - layout.windowUs
  const names = [...row.names].sort(compareUtf8)
  const groups = names.map((name) => ({
    name,
    overflow: false,
    placed: row.placed.filter((placed) => placed.name === name),
  }))
  const above = row.placed.filter((placed) => placed.name === null)
  if (above.length > 0) {
    const at = names[0] === '' ? 1 : 0
    groups.splice(at, 0, { name: '', overflow: true, placed: above })
  }
  const fields = (type: string) => ({
    cause,
    id: contentId(
      canonicalJson([type, topic, partition, row.service, row.overflow, windowStartUs]),
    ),
    service: row.service,
    overflow: row.overflow,
    windowStartUs,
    windowEndUs: endUs,
    identityChecked: row.identityChecked,
    incomplete: isWithinGap(run, windowStartUs),
    input: inputOf(run, row),
  })
  if (topic === 'requests')
    return {
      type: 'RequestWindowClosed',
      ...fields('RequestWindowClosed'),
      ...requestCounts(layout, row.placed),
      operations: groups.map(({ name, overflow, placed }) => ({
        operation: name,
        overflow,
        ...requestCounts(layout, placed),
      })),
    }
  const passedOf = (placed: readonly Placed[]) =>
    placed.filter(({ single }) => single.passed).length
  return {
    type: 'HealthWindowClosed',
    ...fields('HealthWindowClosed'),
    passed: passedOf(row.placed),
    failed: row.placed.length - passedOf(row.placed),
    checks: groups.map(({ name, overflow, placed }) => ({
      check: name,
      overflow,
      passed: passedOf(placed),
      failed: placed.length - passedOf(placed),
    })),
  }
}

const inputOf = ({ topic, partition }: Run, { placed }: PlainRow) => {
  const offsets = placed.map(({ offset }) => offset)
  const digest = sum64()
  for (const { single } of placed) single.mix(digest)
  return {
    topic: topic as 'requests' | 'health-checks',
    partition,
    firstOffset: Math.min(...offsets),
    lastOffset: Math.max(...offsets),
    records: new Set(offsets).size,
    events: placed.length,
    digest: digestOf(digest.high, digest.low),
  }
}

const requestCounts = ({ histogram: shape }: Layout, placed: readonly Placed[]) => {
  const requests = placed.map(({ single }) => single.request!)
  const histogram = emptyHistogram(shape)
  for (const { latencyUs } of requests) record(histogram, latencyUs)
  const statuses = [...new Set(requests.map(({ status }) => status))].sort((a, b) => a - b)
  return {
    total: requests.length,
    failed: requests.filter(({ failed }) => failed).length,
    statuses: statuses.map((status) => ({
      status,
      events: requests.filter((request) => request.status === status).length,
    })),
    overRange: requests.filter(({ latencyUs }) => latencyUs > shape.highestUs).length,
    latencyUsMax: Math.max(...requests.map(({ latencyUs }) => latencyUs)),
    histogram: encodeV2(histogram),
  }
}

export const advanced = (
  run: Run,
  { offset }: ReferenceRecord,
  before: number | null,
  clockMs: number,
  cause: InputCause,
): DerivedEvent => {
  const { topic, partition, layout } = run
  const gapMs = clockMs - (before ?? 0)
  const watchedMs = Math.max(layout.windowUs / 1000, 3 * layout.tickIntervalMs)
  return {
    type: 'PartitionAdvanced',
    cause,
    id: contentId(canonicalJson(['PartitionAdvanced', topic, partition, offset])),
    topic,
    partition,
    clockMs,
    position: offset,
    ledger: ledgerOf(run),
    unwatched: around([
      ...(before === null || gapMs > watchedMs ? [{ fromMs: before ?? 0, toMs: clockMs }] : []),
      ...run.untold.map((span) => windowsOf(span, layout)),
    ]),
    late: [...run.late]
      .map(([service, events]) => ({ service, events }))
      .sort((a, b) => compareUtf8(a.service, b.service)),
  }
}

/** All windows that a gap may have touched, from the first to the last. */
const windowsOf = ({ fromMs, toMs }: Span, layout: Layout): Stretch => {
  const { windowUs, maxFutureSkewUs } = layout
  const latestUs = (toMs ?? 0) * 1000 + maxFutureSkewUs
  const endUs = Math.floor(latestUs / windowUs) * windowUs + windowUs
  return {
    fromMs: fromMs === null ? 0 : closedEnd(layout, fromMs) / 1000,
    toMs: toMs === null ? 0 : endUs / 1000,
  }
}

const around = (stretches: readonly Stretch[]): Stretch | null =>
  stretches.length === 0
    ? null
    : {
        fromMs: Math.min(...stretches.map(({ fromMs }) => fromMs)),
        toMs: Math.max(...stretches.map(({ toMs }) => toMs)),
      }

export const rejected = (
  { topic, partition, layout }: Run,
  { offset, timestampMs, key, value }: ReferenceRecord,
  reason: RejectReason,
  indexes: readonly number[],
  cause: InputCause,
): DerivedEvent => ({
  type: 'RecordRejected',
  cause,
  id: contentId(canonicalJson(['RecordRejected', topic, partition, offset, reason])),
  reason,
  detail: '',
  indexes,
  timestampMs,
  key: key?.slice(0, layout.limits.rejectedBytes) ?? null,
  value: value?.slice(0, layout.limits.rejectedBytes) ?? null,
  valueBytes: value?.length ?? 0,
})
