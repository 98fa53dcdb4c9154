import { join } from 'node:path'
import { inputGaps, provision, runApp, verifyLog } from '@tidemark/assembly'
import { apps } from '@tidemark/cli'
import { decode, encode } from '@tidemark/codec'
import { temporaryFolder } from '@tidemark/e2e'
import { afterAll, describe, expect, it } from '@jest/globals'
import { openEmbeddedLog, type EmbeddedLog } from '@tidemark/log-embedded'
import {
  defaultLayout,
  epochMs,
  keyOfEvent,
  type Layout,
  type LossAccepted,
  type Offset,
} from '@tidemark/model'
import { writeRecordBatch } from '@tidemark/wire'
import { expire, rewrite } from './tamper.ts'

// Behind a loss that was accepted: the live aggregator had read some of what a verification finds, or some that it does not.

const startMs = Date.UTC(2026, 0, 2, 3)
const layout: Layout = { ...defaultLayout, partitions: 1, timestamps: 'producer' }
const folder = temporaryFolder()
afterAll(folder.remove)

const openLog = (data: string): Promise<EmbeddedLog> =>
  openEmbeddedLog({ folder: data, clock: () => epochMs(startMs) })

/** A request at each of these seconds, one record and batch each. */
const supply = async (log: EmbeddedLog, seconds: readonly number[]): Promise<void> => {
  let { endOffset: at } = (await log.bounds('requests'))[0]!
  for (const second of seconds) {
    const timestampMs = startMs + second * 1000
    const value = encode({
      ...{ type: 'RequestObserved', id: null, service: 'checkout', operation: '' },
      ...{ atUs: timestampMs * 1000, latencyUs: 5000, status: 200, success: true },
    })
    const next = (at + 1) as Offset
    await log.importBatches({
      ...{ topic: 'requests', partition: 0, fromOffset: at, nextOffset: next, endOffset: next },
      bytes: writeRecordBatch([{ key: Buffer.from('checkout'), value, timestampMs }], at),
    })
    at = next
  }
}

const process = async (log: EmbeddedLog, data: string): Promise<void> => {
  for (const app of apps)
    await runApp(
      app,
      { log, layout, store: join(data, 'store.sqlite') },
      { untilCaughtUp: true },
      new AbortController().signal,
    )
}

const acceptLoss = async (log: EmbeddedLog): Promise<void> => {
  const [gap] = await inputGaps(log, layout)
  if (gap === undefined) throw new Error('nothing is missing')
  const { partition, fromOffset, toOffset } = gap
  const fact: LossAccepted = {
    ...{ type: 'LossAccepted', topic: 'requests', partition, fromOffset, toOffset },
    ...{ by: null, note: null },
  }
  const publisher = await log.publisher()
  const key = Buffer.from(keyOfEvent(fact) ?? '')
  await publisher.append('facts', 0, [
    { key, value: encode(fact), timestampMs: epochMs(startMs + 1000) },
  ])
  await publisher.close()
}

const seconds = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, i) => from + i)

describe('verifying behind an accepted loss', () => {
  it.each([
    // Windows open at 60 s are missing records below 53; so all that start by 70 s are incomplete, but records from 53 s on reach to 63 s.
    ['of records read before', seconds(0, 61), [], 53, seconds(61, 120), 85],
    ['of records never read', seconds(0, 31), seconds(31, 60), 48, seconds(60, 120), 65],
    ['of both', seconds(0, 45), seconds(45, 60), 46, seconds(60, 120), 65],
    // The clock stood at 60 s, and what is kept begins at 35 s.
    ['where stamps go back', seconds(0, 61), seconds(30, 60), 66, seconds(60, 140), 85],
  ])(
    'concludes nothing from windows that a gap touched: one %s',
    async (name, read, unread, kept, later, wholeFromS) => {
      const data = join(folder.path, name.replaceAll(' ', '-'))
      const log = await openLog(data)
      await provision(log, layout)
      await supply(log, read)
      await process(log, data)
      await supply(log, unread)
      expect(expire(data, 'requests', 0, kept / (read.length + unread.length))).toBe(kept)
      await acceptLoss(log)
      await supply(log, later)
      await process(log, data)
      const options = { toUs: null, partitions: null, signal: new AbortController().signal }
      const fromUs = (startMs + wholeFromS * 1000) * 1000
      const note = { kind: 'incomplete', topic: 'requests', partition: 0, fromUs }
      const verified = await verifyLog(log, layout, { ...options, fromUs: null })
      expect(verified.topics.flatMap(({ first }) => first ?? [])).toEqual([])
      expect(verified.outcome).toBe('equal')
      expect(verified.unchecked).toContainEqual(note)
      expect(verified.topics[0]!.emitted.records).toBeGreaterThan(5)
      // A range behind it says nothing of it.
      const behind = await verifyLog(log, layout, { ...options, fromUs })
      expect(behind.outcome).toBe('equal')
      expect(behind.unchecked).not.toContainEqual(note)
      await log.close()
      // What comes after the windows that it touched is compared.
      const closedAt = (offset: number) => offset > later.indexOf(wholeFromS)
      let changed = 0
      rewrite(data, 'aggregates', 0, (records) =>
        records.map((entry) => {
          const decoded = decode(entry.value)
          if (!decoded.ok || decoded.event.type !== 'RequestWindowClosed') return entry
          const { cause } = decoded.event
          if (changed > 0 || !closedAt(cause.offset - read.length - unread.length)) return entry
          changed++
          return { ...entry, value: encode({ ...decoded.event, incomplete: true }) }
        }),
      )
      expect(changed).toBe(1)
      const again = await openLog(data)
      const found = await verifyLog(again, layout, { ...options, fromUs: null })
      expect(found.topics[0]).toMatchObject({ differences: 1, first: { kind: 'changed' } })
      await again.close()
    },
    60_000,
  )

  it('concludes nothing from them when the aggregator passes the gap meanwhile', async () => {
    const data = join(folder.path, 'meanwhile')
    const log = await openLog(data)
    await provision(log, layout)
    await supply(log, seconds(0, 61))
    await process(log, data)
    expire(data, 'requests', 0, 53 / 61)
    await acceptLoss(log)
    await supply(log, seconds(61, 120))
    const passing: EmbeddedLog = {
      ...log,
      checkpoints: async (processor, tasks) => {
        const states = await log.checkpoints(processor, tasks)
        if (processor === 'aggregator') await process(log, data)
        return states
      },
    }
    const everything = { fromUs: null, toUs: null, partitions: null }
    const { signal } = new AbortController()
    const { outcome, topics } = await verifyLog(passing, layout, { ...everything, signal })
    expect(outcome).toBe('equal')
    expect(topics[0]!.emitted.records).toBeGreaterThan(5)
    await log.close()
  }, 300_000)
})
