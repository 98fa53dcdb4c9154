import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Entry, LogPublisher } from '@tidemark/log'
import { openEmbeddedLog } from '@tidemark/log-embedded'
import { defaultLayout, type Offset } from '@tidemark/model'
import { writeRecordBatch } from '@tidemark/wire'

// Durable appends of 1000-record batches to the embedded log, one after the other and four partitions at a time, against a bare append
// and fdatasync of the same bytes; rounds of all three take turns, since a shared disk is never the same twice. Then reading it all
// back, checksums included. Prints one line of JSON. Run: node test/bench/src/log-embedded.bench.ts

const recordsPerBatch = 1000
const batchesPerRound = 50
const rounds = 9
const valueBytes = 150
const partitions = 4

const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'))

const entries: readonly Entry[] = Array.from({ length: recordsPerBatch }, (_, i) => ({
  key: Buffer.from(`service-${i % 50}`),
  value: Buffer.alloc(valueBytes, i),
}))

/** Records a second of one round. */
const rateOf = async (work: () => Promise<void> | void): Promise<number> => {
  const startMs = performance.now()
  await work()
  return (batchesPerRound * recordsPerBatch * 1000) / (performance.now() - startMs)
}

const batch = writeRecordBatch(
  entries.map(({ key, value }) => ({ key, value, timestampMs: 0 })),
  0,
)

const appendBare = (file: number): void => {
  for (let i = 0; i < batchesPerRound; i++) {
    writeSync(file, batch)
    fdatasyncSync(file)
  }
}

const appendInTurn = async (publisher: LogPublisher): Promise<void> => {
  for (let i = 0; i < batchesPerRound; i++)
    await publisher.append('requests', i % partitions, entries)
}

const appendSideBySide = async (publisher: LogPublisher): Promise<void> => {
  const appendTo = async (partition: number): Promise<void> => {
    for (let i = partition; i < batchesPerRound; i += partitions)
      await publisher.append('requests', partition, entries)
  }
  await Promise.all(Array.from({ length: partitions }, (_, partition) => appendTo(partition)))
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

try {
  const log = await openEmbeddedLog({ folder })
  await log.provision(defaultLayout, { key: Buffer.from('layout'), value: Buffer.from('bench') })
  const publisher = await log.publisher()
  const file = openSync(join(folder, 'bare'), 'a')
  const rates = { bare: [] as number[], inTurn: [] as number[], sideBySide: [] as number[] }
  for (let round = -1; round < rounds; round++) {
    const bare = await rateOf(() => appendBare(file))
    const inTurn = await rateOf(() => appendInTurn(publisher))
    const sideBySide = await rateOf(() => appendSideBySide(publisher))
    // The first round warms up.
    if (round < 0) continue
    rates.bare.push(bare)
    rates.inTurn.push(inTurn)
    rates.sideBySide.push(sideBySide)
  }
  closeSync(file)

  const startMs = performance.now()
  let records = 0
  let bytes = 0
  for (const { partition, endOffset } of await log.bounds('requests'))
    for (let position = 0; position < endOffset;) {
      const read = await log.read({
        topic: 'requests',
        partition,
        fromOffset: position as Offset,
      })
      records += read.nextOffset - position
      bytes += read.bytes.length
      position = read.nextOffset
    }
  const seconds = (performance.now() - startMs) / 1000
  await log.close()

  const bare = median(rates.bare)
  console.log(
    JSON.stringify({
      bench: 'log-embedded',
      batchBytes: batch.length,
      bareRecordsPerSecond: Math.round(bare),
      inTurnRecordsPerSecond: Math.round(median(rates.inTurn)),
      inTurnOfBare: Number((median(rates.inTurn) / bare).toFixed(2)),
      sideBySideRecordsPerSecond: Math.round(median(rates.sideBySide)),
      sideBySideOfBare: Number((median(rates.sideBySide) / bare).toFixed(2)),
      readRecordsPerSecond: Math.round(records / seconds),
      readMegabytesPerSecond: Math.round(bytes / seconds / 1e6),
    }),
  )
} finally {
  rmSync(folder, { recursive: true })
}
