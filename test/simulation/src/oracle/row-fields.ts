import type { HistogramShape, InputTopic, Layout } from '@tidemark/model'
import type { Advance, AppliedFact, ClosedRow, Placed, Rejection, SourceRow } from './aggregates.ts'
import { digestOf } from './identity-digest.ts'
import { slotsOf } from './latencies.ts'
import { byText, countsBy } from './lists.ts'

// What events of the aggregator must say, under the names of their fields; a histogram as its slots.

export const rowFields = (
  row: SourceRow,
  topic: InputTopic,
  partition: number,
  layout: Layout,
): object => {
  switch (row.type) {
    case 'PartitionAdvanced':
      return advanceFields(row, topic, partition)
    case 'FactApplied':
      return factFields(row, partition)
    default:
      return closedFields(row, partition, layout)
  }
}

const factFields = ({ type, cause, clockMs, value }: AppliedFact, partition: number): object => ({
  ...{ type, cause: { topic: 'facts', partition, ...cause }, clockMs, fact: value },
})

const closedFields = (row: ClosedRow, partition: number, layout: Layout): object => {
  const { type, cause, service, overflow, windowEndUs, identityChecked, placed } = row
  const topic = type === 'RequestWindowClosed' ? 'requests' : 'health-checks'
  const parts = partsOf(placed)
  return {
    type,
    cause: { topic, partition, ...cause },
    ...{ service, overflow, windowEndUs, windowStartUs: windowEndUs - layout.windowUs },
    ...{ identityChecked, incomplete: false },
    input: {
      ...rangeOf(placed, topic, partition),
      digest: digestOf(placed.map(({ event }) => event)),
    },
    ...(topic === 'requests'
      ? {
          ...requestFields(placed, layout.histogram),
          operations: parts.map(({ name, overflow: isRest, placed: own }) => ({
            ...{ operation: name, overflow: isRest },
            ...requestFields(own, layout.histogram),
          })),
        }
      : {
          ...checkFields(placed),
          checks: parts.map(({ name, overflow: isRest, placed: own }) => ({
            ...{ check: name, overflow: isRest, ...checkFields(own) },
          })),
        }),
  }
}

const advanceFields = (advance: Advance, topic: InputTopic, partition: number): object => ({
  ...advance,
  cause: { topic, partition, ...advance.cause },
  topic,
  partition,
})

export const rejectionFields = (
  { cause, reason, indexes, record }: Rejection,
  topic: InputTopic,
  partition: number,
  { limits }: Layout,
): object => ({
  type: 'RecordRejected',
  cause: { topic, partition, ...cause },
  reason,
  indexes,
  timestampMs: record.timestampMs,
  key: record.key?.slice(0, limits.rejectedBytes) ?? null,
  value: record.value?.slice(0, limits.rejectedBytes) ?? null,
  valueBytes: record.value?.length ?? 0,
})

/** The input records that events are from; `records` once for each window. */
export const rangeOf = (placed: readonly Placed[], topic: InputTopic, partition: number) => {
  const offsets = placed.map(({ event }) => event.offset)
  return {
    ...{ topic, partition, firstOffset: Math.min(...offsets), lastOffset: Math.max(...offsets) },
    ...{ records: new Set(offsets).size, events: placed.length },
  }
}

const partsOf = (placed: readonly Placed[]) =>
  [...Map.groupBy(placed, ({ name }) => name)]
    .map(([name, own]) => ({ name: name ?? '', overflow: name === null, placed: own }))
    .sort((a, b) => byText(a.name, b.name) || Number(a.overflow) - Number(b.overflow))

const requestFields = (placed: readonly Placed[], shape: HistogramShape): object => {
  const latenciesUs = placed.map(({ event }) => event.latencyUs)
  return {
    total: placed.length,
    failed: placed.filter(({ event }) => !event.ok).length,
    statuses: countsBy(placed.map(({ event }) => event.status)).map(([status, events]) => ({
      status,
      events,
    })),
    overRange: latenciesUs.filter((us) => us > shape.highestUs).length,
    latencyUsMax: latenciesUs.reduce((a, b) => Math.max(a, b)),
    histogram: slotsOf(latenciesUs, shape),
  }
}

const checkFields = (placed: readonly Placed[]) => ({
  passed: placed.filter(({ event }) => event.ok).length,
  failed: placed.filter(({ event }) => !event.ok).length,
})
