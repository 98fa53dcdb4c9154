import { closeSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { openEmbeddedLog, type EmbeddedLog } from '@tidemark/log-embedded'
import type { Entry, LogPublisher } from '@tidemark/log'
import { recordCursor, writeRecordBatch } from '@tidemark/wire'
import { appendBare } from '../baselines/bare-append.ts'
import { bareInserts } from '../baselines/bare-insert.ts'
import { measured } from '../harness/measured.ts'
import { randomOf } from '../harness/random.ts'
import type { Row, Run, Side } from '../harness/row.ts'
import { short } from '../harness/table.ts'
import { provisioned } from '../provisioned.ts'
import { singleEvents } from '../workload.ts'

// Durable appends of 1000 requests with ids: to the log one after the other and with four partitions at a time, against a bare append and
// fdatasync of the same bytes, and against SQLite alone.

const rowsPerBatch = 1000
const batchesPerRun = 100
const partitions = 4

/** A thousand events as a publisher has them, encoded. */
const entriesOf = (seed: number): readonly Entry[] => {
  const shape = { events: rowsPerBatch, services: 50, eventsPerSecond: 50_000 }
  const { pieces } = singleEvents({ random: randomOf(seed), ...shape })
  return pieces.flatMap((piece) => {
    const entries: Entry[] = []
    const cursor = recordCursor()
    cursor.open(piece)
    while (cursor.next())
      entries.push({
        key: cursor.bytes.slice(cursor.keyStart, cursor.keyEnd),
        value: cursor.bytes.slice(cursor.valueStart, cursor.valueEnd),
      })
    return entries
  })
}

const inTurn = async (log: LogPublisher, entries: readonly Entry[], times: number) => {
  for (let i = 0; i < times; i++) await log.append('requests', i % partitions, entries)
}

const sideBySide = async (log: LogPublisher, entries: readonly Entry[], times: number) => {
  const appendTo = async (partition: number): Promise<void> => {
    for (let i = partition; i < times; i += partitions)
      await log.append('requests', partition, entries)
  }
  await Promise.all(Array.from({ length: partitions }, (_, partition) => appendTo(partition)))
}

const recordsIn = async (log: EmbeddedLog): Promise<number> =>
  (await log.bounds('requests')).reduce((sum, { endOffset }) => sum + endOffset, 0)

export const ingestEmbedded: Row = {
  name: 'ingest-embedded',
  title: 'Durable ingest into the embedded log',
  promises: [
    ...['one append at a time', 'four appends at a time'].map((side) => ({
      ...{ what: 'rows per second', side, figure: 'eventsPerSecond' },
      ...{ against: 'bare append', goal: { atLeast: 0.4 } },
    })),
    ...['bare append', 'SQLite alone', 'one append at a time', 'four appends at a time'].map(
      (side) => ({ what: 'rows per second', side, figure: 'eventsPerSecond' }),
    ),
  ],
  open: async ({ folder, scale, seed }) => {
    await provisioned(folder)
    const log = await openEmbeddedLog({ folder })
    const publisher = await log.publisher()
    const entries = entriesOf(seed)
    const stamped = entries.map(({ key, value }) => ({ key, value, timestampMs: 0 }))
    const batch = writeRecordBatch(stamped, 0)
    const bareFile = join(folder, 'bare')
    const file = openSync(bareFile, 'a')
    const database = bareInserts(join(folder, 'bare.sqlite'))
    const times = Math.ceil(batchesPerRun * scale)
    const events = times * rowsPerBatch

    const taken = async (work: () => Promise<void> | void): Promise<Run> => ({
      events,
      ...(await measured(work)),
    })
    const appended = async (append: typeof inTurn): Promise<Run> => {
      const before = await recordsIn(log)
      const run = await taken(() => append(publisher, entries, times))
      const more = (await recordsIn(log)) - before
      if (more !== events) throw new Error(`${events} rows were appended, ${more} are in the log`)
      return run
    }
    const bare = async (): Promise<Run> => {
      const before = statSync(bareFile).size
      const run = await taken(() => {
        appendBare(file, batch, times)
      })
      const more = statSync(bareFile).size - before
      if (more !== times * batch.length) throw new Error(`${more} bytes were appended`)
      return run
    }
    const sides: readonly Side[] = [
      { name: 'bare append', run: bare },
      {
        name: 'SQLite alone',
        run: () =>
          taken(() => {
            database.insert(batch, times)
          }),
      },
      { name: 'one append at a time', run: () => appended(inTurn) },
      { name: 'four appends at a time', run: () => appended(sideBySide) },
    ]
    return {
      conditions: `batches of ${rowsPerBatch} requests with ids, ${short(batch.length)} bytes each, ${short(events)} rows a run; durable before the next (fdatasync; SQLite in WAL mode, synchronous = full); ${partitions} partitions`,
      sides,
      close: async () => {
        await publisher.close()
        await log.close()
        database.close()
        closeSync(file)
      },
    }
  },
}
