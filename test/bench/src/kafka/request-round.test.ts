import { describe, expect, it } from '@jest/globals'
import { aggregatorFold } from '@tidemark/aggregation'
import { inputSchemas, recordReader } from '@tidemark/codec'
import { defaultLayout, offset, type DerivedEvent, type RequestWindowClosed } from '@tidemark/model'
import { batchCrcMatches } from '@tidemark/wire'
import { randomOf } from '../harness/random.ts'
import { checkWindows, type ClosedWindow } from './expected-windows.ts'
import { expectedOf, loadedOf } from './requests-topic.ts'
import {
  batchRound,
  firstRoundUs,
  moveTo,
  singleRound,
  type RequestRound,
} from './request-round.ts'

const partitions = 2
const shape = { services: 6, partitions }
const singles = () => singleRound({ ...shape, random: randomOf(1), events: 3000 })
const batches = () => batchRound({ ...shape, random: randomOf(1), events: 60_000 })
const rounds = 13

/** What the aggregator makes of a partition as it is loaded. */
const closedOf = (round: RequestRound, partition: number): readonly ClosedWindow[] => {
  const { fold, emitted } = aggregating(partition)
  let position = 0
  for (let i = 0; i < rounds; i++)
    for (const batch of loadedOf(round.batches[partition]!, i)) {
      moveTo(batch, i)
      const bytes = batch.bytes.slice()
      // As a broker does; the checksum leaves the offset out.
      new DataView(bytes.buffer).setBigInt64(0, BigInt(position))
      const [fromOffset, nextOffset] = [offset(position), offset(position + batch.records)]
      fold.feed({
        topic: 'requests',
        partition,
        bytes,
        fromOffset,
        nextOffset,
        endOffset: nextOffset,
      })
      while (fold.work(512, ({ event }) => void emitted.push(event)));
      position += batch.records
    }
  return emitted.filter(isClosed).map((event) => ({
    ...{ service: event.service, startUs: event.windowStartUs, count: event.total },
    ...{ errors: event.failed, maxUs: event.latencyUsMax!, histogram: event.histogram },
  }))
}

const aggregating = (partition: number) => ({
  fold: aggregatorFold({
    ...{ layout: { ...defaultLayout, partitions }, partition, schemas: inputSchemas },
    checkpoint: null,
  }),
  emitted: [] as DerivedEvent[],
})

const isClosed = (event: DerivedEvent): event is RequestWindowClosed =>
  event.type === 'RequestWindowClosed'

describe.each([
  ['single requests', singles],
  ['batches', batches],
])('a round of %s', (_, make) => {
  it('can be moved: identities, times and checksums are right, nothing else has changed', () => {
    const [batch] = make().batches[0]!
    const read = () => {
      const reader = recordReader()
      const { bytes } = batch!
      expect(batchCrcMatches(bytes, 0, bytes.length)).toBe(true)
      const end = offset(batch!.records)
      reader.open({
        ...{ topic: 'requests', partition: 0, bytes, fromOffset: offset(0), nextOffset: end },
        endOffset: end,
      })
      return Array.from({ length: batch!.records }, () => {
        const { decoded, timestampMs } = reader.next()!
        if (!decoded.ok) throw new Error(decoded.detail)
        const { event } = decoded
        if (event.type === 'RequestObserved') {
          const { id, atUs, ...rest } = event
          return { id: id!, atUs, timestampMs, rest }
        }
        if (event.type !== 'RequestBatch') throw new Error(event.type)
        const { batchId, baseUs, ...rest } = event
        return { id: batchId, atUs: baseUs, timestampMs, rest }
      })
    }
    moveTo(batch!, 0)
    const first = read()
    moveTo(batch!, 7)
    const moved = read()
    expect(moved.map(({ rest }) => rest)).toEqual(first.map(({ rest }) => rest))
    expect(moved.map(({ atUs }) => atUs - 70_000_000)).toEqual(first.map(({ atUs }) => atUs))
    expect(moved.map(({ timestampMs }) => timestampMs - 70_000)).toEqual(
      first.map(({ timestampMs }) => timestampMs),
    )
    expect(new Set([...first, ...moved].map(({ id }) => id)).size).toBe(2 * first.length)
  })

  it('gives the windows that are expected', () => {
    const round = make()
    const closed = [...closedOf(round, 0), ...closedOf(round, 1)]
    const expected = expectedOf(round)
    expect(closed).toHaveLength(expected.windows)
    expect(() => checkWindows(closed, expected)).not.toThrow()
  })
})

describe('the check of closed windows', () => {
  const round = singles()
  const closed = [...closedOf(round, 0), ...closedOf(round, 1)]
  const expected = expectedOf(round)
  const first = closed[0]!
  const other = closed.find(({ service }) => service !== first.service)!

  it.each([
    ['one is missing', closed.slice(1), 'windows were closed'],
    ['one came twice', [...closed, first], 'closed twice'],
    ['one is still open', [{ ...first, startUs: firstRoundUs + 110_000_000 }], 'no such window'],
    ['one has another count', [{ ...first, count: first.count + 1 }], 'requests, not'],
    ['one has another error', [{ ...first, errors: first.errors + 1 }], 'errors, not'],
    ['one has another maximum', [{ ...first, maxUs: first.maxUs - 1 }], 'maximum'],
    [
      'one has the latencies of another',
      [{ ...first, histogram: other.histogram }],
      'us|latencies',
    ],
  ])('refuses when %s', (_, windows, message) => {
    expect(() => checkWindows(windows, expected)).toThrow(new RegExp(message))
  })
})
