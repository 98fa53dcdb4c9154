import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import type { HistogramShape } from '@tidemark/model'
import fc from 'fast-check'
import {
  addToSlot,
  clear,
  emptyHistogram,
  merge,
  record,
  wideHistogram,
  type LatencyHistogram,
} from './histogram.ts'
import { latencySignalOf } from './quantile.ts'
import { slotOf } from './slots.ts'
import { decodeV2, encodeV2, HistogramFormatError, mergeV2, type BesideV2 } from './v2.ts'

const shape: HistogramShape = { lowestUs: 1, highestUs: 600_000_000, digits: 2 }

const histogramOf = (latencies: Iterable<number>): LatencyHistogram => {
  const histogram = emptyHistogram(shape)
  for (const us of latencies) record(histogram, us)
  return histogram
}

const counted = (counts: readonly (readonly [us: number, count: number])[]): LatencyHistogram => {
  const histogram = emptyHistogram(shape)
  for (const [us, count] of counts) {
    addToSlot(histogram, slotOf(us), count)
    histogram.total += count
    histogram.maxUs = Math.max(histogram.maxUs, us)
  }
  return histogram
}

const besideOf = ({ overRange, maxUs }: LatencyHistogram): BesideV2 => ({
  overRange,
  latencyUsMax: maxUs < 0 ? null : maxUs,
})

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const bytesOf = (hex: string): Uint8Array => Buffer.from(hex, 'hex')

const powers = Array.from({ length: 29 }, (_, k) => [2 ** k - 1, 2 ** k, 2 ** k + 1]).flat()

function* lehmer(count: number): Generator<number> {
  for (let i = 0, x = 42; i < count; i++) {
    x = (x * 48_271) % 2_147_483_647
    yield 1000 + (x % 200_000)
  }
}

/**
 * Written by Java's HdrHistogram 2.2.2: `new Histogram(1, 600000000L, 2)`, `recordValue` (or `recordValueWithCount`) of the
 * values below, `encodeIntoByteBuffer`.
 */
const java = {
  empty: '1c84931300000001000000000000000200000000000000010000000023c346003ff0000000000000' + '00',
  zero: '1c84931300000001000000000000000200000000000000010000000023c346003ff0000000000000' + '02',
  small:
    '1c8493130000000a000000000000000200000000000000010000000023c346003ff0000000000000' +
    '0004f9030204fb010202',
  powers:
    '1c84931300000071000000000000000200000000000000010000000023c346003ff0000000000000' +
    '0204040402020002020209020202190202023902020279020202f9010204fb010204fb010204fb01' +
    '0204fb010204fb010204fb010204fb010204fb010204fb010204fb010204fb010204fb010204fb01' +
    '0204fb010204fb010204fb010204fb010204fb010204fb010204fb0102049b0202',
  counts:
    '1c84931300000015000000000000000200000000000000010000000023c346003ff0000000000000' +
    'b71080c8afa025ad098001b314feb6d0dfdaffff1f',
}
/** SHA-256 of the bytes that the same program wrote for 10,000 values of `lehmer`. */
const javaLehmer = '5609d5a3bbee81b5f08252bddeaa0a12f363fc38b4448524f71e8ca67cc171f9'

describe('encoding a histogram', () => {
  it("writes the bytes of Java's HdrHistogram 2.2.2", () => {
    const written = {
      empty: histogramOf([]),
      zero: histogramOf([0]),
      small: histogramOf([1, 1, 255, 256, 257, 511, 512]),
      powers: histogramOf([...powers, 600_000_000]),
      counts: counted([
        [20_000, 5_000_000_000],
        [500_000, 63],
        [501_759, 1],
        [600_000_000, 9_007_199_254_740_991 - 5_000_000_064],
      ]),
    }
    for (const [name, histogram] of Object.entries(written)) {
      const bytes = encodeV2(histogram)
      expect({ name, bytes: hexOf(bytes) }).toEqual({
        name,
        bytes: java[name as keyof typeof java],
      })
      expect(encodeV2(decodeV2(bytes, shape, besideOf(histogram)))).toEqual(bytes)
    }
    const digest = createHash('sha256').update(encodeV2(histogramOf(lehmer(10_000))))
    expect(digest.digest('hex')).toBe(javaLehmer)
  })

  it('comes back the same after decoding', () => {
    const latency = fc.oneof(fc.nat(1000), fc.nat(shape.highestUs), fc.maxSafeNat())
    fc.assert(
      fc.property(fc.array(latency, { maxLength: 200, size: 'max' }), (values) => {
        const histogram = histogramOf(values)
        const decoded = decodeV2(encodeV2(histogram), shape, besideOf(histogram))
        expect(besideOf(decoded)).toEqual(besideOf(histogram))
        expect(decoded.total).toBe(histogram.total)
        expect(encodeV2(decoded)).toEqual(encodeV2(histogram))
      }),
    )
  })

  it('does not depend on how the values are kept', () => {
    const values = [...lehmer(50)]
    const asCounts = wideHistogram(shape)
    for (const us of values) record(asCounts, us)
    expect(histogramOf(values).counts).toHaveLength(0)
    expect(encodeV2(histogramOf(values))).toEqual(encodeV2(asCounts))
  })
})

describe('decoding a histogram', () => {
  const faultOf = (bytes: Uint8Array, beside: Partial<BesideV2> = {}): string => {
    try {
      decodeV2(bytes, shape, { overRange: 0, latencyUsMax: 512, ...beside })
      return 'none'
    } catch (error) {
      if (error instanceof HistogramFormatError) return error.fault
      throw error
    }
  }
  const header = (payload: string, from = java.small): string => {
    const length = (payload.length / 2).toString(16).padStart(8, '0')
    return `${from.slice(0, 8)}${length}${from.slice(16, 80)}${payload}`
  }
  const changed = (byte: number, value: number): Uint8Array => {
    const bytes = Uint8Array.from(bytesOf(java.small))
    bytes[byte] = value
    return bytes
  }

  it.each([
    ['no bytes', new Uint8Array(0), 'length'],
    ['a header alone', bytesOf(java.small).subarray(0, 40), 'length'],
    ['a cut end', bytesOf(java.small).subarray(0, -1), 'length'],
    ['more than announced', bytesOf(`${java.small}00`), 'length'],
    ['another cookie', changed(3, 0x12), 'cookie'],
    ['a normalizing offset', changed(11, 1), 'offset'],
    ['other digits', changed(15, 3), 'shape'],
    ['another lowest value', changed(23, 2), 'shape'],
    ['a huge range', changed(24, 0x7f), 'shape'],
    ['the ratio as an integer', changed(32, 0), 'ratio'],
    ['a count without an end', bytesOf(header('80')), 'length'],
    ['a count of nine bytes', bytesOf(header(`${'ff'.repeat(8)}01`)), 'length'],
    ['a superfluous byte', bytesOf(header('048000')), 'canonical'],
    ['an empty slot as a run of one', bytesOf(header('0102')), 'canonical'],
    ['two runs in a row', bytesOf(header('030302')), 'canonical'],
    ['empty slots at the end', bytesOf(header('0200')), 'canonical'],
    ['slots above the last', bytesOf(header('ffff0702')), 'slots'],
    ['a total above 2^53 - 1', bytesOf(header('feffffffffffff1f02')), 'total'],
  ])('refuses %s', (_, bytes, fault) => {
    expect(faultOf(bytes)).toBe(fault)
  })

  it('refuses a maximum that the slots contradict', () => {
    expect(faultOf(bytesOf(java.small))).toBe('none')
    for (const beside of [
      { latencyUsMax: null },
      { latencyUsMax: 511 },
      { latencyUsMax: 516 },
      { overRange: 1 },
      { overRange: 1, latencyUsMax: 600_000_001 },
    ])
      expect(faultOf(bytesOf(java.small), beside)).toBe('maximum')
    const over = encodeV2(histogramOf([600_000_001]))
    expect(faultOf(over, { overRange: 1, latencyUsMax: 600_000_001 })).toBe('none')
    expect(faultOf(over, { overRange: 2, latencyUsMax: 600_000_001 })).toBe('maximum')
    expect(faultOf(over, { overRange: 1, latencyUsMax: 600_000_000 })).toBe('maximum')
    expect(faultOf(bytesOf(java.empty), { latencyUsMax: 0 })).toBe('maximum')
    expect(faultOf(bytesOf(java.empty), { latencyUsMax: null })).toBe('none')
  })

  it('takes no bytes but those that encoding gives', () => {
    const seeds = [java.small, java.powers, java.empty].map(bytesOf)
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        fc.maxSafeNat(),
        (seed, changes, latencyUsMax) => {
          const bytes = Uint8Array.from(seed)
          for (const [at, value] of changes) bytes[at % bytes.length] = value
          for (const beside of [
            { overRange: 0, latencyUsMax },
            { overRange: 0, latencyUsMax: 512 },
            { overRange: 0, latencyUsMax: 600_000_000 },
          ]) {
            if (faultOf(bytes, beside) !== 'none') continue
            expect(encodeV2(decodeV2(bytes, shape, beside))).toEqual(bytes)
          }
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('merging of bytes', () => {
  const latencies = fc.array(fc.oneof(fc.nat(300), fc.nat(700_000_000)), { maxLength: 120 })

  it('gives what decoding and merging gives, into one that is made anew or cleared', () => {
    const wide = wideHistogram(shape)
    fc.assert(
      fc.property(fc.array(latencies, { maxLength: 7 }), (parts) => {
        const plain = emptyHistogram(shape)
        const narrow = emptyHistogram(shape)
        clear(wide)
        for (const part of parts.map(histogramOf)) {
          const bytes = encodeV2(part)
          merge(plain, decodeV2(bytes, shape, besideOf(part)))
          mergeV2(narrow, bytes, besideOf(part))
          mergeV2(wide, bytes, besideOf(part))
        }
        for (const merged of [narrow, wide]) {
          expect(encodeV2(merged)).toEqual(encodeV2(plain))
          expect(besideOf(merged)).toEqual(besideOf(plain))
          expect(latencySignalOf(merged)).toEqual(latencySignalOf(plain))
        }
      }),
    )
  })

  it('refuses what decoding refuses', () => {
    const part = histogramOf([1, 20, 300_000])
    const bytes = encodeV2(part)
    const faultOf = (work: () => void): unknown => {
      try {
        work()
      } catch (error) {
        return (error as HistogramFormatError).fault
      }
      return null
    }
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
        const changed = bytes.with(at, byte)
        expect(faultOf(() => mergeV2(emptyHistogram(shape), changed, besideOf(part)))).toBe(
          faultOf(() => decodeV2(changed, shape, besideOf(part))),
        )
      }),
      { numRuns: 2000 },
    )
  })
})
