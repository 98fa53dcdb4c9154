import { deflateSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import type { HistogramShape } from '@tidemark/model'
import fc from 'fast-check'
import { decodeFromCompressedBase64, Float64Histogram } from 'hdr-histogram-js'
import {
  addToSlot,
  emptyHistogram,
  forEachSlot,
  merge,
  record,
  wideHistogram,
  type LatencyHistogram,
} from './histogram.ts'
import { emptyRoom, slotRoom } from './slot-room.ts'
import { slotHighUs, slotLowUs, slotOf } from './slots.ts'
import { encodeV2 } from './v2.ts'

const shape: HistogramShape = { lowestUs: 1, highestUs: 600_000_000, digits: 2 }

const histogramOf = (latencies: readonly number[]): LatencyHistogram => {
  const histogram = emptyHistogram(shape)
  for (const us of latencies) record(histogram, us)
  return histogram
}

const slotsOf = (histogram: LatencyHistogram): readonly (readonly [number, number])[] => {
  const slots: [number, number][] = []
  forEachSlot(histogram, (slot, count) => void slots.push([slot, count]))
  return slots
}

const said = (histogram: LatencyHistogram): unknown => ({
  total: histogram.total,
  overRange: histogram.overRange,
  maxUs: histogram.maxUs,
  bytes: encodeV2(histogram),
})

/** HdrHistogram's compressed form, the only one that the library reads. */
const compressed = (bytes: Uint8Array): string => {
  const deflated = deflateSync(bytes)
  const header = Buffer.alloc(8)
  header.writeInt32BE(0x1c849314, 0)
  header.writeInt32BE(deflated.length, 4)
  return Buffer.concat([header, deflated]).toString('base64')
}

const latency = fc.oneof(
  fc.nat(300),
  fc.nat(100_000),
  fc.nat(shape.highestUs),
  fc.integer({ min: shape.highestUs - 2, max: shape.highestUs + 2 }),
  fc.maxSafeNat(),
)
// Long enough that some are lists, some counts with a list that is not in them yet.
const latencies = fc.array(latency, { maxLength: 700, size: 'max' })

describe('a histogram', () => {
  it('merges to the same as recording directly, in any order and grouping', () => {
    fc.assert(
      fc.property(latencies, latencies, latencies, (a, b, c) => {
        const direct = said(histogramOf([...a, ...b, ...c]))
        const left = histogramOf(a)
        merge(left, histogramOf(b))
        merge(left, histogramOf(c))
        const right = histogramOf(c)
        merge(right, histogramOf(b))
        const grouped = histogramOf(a)
        merge(grouped, right)
        const swapped = histogramOf(c)
        merge(swapped, histogramOf(a))
        merge(swapped, histogramOf(b))
        expect(said(left)).toEqual(direct)
        expect(said(grouped)).toEqual(direct)
        expect(said(swapped)).toEqual(direct)
      }),
    )
  })

  it('does not depend on the order of what is recorded', () => {
    fc.assert(
      fc.property(latencies, (values) => {
        expect(said(histogramOf(values.toReversed()))).toEqual(said(histogramOf(values)))
        expect(said(histogramOf(values.toSorted((a, b) => a - b)))).toEqual(
          said(histogramOf(values)),
        )
      }),
    )
  })

  it('holds what plain counting finds, alone and beside others in one room, asked at any time', () => {
    const step = fc.record({ of: fc.nat(3), us: fc.oneof(fc.nat(3000), latency), look: fc.nat(40) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 3000, size: 'max' }), (steps) => {
        const room = slotRoom()
        for (let round = 0; round < 2; round++) {
          const histograms = Array.from({ length: 4 }, () => emptyHistogram(shape, room))
          const plain = histograms.map(() => new Map<number, number>())
          for (const { of, us, look } of steps) {
            record(histograms[of]!, us)
            const slot = slotOf(Math.min(us, shape.highestUs))
            plain[of]!.set(slot, (plain[of]!.get(slot) ?? 0) + 1)
            if (look === 0) encodeV2(histograms[of]!)
          }
          histograms.forEach((histogram, i) => {
            const sorted = [...plain[i]!].sort(([a], [b]) => a - b)
            expect(slotsOf(histogram)).toEqual(sorted)
            // As if it had never been a list.
            const wide = wideHistogram(shape)
            for (const [slot, count] of sorted) addToSlot(wide, slot, count)
            expect(encodeV2(histogram)).toEqual(encodeV2(wide))
          })
          emptyRoom(room)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('leaves the histogram alone that is merged from', () => {
    const from = histogramOf([1, 2, 3])
    const before = said(from)
    const into = histogramOf(Array.from({ length: 500 }, (_, i) => i * 1000))
    merge(into, from)
    record(into, 7)
    expect(said(from)).toEqual(before)
  })

  it('counts what is over the range in the last slot and keeps its exact maximum', () => {
    const histogram = histogramOf([shape.highestUs, shape.highestUs + 1, 2 ** 31, 2 ** 40])
    expect(histogram.overRange).toBe(3)
    expect(histogram.maxUs).toBe(2 ** 40)
    expect(encodeV2(histogram)).toEqual(
      encodeV2(histogramOf(Array.from({ length: 4 }, () => shape.highestUs))),
    )
  })

  it('refuses to record or merge what is no latency of its range', () => {
    for (const us of [Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY, 2 ** 53]) {
      const histogram = emptyHistogram(shape)
      expect(() => record(histogram, us)).toThrow('latency')
    }
    expect(() =>
      merge(emptyHistogram(shape), emptyHistogram({ ...shape, highestUs: 1000 })),
    ).toThrow('ranges differ')
    expect(() => emptyHistogram({ ...shape, highestUs: 2 ** 31 })).toThrow('histogram shape')
  })

  it('holds few values as a list and many in the octaves that they need', () => {
    const twenty = histogramOf(Array.from({ length: 20 }, (_, i) => 20_000 + i * 997))
    expect(twenty.counts).toHaveLength(0)
    const many = histogramOf(Array.from({ length: 1000 }, (_, i) => 20_000 + i * 97))
    expect(many.counts.length).toBeGreaterThan(0)
    expect(many.counts.length).toBeLessThanOrEqual(4 * 128)
  })
})

describe('the slots', () => {
  it('are those of hdr-histogram-js for every power of two and its neighbours', () => {
    const library = new Float64Histogram(1, shape.highestUs, 2)
    for (let power = 1; power <= shape.highestUs; power *= 2) {
      for (const us of [power - 1, power, power + 1].filter((v) => v <= shape.highestUs)) {
        const slot = slotOf(us)
        expect(slotLowUs(slot)).toBe(library.lowestEquivalentValue(us))
        expect(slotHighUs(slot)).toBe(library.highestEquivalentValue(us))
      }
    }
  })

  it('follow each other without a gap and are narrower than 1 % of their values', () => {
    const last = slotOf(shape.highestUs)
    for (let slot = 0; slot <= last; slot++) {
      expect(slotOf(slotLowUs(slot))).toBe(slot)
      expect(slotOf(slotHighUs(slot))).toBe(slot)
      expect(slotLowUs(slot + 1)).toBe(slotHighUs(slot) + 1)
      expect((slotHighUs(slot) - slotLowUs(slot)) * 100).toBeLessThan(Math.max(1, slotLowUs(slot)))
    }
  })

  it('hold what hdr-histogram-js holds', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(shape.highestUs), { minLength: 1, maxLength: 300 }), (values) => {
        const library = new Float64Histogram(1, shape.highestUs, 2)
        for (const us of values) library.recordValue(us)
        const histogram = histogramOf(values)
        expect(histogram.total).toBe(library.totalCount)
        expect(histogram.maxUs).toBe(library.maxValue)
        const decoded = decodeFromCompressedBase64(compressed(encodeV2(histogram)), 64, false)
        for (const percentile of [1, 50, 95, 99, 99.9, 100])
          expect(decoded.getValueAtPercentile(percentile)).toBe(
            library.getValueAtPercentile(percentile),
          )
      }),
    )
  })
})
