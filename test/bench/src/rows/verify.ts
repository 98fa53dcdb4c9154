import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { aggregatorFold } from '@tidemark/aggregation'
import { provision, verifyLog } from '@tidemark/assembly'
import { encodeOutput, inputSchemas, tick } from '@tidemark/codec'
import { openEmbeddedLog, type EmbeddedLog } from '@tidemark/log-embedded'
import { defaultLayout, offset, type InputTopic, type Layout } from '@tidemark/model'
import { writeRecordBatch } from '@tidemark/wire'
import { measured } from '../harness/measured.ts'
import { randomOf } from '../harness/random.ts'
import type { Row, Run, Side } from '../harness/row.ts'
import { short } from '../harness/table.ts'
import { eventBatches, singleEvents, startMs, type Workload } from '../workload.ts'

// Verifies a log in a folder, and lets the aggregator alone fold the same log beside it.

const singles = 500_000
const batched = 4_000_000
const layout: Layout = { ...defaultLayout, partitions: 1, timestamps: 'producer' }
const main = join(import.meta.dirname, '../../../../apps/cli/src/main.ts')

/** A second of a workload's time is so many events. */
const filled = async (
  folder: string,
  { events, pieces }: Workload,
  eventsPerSecond: number,
): Promise<EmbeddedLog> => {
  const log = await openEmbeddedLog({ folder })
  await provision(log, layout)
  for (const piece of pieces) await log.importBatches(piece)
  const ticks = Math.ceil(events / eventsPerSecond)
  for (const topic of ['health-checks', 'facts'] as const) await writeTicks(log, topic, ticks)
  execFileSync(process.execPath, [main, 'start', '--exit-when-caught-up', '--data', folder])
  return log
}

const ticksPerBatch = 500

const writeTicks = async (log: EmbeddedLog, topic: InputTopic, ticks: number): Promise<void> => {
  for (let from = 0; from < ticks; from += ticksPerBatch) {
    const count = Math.min(ticksPerBatch, ticks - from)
    const entries = Array.from({ length: count }, (_, i) => ({
      ...{ key: null, value: tick, timestampMs: startMs + (from + i) * 1000 },
    }))
    const nextOffset = offset(from + count)
    await log.importBatches({
      ...{ topic, partition: 0, bytes: writeRecordBatch(entries, from), nextOffset },
      ...{ fromOffset: offset(from), endOffset: nextOffset },
    })
  }
}

/** The aggregator alone: what it emits is encoded, and nothing else is done with it. */
const aggregate = async (log: EmbeddedLog, events: number): Promise<Run> => {
  const fold = aggregatorFold({ layout, partition: 0, schemas: inputSchemas, checkpoint: null })
  const took = await measured(async () => {
    const [bounds] = await log.bounds('requests')
    for (let at = bounds!.startOffset; at < bounds!.endOffset;) {
      const read = { topic: 'requests', partition: 0, fromOffset: at, bytesMax: 4 << 20 } as const
      const batches = await log.read(read)
      fold.feed(batches)
      while (fold.work(1024, ({ event }) => encodeOutput(event)));
      at = batches.nextOffset
    }
  })
  return { events, ...took }
}

const verify = async (log: EmbeddedLog, events: number): Promise<Run> => {
  const everything = { fromUs: null, toUs: null, partitions: null }
  const { signal } = new AbortController()
  const took = await measured(async () => {
    const { outcome, unchecked } = await verifyLog(log, layout, { ...everything, signal })
    if (outcome !== 'equal' || unchecked.length > 0)
      throw new Error(`${outcome}: ${JSON.stringify(unchecked)}`)
  })
  return { events, ...took }
}

export const verification: Row = {
  name: 'verify',
  title: 'Verification of a log',
  promises: ['single', 'batched'].flatMap((side) => [
    { what: 'events per CPU-second', side, figure: 'eventsPerCpuSecond' },
    { what: 'CPU time', side, figure: 'cpuNsPerEvent', against: `${side}, aggregator alone` },
  ]),
  open: async ({ folder, scale, seed, note }) => {
    const random = randomOf(seed)
    const workloads = [
      {
        ...{ kind: 'single', eventsPerSecond: 5000 },
        of: (eventsPerSecond: number) =>
          singleEvents({ random, events: singles * scale, services: 50, eventsPerSecond }),
      },
      {
        ...{ kind: 'batched', eventsPerSecond: 100_000 },
        of: (eventsPerSecond: number) =>
          eventBatches({ random, events: batched * scale, services: 50, eventsPerSecond }),
      },
    ]
    const logs: EmbeddedLog[] = []
    const sides: Side[] = []
    for (const { kind, eventsPerSecond, of } of workloads) {
      note(`filling and judging a log: ${kind}`)
      const workload = of(eventsPerSecond)
      const log = await filled(join(folder, kind), workload, eventsPerSecond)
      logs.push(log)
      sides.push({ name: kind, run: () => verify(log, workload.events) })
      const alone = `${kind}, aggregator alone`
      sides.push({ name: alone, run: () => aggregate(log, workload.events) })
    }
    return {
      conditions: `${short(singles * scale)} single events and ${short(batched * scale)} in batches of 1000, of 50 services, in the embedded log`,
      sides,
      close: async () => {
        for (const log of logs) await log.close()
      },
    }
  },
}
