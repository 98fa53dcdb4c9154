import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { aggregator } from '@tidemark/aggregator'
import { openLog, provision, runApp } from '@tidemark/assembly'
import { encode } from '@tidemark/codec'
import type { Entry, Log } from '@tidemark/log'
import { defaultLayout, epochMs, type Layout, type Offset } from '@tidemark/model'

// How long an aggregator task takes to stand where its predecessor stood, with 10,000 service-windows open at 100,000 events a second:
// once by reading the open windows' events again, once from saved windows, as it is where that reading would exceed the restore budget.
// The baseline, in the same run, only reads the same stretch of the log. Prints one line of JSON.
// Run: node test/bench/src/restore.bench.ts

const services = 5000
const eventsPerSecond = 100_000
const seconds = 25
const rounds = 5
const batchRecords = 1000
const startMs = 1_700_000_000_000

const layoutWith = (restoreBudgetEvents: number): Layout => ({
  ...defaultLayout,
  partitions: 1,
  timestamps: 'producer',
  limits: { ...defaultLayout.limits, restoreBudgetEvents },
})

/** Every service in turn, so that each has the same part of each window. */
const entriesAt = (first: number): readonly Entry[] =>
  Array.from({ length: batchRecords }, (_, k) => {
    const i = first + k
    const atMs = startMs + Math.floor((i * 1000) / eventsPerSecond)
    const service = `service-${i % services}`
    return {
      key: Buffer.from(service),
      value: encode({
        type: 'RequestObserved',
        id: null,
        service,
        operation: 'GET /cart',
        atUs: atMs * 1000,
        latencyUs: 5000 + ((i * 48_271) % 40_000),
        status: 200,
        success: true,
      }),
      timestampMs: epochMs(atMs),
    }
  })

const caughtUpMs = async (log: Log, layout: Layout): Promise<number> => {
  const begunMs = performance.now()
  const context = { log, layout, store: '' }
  await runApp(aggregator, context, { untilCaughtUp: true }, new AbortController().signal)
  return performance.now() - begunMs
}

const readMs = async (log: Log, from: number, to: number): Promise<number> => {
  const begunMs = performance.now()
  for (let position = from; position < to;)
    position = (await log.read({ topic: 'requests', partition: 0, fromOffset: position as Offset }))
      .nextOffset
  return performance.now() - begunMs
}

const spread = (values: readonly number[]) => {
  const sorted = values.toSorted((a, b) => a - b).map(Math.round)
  return { min: sorted[0]!, median: sorted[sorted.length >> 1]!, max: sorted.at(-1)! }
}

const measure = async (restoreBudgetEvents: number) => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'))
  try {
    const layout = layoutWith(restoreBudgetEvents)
    const log = await openLog({ kind: 'embedded', folder })
    await provision(log, layout)
    const publisher = await log.publisher()
    for (let i = 0; i < eventsPerSecond * seconds; i += batchRecords)
      await publisher.append('requests', 0, entriesAt(i))
    await publisher.close()
    await caughtUpMs(log, layout)
    const [state] = await log.checkpoints('aggregator', 1)
    const checkpointBytes = [...(state?.checkpoint ?? [])].reduce(
      (sum, [, part]) => sum + part.length,
      0,
    )
    const end = eventsPerSecond * seconds
    // At 25 s the windows from 10 s on are open.
    const from = restoreBudgetEvents === 0 ? end : eventsPerSecond * 10
    const restores: number[] = []
    const reads: number[] = []
    for (let round = 0; round < rounds; round++) {
      reads.push(await readMs(log, from, end))
      restores.push(await caughtUpMs(log, layout))
    }
    await log.close()
    return { restoreMs: spread(restores), readOnlyMs: spread(reads), checkpointBytes }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const byReading = await measure(defaultLayout.limits.restoreBudgetEvents)
const fromSaved = await measure(0)
console.log(
  JSON.stringify({
    bench: 'restore',
    openServiceWindows: 2 * services,
    eventsPerSecond,
    eventsReadAgain: 15 * eventsPerSecond,
    byReading,
    fromSaved,
  }),
)
