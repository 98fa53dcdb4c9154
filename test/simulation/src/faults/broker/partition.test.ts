import { describe, expect, it } from '@jest/globals'
import { FencedError, LogFullError, PositionError } from '@tidemark/log'
import type { EpochMs, Offset } from '@tidemark/model'
import {
  batchCrcMatches,
  batchHeaderAt,
  controlBit,
  recordCursor,
  transactionMarkerAt,
} from '@tidemark/wire'
import { partitionOf, type Partition } from './partition.ts'

const writer = { kind: 'producer', process: 'p' } as const
const at = { atMs: 0, order: 0 }
const numbersOf = (producerEpoch: number, sequence: number) => ({
  producerId: 7,
  producerEpoch,
  sequence,
})

const append = (
  partition: Partition,
  values: readonly string[],
  transaction: number | null,
  sequence = 0,
  epoch = 0,
  requireRoom = (): void => undefined,
) =>
  partition.append({
    entries: values.map((value) => ({ key: null, value: Buffer.from(value), timestampMs: 5 })),
    stampMs: transaction === null ? (9 as EpochMs) : null,
    ...{ writer, transaction, at },
    numbers: numbersOf(epoch, sequence),
    requireRoom,
  })

const valuesFrom = (partition: Partition, from: number, everything = false): readonly string[] => {
  const cursor = recordCursor()
  cursor.open(partition.read(from as Offset, 1_000_000, everything))
  const values: string[] = []
  while (cursor.next())
    values.push(Buffer.from(cursor.bytes.subarray(cursor.valueStart, cursor.valueEnd)).toString())
  return values
}

describe('a simulated partition', () => {
  it('shows nothing behind the first record of a transaction under way', () => {
    const partition = partitionOf('aggregates', 0)
    append(partition, ['a'], null)
    append(partition, ['b'], 1, 1)
    append(partition, ['c'], null, 2)
    expect(partition.stableOffset()).toBe(1)
    expect(partition.highWatermark()).toBe(3)
    expect(valuesFrom(partition, 0)).toEqual(['a'])
    expect(valuesFrom(partition, 0, true)).toEqual(['a', 'b', 'c'])
    partition.mark(1, 'commit', numbersOf(0, -1), at)
    expect(valuesFrom(partition, 0)).toEqual(['a', 'b', 'c'])
    expect(partition.stableOffset()).toBe(4)
  })

  it('leaves aborted records in the bytes, where every walker passes them over', () => {
    const partition = partitionOf('aggregates', 0)
    append(partition, ['gone'], 1)
    partition.mark(1, 'abort', numbersOf(0, -1), at)
    append(partition, ['there'], null, 1)
    const { bytes } = partition.read(0 as Offset, 1_000_000)
    expect(Buffer.from(bytes).includes('gone')).toBe(true)
    const hidden = batchHeaderAt(bytes, 0)
    expect(hidden.attributes & controlBit).toBe(controlBit)
    expect(transactionMarkerAt(bytes, hidden.bytes)).toBe('abort')
    const marker = batchHeaderAt(bytes, hidden.bytes)
    expect(batchCrcMatches(bytes, hidden.bytes, marker.bytes)).toBe(true)
    expect(valuesFrom(partition, 0)).toEqual(['there'])
    expect(valuesFrom(partition, 0, true)).toEqual(['gone', 'there'])
  })

  it('stores a batch that comes twice once, and refuses numbers out of order', () => {
    const partition = partitionOf('requests', 0)
    const first = append(partition, ['a', 'b'], null)
    expect(append(partition, ['a', 'b'], null)).toBe(first)
    expect(partition.highWatermark()).toBe(2)
    expect(() => append(partition, ['d'], null, 3)).toThrow(FencedError)
    append(partition, ['c'], null, 2)
    expect(valuesFrom(partition, 0)).toEqual(['a', 'b', 'c'])
  })

  it('refuses what it has no room for, but not what it has stored already', () => {
    const partition = partitionOf('requests', 0)
    const full = (): never => {
      throw new LogFullError('full')
    }
    const first = append(partition, ['a'], null)
    expect(append(partition, ['a'], null, 0, 0, full)).toBe(first)
    expect(() => append(partition, ['b'], null, 1, 0, full)).toThrow(LogFullError)
    expect(partition.highWatermark()).toBe(1)
  })

  it('refuses an epoch that a marker has ended', () => {
    const partition = partitionOf('aggregates', 0)
    append(partition, ['a'], 1)
    partition.mark(1, 'abort', numbersOf(1, -1), at)
    expect(() => append(partition, ['late'], 1, 1)).toThrow(FencedError)
    append(partition, ['b'], 2, 0, 2)
    partition.mark(2, 'commit', numbersOf(2, -1), at)
    expect(valuesFrom(partition, 0)).toEqual(['b'])
  })

  it('gives each reader bytes of its own', () => {
    const partition = partitionOf('requests', 0)
    append(partition, ['a'], null)
    partition.read(0 as Offset, 1).bytes.fill(0)
    expect(valuesFrom(partition, 0)).toEqual(['a'])
  })

  it('has no default for what retention removed', () => {
    const partition = partitionOf('requests', 0)
    append(partition, ['a', 'b', 'c'], null)
    partition.trim(2 as Offset)
    expect(() => partition.read(1 as Offset, 1)).toThrow(PositionError)
    expect(valuesFrom(partition, 2)).toEqual(['c'])
  })
})
