import { aggregatorFold, ledgerOf } from '@tidemark/aggregation'
import { encodeOutput, inputSchemas, tick } from '@tidemark/codec'
import { defaultLayout, offset, type RecordBatches, type TaskFold } from '@tidemark/model'
import { writeRecordBatch } from '@tidemark/wire'
import { behindMs, endlessRequests, type EndlessRequests } from './endless-requests.ts'
import { measured } from './harness/measured.ts'
import type { Random } from './harness/random.ts'
import type { Run } from './harness/row.ts'

/** Input of the folds of some partitions: each has its share of the services and of the events. */
export type Partitions = {
  readonly eventsPerSecond: number
  readonly services: number
  readonly sources: readonly EndlessRequests[]
}

export type Share = {
  readonly random: Random
  readonly partitions: number
  readonly services: number
  /** Of all partitions together, a second of event time, and prepared in memory. */
  readonly eventsPerSecond: number
  readonly eventsOfCycle: number
}

export const partitionsOf = (share: Share): Partitions => {
  const { random, partitions, services, eventsPerSecond, eventsOfCycle } = share
  const own = services / partitions
  return {
    eventsPerSecond,
    services,
    sources: Array.from({ length: partitions }, (_, i) =>
      endlessRequests({
        ...{ random, services: own, firstService: i * own },
        ...{ events: eventsOfCycle / partitions, eventsPerSecond: eventsPerSecond / partitions },
      }),
    ),
  }
}

/** The engine's slice: it looks at its other tasks after so much work of one. */
const unitsOfSlice = 512

/**
 * Folds about so many events of the partitions, which take turns as in one process, from nothing to closed windows and the bytes of their
 * records. Preparing the next pieces is not measured. `rowCpuUs` is what a closed row takes, and `eventCpuNs` what an event takes without those: calls
 * that put out rows of services do little else, so the CPU time is shared out by their part of the time that all calls took.
 */
export const foldInTurn = async (
  { eventsPerSecond, services, sources }: Partitions,
  eventsMin: number,
): Promise<Run> => {
  let rows = 0
  let bytes = 0
  let total = 0
  const folds = sources.map((source, partition) => {
    source.restart()
    return aggregatorFold({
      ...{ layout: defaultLayout, partition, schemas: inputSchemas, checkpoint: null },
    })
  })
  let [wallMs, cpuMs, events] = [0, 0, 0]
  let [closingMs, workMs] = [0, 0]
  const worked = (fold: TaskFold): boolean => {
    const rowsBefore = rows
    const startMs = performance.now()
    const goesOn = fold.work(unitsOfSlice, ({ event }) => {
      bytes += encodeOutput(event).value.length
      if (event.type !== 'RequestWindowClosed') return
      rows++
      total += event.total
    })
    const tookMs = performance.now() - startMs
    workMs += tookMs
    if (rows > rowsBefore) closingMs += tookMs
    return goesOn
  }
  const workOff = async (pieces: readonly RecordBatches[]): Promise<void> => {
    const took = await measured(() => {
      pieces.forEach((piece, partition) => folds[partition]!.feed({ ...piece, partition }))
      let busy = folds
      while (busy.length > 0) busy = busy.filter(worked)
    })
    wallMs += took.wallMs
    cpuMs += took.cpuMs
  }
  let ends: readonly number[] = []
  while (events < eventsMin) {
    const pieces = sources.map((source) => source.next())
    ends = pieces.map(({ nextOffset }) => nextOffset)
    events += pieces.reduce((sum, piece) => sum + piece.nextOffset - piece.fromOffset, 0)
    await workOff(pieces)
  }
  const timestampMs = behindMs(events, eventsPerSecond)
  await workOff(ends.map((end) => tickAt(end, timestampMs)))
  const aggregated = folds
    .flatMap((fold) => ledgerOf(fold.checkpoint()))
    .reduce((sum, { ledger }) => sum + ledger.aggregated, 0)
  if (aggregated !== events || total !== events || rows < services)
    throw new Error(`${events} events: ${aggregated} aggregated, ${total} in ${rows} closed rows`)
  const rowsMs = (cpuMs * closingMs) / workMs
  return {
    ...{ events, wallMs, cpuMs, rows, bytesPerRow: bytes / rows },
    rowCpuUs: (1000 * rowsMs) / rows,
    eventCpuNs: (1_000_000 * (cpuMs - rowsMs)) / events,
  }
}

/** A record that moves the clock, at this offset. */
export const tickAt = (end: number, timestampMs: number): RecordBatches => ({
  ...{ topic: 'requests', partition: 0 },
  bytes: writeRecordBatch([{ key: null, value: tick, timestampMs }], end),
  ...{ fromOffset: offset(end), nextOffset: offset(end + 1), endOffset: offset(end + 1) },
})
