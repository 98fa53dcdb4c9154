import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openEmbeddedLog, type EmbeddedLog } from '@tidemark/log-embedded'
import type { Log } from '@tidemark/log'
import { defaultLayout, type Layout, type Offset } from '@tidemark/model'
import { writeRecordBatch } from '@tidemark/wire'
import { provision } from '../connection.ts'
import { firstAfter, timestampAt, type InputPartition } from './stream-time.ts'

const layout: Layout = { ...defaultLayout, partitions: 1 }
const input: InputPartition = {
  ...{ topic: 'requests', partition: 0, startOffset: 0 as Offset, endOffset: 40 as Offset },
  incompleteThroughUs: -1,
}

let folder: string
let log: EmbeddedLog
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-stream-time-'))
  log = await openEmbeddedLog({ folder })
  await provision(log, layout)
  // Two records, then a hole as transactions of other producers leave it, then one, and a hole at the end.
  await importAt(0, 20, [1000, 2000])
  await importAt(20, 40, [3000])
})
afterEach(async () => {
  await log.close()
  rmSync(folder, { recursive: true })
})

const importAt = (from: number, next: number, timestamps: readonly number[]): Promise<void> => {
  const entries = timestamps.map((timestampMs) => ({
    ...{ key: null, value: new Uint8Array(1), timestampMs },
  }))
  const nextOffset = next as Offset
  return log.importBatches({
    ...{ topic: 'requests', partition: 0, bytes: writeRecordBatch(entries, from) },
    ...{ fromOffset: from as Offset, nextOffset, endOffset: nextOffset },
  })
}

describe.each(['broker', 'producer'] as const)('a moment, stamped by the %s', (timestamps) => {
  it.each([
    [0, 0],
    [1000, 1],
    [1999, 1],
    [2000, 20],
    [2999, 20],
    [3000, 40],
  ])('after %i ms is at a record, or at the end: %i', async (clockMs, position) => {
    const found = await firstAfter(log, input, { ...layout, timestamps }, clockMs)
    expect(found.position).toBe(position)
  })

  it('is found where the log first answers that nothing has come yet', async () => {
    const asked = new Set<number>()
    const slow: Log = {
      ...log,
      read: (request) => {
        const { topic, partition, fromOffset, maxWaitMs = 0 } = request
        if (asked.has(fromOffset) && maxWaitMs > 0) return log.read(request)
        asked.add(fromOffset)
        const nothing = { nextOffset: fromOffset, endOffset: 40 as Offset }
        const bytes = new Uint8Array(0)
        return Promise.resolve({ topic, partition, bytes, fromOffset, ...nothing })
      },
    }
    const found = await firstAfter(slow, input, { ...layout, timestamps }, 2000)
    expect(found.position).toBe(20)
    expect(await timestampAt(slow, input, 2 as Offset)).toEqual({ offset: 20, timestampMs: 3000 })
  })
})
