import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { connect, type Connection } from '@tidemark/assembly'
import { recordReader } from '@tidemark/codec'
import { defaultLayout, inputTopics, offset, type Layout } from '@tidemark/model'
import { capstone, live, trafficOf } from '@tidemark/traffic'
import { simulateToLog } from './to-log.ts'
import { virtualEntries } from './virtual-entries.ts'

const cleanUps: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const emptyLog = async (timestamps: Layout['timestamps']): Promise<Connection> => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-simulator-'))
  cleanUps.push(() => {
    rmSync(folder, { recursive: true })
  })
  const connection = await connect({ kind: 'embedded', folder }, { ...defaultLayout, timestamps })
  cleanUps.push(connection.log.close)
  return connection
}

const hex = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString('hex')

/** Key, value and timestamp of every record of the inputs, by partition. */
const recordsOn = async ({ log, layout }: Connection): Promise<readonly unknown[]> => {
  const records: unknown[] = []
  const reader = recordReader()
  for (const topic of inputTopics)
    for (let partition = 0; partition < layout.partitions; partition++)
      for (let position = offset(0); ;) {
        const batches = await log.read({ topic, partition, fromOffset: position, maxWaitMs: 0 })
        reader.open(batches)
        for (let record = reader.next(); record !== null; record = reader.next())
          records.push([topic, partition, record.timestampMs, hex(record.key), hex(record.value)])
        position = batches.nextOffset
        if (position >= batches.endOffset) break
      }
  return records
}

describe('simulateToLog', () => {
  it('puts every entry on the log as it is, in the order of its partition', async () => {
    const connection = await emptyLog('producer')
    const { layout } = connection
    const traffic = trafficOf(live({ durationUs: 60_000_000 }))
    const entries = [...virtualEntries(traffic, layout)]
    const told: number[] = []
    const result = await simulateToLog(connection, traffic, {
      progress: (count) => told.push(count),
    })
    expect(result).toEqual({ entries: entries.length, complete: true })
    expect(told.at(-1)).toBe(entries.length)
    const expected = inputTopics.flatMap((topic) =>
      Array.from({ length: layout.partitions }, (_, partition) =>
        entries
          .filter((entry) => entry.topic === topic && entry.partition === partition)
          .map(({ entry: { timestampMs, key, value } }) => {
            return [topic, partition, timestampMs, hex(key), hex(value)]
          }),
      ).flat(),
    )
    expect(await recordsOn(connection)).toEqual(expected)
  })

  it('refuses a log that stamps its records itself', async () => {
    const connection = await emptyLog('broker')
    await expect(simulateToLog(connection, trafficOf(capstone()))).rejects.toThrow(
      /stamps its records itself .* --timestamps producer/,
    )
    expect(await recordsOn(connection)).toEqual([])
  })

  it('refuses to go back in time, and goes on behind what is there', async () => {
    const connection = await emptyLog('producer')
    const first = trafficOf(capstone())
    await simulateToLog(connection, first)
    await expect(simulateToLog(connection, first)).rejects.toThrow(
      'requests/0 ends at 2026-01-01T00:00:15Z, and this traffic begins at 2026-01-01T00:00:00Z',
    )
    const later = trafficOf(capstone({ startUs: first.startUs + 20_000_000 }))
    await expect(simulateToLog(connection, later)).resolves.toMatchObject({ complete: true })
  })

  it('refuses traffic without an end', async () => {
    await expect(simulateToLog(await emptyLog('producer'), trafficOf(live()))).rejects.toThrow(
      /needs an end/,
    )
  })

  it('stops when it is told to, and says that it did not finish', async () => {
    const connection = await emptyLog('producer')
    const stop = new AbortController()
    const traffic = trafficOf(live({ durationUs: 3600 * 1_000_000, rate: 2 }))
    const result = await simulateToLog(connection, traffic, {
      signal: stop.signal,
      progress: () => {
        stop.abort()
      },
    })
    expect(result).toEqual({ entries: 20_000, complete: false })
    expect(await recordsOn(connection)).toHaveLength(20_000)
  })
})
