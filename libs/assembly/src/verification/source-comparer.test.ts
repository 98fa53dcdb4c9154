import { encodeOutput } from '@tidemark/codec'
import {
  contentId,
  emptyLedger,
  type InputTopic,
  type Offset,
  type PartitionAdvanced,
} from '@tidemark/model'
import { writeRecordBatch, type BatchEntry } from '@tidemark/wire'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { afterAll, beforeAll } from './cause.ts'
import { emittedPartition, type EmittedSource } from './emitted-partition.ts'
import { sourceComparer, type ComparerOptions } from './source-comparer.ts'
import { topicTally, type ReexecutedRecord, type TopicFindings } from './tally.ts'
import type { ReadableLog } from './topic-digest.ts'

const event = (topic: InputTopic, offset: number, clockMs = 0): PartitionAdvanced => ({
  type: 'PartitionAdvanced',
  cause: { topic, partition: 0, offset, index: 0 },
  id: contentId(`${topic} ${offset}`),
  ...{ topic, partition: 0, clockMs, position: offset },
  ...{ ledger: emptyLedger, unwatched: null, late: [] },
})

const record = (of: PartitionAdvanced): ReexecutedRecord => {
  const { key, value } = encodeOutput(of)
  return { key, value, at: [of.cause.offset, of.cause.index] }
}

type Emitted = { readonly topic: InputTopic; readonly offset: number; readonly clockMs?: number }

/** A topic of one partition in memory. Counts what is read. */
const logOf = (emitted: readonly Emitted[], recordsPerBatch = 10) => {
  const entries = emitted.map(({ topic, offset, clockMs }): BatchEntry => {
    const { key, value } = record(event(topic, offset, clockMs))
    return { key, value, timestampMs: 0 }
  })
  let reads = 0
  const log: ReadableLog = {
    bounds: () => Promise.reject(new Error('not asked for')),
    read: ({ topic, partition, fromOffset, bytesMax = Infinity }) => {
      reads++
      const pieces: Uint8Array[] = []
      let at = fromOffset - (fromOffset % recordsPerBatch)
      let bytes = 0
      while (at < entries.length && (pieces.length === 0 || bytes < bytesMax)) {
        const piece = writeRecordBatch(entries.slice(at, at + recordsPerBatch), at)
        pieces.push(piece)
        bytes += piece.length
        at = Math.min(entries.length, at + recordsPerBatch)
      }
      return Promise.resolve({
        ...{ topic, partition, fromOffset, bytes: new Uint8Array(Buffer.concat(pieces)) },
        ...{ nextOffset: at as Offset, endOffset: entries.length as Offset },
      })
    },
  }
  return { log, reads: () => reads, endOffset: entries.length as Offset }
}

const sources = ['requests', 'health-checks', 'facts'] as const

const open = (emitted: ReturnType<typeof logOf>, bytesMax: number, startOffset = 0) => {
  const tally = topicTally('aggregates')
  const found = emittedPartition(emitted.log, {
    ...{ topic: 'aggregates', partition: 0, sources, others: new Set(), bytesMax, settleMs: 0 },
    ...{ startOffset: startOffset as Offset, endOffset: emitted.endOffset },
    unreadable: (detail, of) => {
      tally.differ({ kind: 'unreadable', partition: 0, detail, reexecuted: null, emitted: of })
    },
  })
  return { tally, found }
}

const plain: Omit<ComparerOptions, 'source'> = {
  ...{ partition: 0, through: afterAll, requiredThrough: afterAll },
  ...{ isCompacted: false, recentMax: 8 },
}

const compared = async (
  expected: readonly Emitted[],
  emitted: readonly Emitted[],
  options: Partial<ComparerOptions> & { bytesMax?: number; startOffset?: number } = {},
): Promise<TopicFindings> => {
  const { bytesMax = 100_000, startOffset = 0, ...changed } = options
  const { tally, found } = open(logOf(emitted), bytesMax, startOffset)
  const comparers = sources.map((source) =>
    sourceComparer(found.get(source)!, tally, { ...plain, source, ...changed }),
  )
  for (const comparer of comparers) comparer.begin(beforeAll)
  for (const { topic, offset, clockMs } of expected)
    await comparers[sources.indexOf(topic)]!.expect(record(event(topic, offset, clockMs)))
  for (const comparer of comparers) await comparer.end()
  return tally.findings()
}

const of = (topic: InputTopic, ...offsets: number[]): readonly Emitted[] =>
  offsets.map((offset) => ({ topic, offset }))

describe('comparing sources', () => {
  it('finds equal what differs only in the interleaving of sources and in repeats, however it is read', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...sources), { maxLength: 60 }),
        fc.array(fc.nat(1000), { maxLength: 60 }),
        fc.constantFrom(1, 700, 5000),
        async (order, swaps, bytesMax) => {
          const expected = order.map((topic, offset) => ({ topic, offset }))
          const emitted: Emitted[] = [...expected]
          for (const swap of swaps) {
            const at = swap % Math.max(1, emitted.length - 1)
            const [a, b] = [emitted[at], emitted[at + 1]]
            if (a === undefined || b === undefined) continue
            if (a.topic !== b.topic) emitted.splice(at, 2, b, a)
            else if (swap % 7 === 0) emitted.splice(at + 1, 0, a)
          }
          const {
            first,
            differences,
            repeats,
            emitted: digest,
          } = await compared(expected, emitted, { bytesMax })
          expect({ first, differences, repeats }).toEqual({
            ...{ first: null, differences: 0 },
            repeats: emitted.length - expected.length,
          })
          expect(digest).toEqual((await compared(expected, expected)).reexecuted)
        },
      ),
    )
  })

  it('holds no more than its bound when one source lies far behind the others, and still compares all', async () => {
    const count = 3000
    const numbers = Array.from({ length: count }, (_, i) => i)
    const emitted = [...of('requests', ...numbers), ...of('facts', ...numbers)]
    const log = logOf(emitted)
    const bytesMax = 20_000
    const { tally, found } = open(log, bytesMax)
    const comparers = (['requests', 'facts'] as const).map((source) =>
      sourceComparer(found.get(source)!, tally, { ...plain, source }),
    )
    for (const comparer of comparers) comparer.begin(beforeAll)
    let waitingMax = 0
    for (const offset of numbers) {
      for (const [i, topic] of (['requests', 'facts'] as const).entries())
        await comparers[i]!.expect(record(event(topic, offset)))
      const waiting = [...found.values()].reduce((sum, source) => sum + source.waitingBytes(), 0)
      waitingMax = Math.max(waitingMax, waiting)
    }
    for (const comparer of comparers) await comparer.end()
    expect(tally.findings()).toMatchObject({ differences: 0, emitted: { records: 2 * count } })
    const recordBytesMax = 600
    expect(waitingMax).toBeLessThanOrEqual(bytesMax + recordBytesMax)
    expect(waitingMax).toBeGreaterThan(bytesMax / 2)
    // What was let go is read again: a few times over, not once for each record.
    expect(log.reads()).toBeLessThan((8 * 2 * count * recordBytesMax) / (bytesMax / 4))
  })

  it.each([
    ['missing', of('facts', 1, 2, 3), of('facts', 1, 3), 1],
    ['missing', of('facts', 1, 2, 3), of('facts', 1, 2), 1],
    ['surplus', of('facts', 1, 3), of('facts', 1, 2, 3), 1],
    ['surplus', of('facts', 1, 3), of('facts', 1, 3, 4), 1],
    ['order', of('facts', 1, 2, 3, 4), of('facts', 1, 3, 2, 4), 2],
    [
      'changed',
      of('facts', 1, 2),
      [...of('facts', 1), { topic: 'facts', offset: 2, clockMs: 7 }],
      1,
    ],
    [
      'repeat',
      of('facts', 1, 2),
      [...of('facts', 1, 2), { topic: 'facts', offset: 1, clockMs: 7 }],
      1,
    ],
    ['surplus', of('facts', 1, 3, 4), of('facts', 1, 3, 2, 4), 1],
  ] satisfies [string, readonly Emitted[], readonly Emitted[], number][])(
    'names what is %s',
    async (kind, expected, emitted, differences) => {
      expect(await compared(expected, emitted)).toMatchObject({ differences, first: { kind } })
    },
  )

  it('waits for what need not be there yet, and not for what must', async () => {
    const expected = of('facts', 1, 2, 3)
    const emitted = of('facts', 1)
    expect(await compared(expected, emitted, { requiredThrough: [1, Infinity] })).toMatchObject({
      differences: 0,
      pending: 2,
    })
    expect(await compared(expected, emitted, { requiredThrough: [2, Infinity] })).toMatchObject({
      differences: 1,
      pending: 1,
      first: { kind: 'missing' },
    })
    // A later one is there, so this one should be.
    expect(
      await compared(expected, of('facts', 1, 3), { requiredThrough: [1, Infinity] }),
    ).toMatchObject({ differences: 1, pending: 0 })
  })

  it('knows what is in front of the beginning as removed, and what follows not', async () => {
    const emitted = of('facts', 1, 2, 3, 5)
    expect(await compared(of('facts', 1, 2, 3, 4, 5), emitted, { startOffset: 1 })).toMatchObject({
      removed: 1,
      differences: 1,
      first: { kind: 'missing' },
    })
  })

  it('compares the bytes of repeats as far back as it remembers, and counts the others', async () => {
    const numbers = Array.from({ length: 40 }, (_, i) => i)
    const late = [...of('facts', ...numbers), ...of('facts', 0)]
    expect(await compared(of('facts', ...numbers), late)).toMatchObject({
      ...{ differences: 0, repeats: 1, repeatsUncompared: 1 },
    })
  })

  it('looks only at the causes asked for', async () => {
    const { tally, found } = open(logOf(of('facts', 1, 2, 3, 4)), 1000)
    const source: EmittedSource = found.get('facts')!
    const comparer = sourceComparer(source, tally, {
      ...{ ...plain, source: 'facts', through: [3, Infinity] },
    })
    await comparer.expect(record(event('facts', 1)))
    comparer.begin([2, Infinity])
    for (const offset of [2, 3, 4, 5]) await comparer.expect(record(event('facts', offset)))
    await comparer.end()
    expect(tally.findings()).toMatchObject({ differences: 0, emitted: { records: 1 } })
  })

  it('finds its way to a range near the end without reading the topic from the beginning', async () => {
    const numbers = Array.from({ length: 2000 }, (_, i) => i)
    const emitted = [...of('requests', ...numbers), ...of('facts', ...numbers)]
    const log = logOf(emitted)
    const { tally, found } = open(log, 100_000)
    for (const topic of ['facts', 'requests', 'health-checks'] as const) {
      const comparer = sourceComparer(found.get(topic)!, tally, { ...plain, source: topic })
      comparer.begin([1989, Infinity])
      if (topic !== 'health-checks')
        for (const offset of numbers) await comparer.expect(record(event(topic, offset)))
      await comparer.end()
    }
    expect(tally.findings()).toMatchObject({ differences: 0, emitted: { records: 20 } })
    const readsOfAll = Math.ceil((emitted.length * 150) / 25_000)
    expect(log.reads()).toBeLessThan(readsOfAll * 3)
  })
})
