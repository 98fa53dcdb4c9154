import { encodeOutput, recordReader } from '@tidemark/codec'
import { evaluatorFold, type EvaluatorFold, type RecordReader } from '@tidemark/evaluation'
import type { Output, ServiceAssessed } from '@tidemark/model'
import { judgePlainly, type PlainFigures, type PlainWindow } from '../baselines/plain-judge.ts'
import { measured } from '../harness/measured.ts'
import type { Run } from '../harness/row.ts'
import type { Counts } from './counts.ts'
import { onePartition, type Partition } from './partition.ts'

/** Windows of the horizon. */
const horizonWindows = 6
const unitsPerLook = 512

/**
 * Judges the windows of a partition, the first of them to warm up: decodes the closed rows, judges, encodes what is said of every service. What it
 * says is held against the plain loop. Figures are those of one window.
 */
export const judging = async (partition: Partition): Promise<Run> => {
  const fold = restored(partition)
  const expected = plainFigures(partition)
  const took = { wallMs: 0, cpuMs: 0 }
  let bytes = 0
  for (const [number, window] of partition.windows.entries()) {
    const said: ServiceAssessed[] = []
    const emit = ({ event }: Output): void => {
      bytes += encodeOutput(event).value.length
      if (event.type === 'ServiceAssessed') said.push(event)
    }
    const { wallMs, cpuMs } = await measured(() => {
      fold.feed(window)
      while (fold.work(unitsPerLook, emit));
    })
    check(said, expected[number]!)
    if (number === 0) continue
    took.wallMs += wallMs
    took.cpuMs += cpuMs
  }
  const windows = partition.windows.length - 1
  const cpuMs = took.cpuMs / windows
  const services = partition.services.length
  return {
    ...{ cpuMs, wallMs: took.wallMs / windows, cpuUsPerService: (1000 * cpuMs) / services },
    bytesPerService: Math.round(bytes / partition.windows.length / services),
  }
}

/** The same by the plain loop, its windows decoded beforehand. */
export const judgingPlainly = async (partition: Partition): Promise<Run> => {
  const horizons = partition.windows.map((_, number) => horizonsOf(partition, number + 1))
  let read = 0
  const { wallMs, cpuMs } = await measured(() => {
    for (const horizon of horizons.slice(1))
      for (const windows of horizon) read += judgePlainly(windows).total
  })
  if (read === 0) throw new Error('nothing was judged')
  const windows = horizons.length - 1
  return { cpuMs: cpuMs / windows, wallMs: wallMs / windows }
}

export const restored = ({ layout, checkpoint }: Partition): EvaluatorFold =>
  evaluatorFold(
    { ...onePartition(layout), reader: reader(), snapshotEveryWindows: 1_000_000 },
    checkpoint,
  )

const reader = (): RecordReader => {
  const { open, next } = recordReader()
  return {
    open,
    next: () => {
      const record = next()
      if (record === null) return null
      const { offset, decoded } = record
      if (!decoded.ok) throw new Error(`offset ${offset}: ${decoded.detail}`)
      return { offset, event: decoded.event }
    },
  }
}

const plainFigures = (partition: Partition): readonly (readonly PlainFigures[])[] =>
  partition.windows.map((_, number) => horizonsOf(partition, number + 1).map(judgePlainly))

/** Of every service the horizon that ends with a window. */
const horizonsOf = (
  { services, countsOf }: Partition,
  number: number,
): readonly (readonly PlainWindow[])[] =>
  services.map((_, n) =>
    Array.from({ length: horizonWindows }, (_, i) => plainWindow(countsOf(n, number - i))),
  )

const plainWindows = new WeakMap<Counts, PlainWindow>()

const plainWindow = (counts: Counts): PlainWindow => {
  const known = plainWindows.get(counts)
  if (known !== undefined) return known
  const bySlot = new Map<number, number>()
  for (const us of counts.latenciesUs) bySlot.set(slotOf(us), (bySlot.get(slotOf(us)) ?? 0) + 1)
  const { total, failed } = counts
  const made = { total, failed, slots: [...bySlot].flat() }
  plainWindows.set(counts, made)
  return made
}

/** Number of an HdrHistogram's slot of two digits, worked out anew. */
const slotOf = (us: number): number => {
  const octave = Math.max(0, Math.floor(Math.log2(us)) - 7)
  return octave * 128 + Math.floor(us / 2 ** octave)
}

const lowUsOf = (slot: number): number => {
  const octave = Math.max(0, Math.floor(slot / 128) - 1)
  return (slot - 128 * octave) * 2 ** octave
}

const check = (said: readonly ServiceAssessed[], expected: readonly PlainFigures[]): void => {
  if (said.length !== expected.length)
    throw new Error(`${said.length} services were judged, not ${expected.length}`)
  for (const [n, { service, signals }] of said.entries()) {
    const { total, failed, quantiles } = expected[n]!
    const { errorRate, latency } = signals
    const found = [latency?.p50, latency?.p95, latency?.p99, latency?.p999].map((at) => at?.lowUs)
    const isSame =
      errorRate?.total === total &&
      errorRate.failed === failed &&
      quantiles.every((slot, i) => lowUsOf(slot) === found[i])
    if (!isSame) throw new Error(`${service}: ${JSON.stringify(signals)}, not ${total}, ${failed}`)
  }
}
