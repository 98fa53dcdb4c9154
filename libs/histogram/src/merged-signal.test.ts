import { describe, expect, it } from '@jest/globals'
import { defaultLayout } from '@tidemark/model'
import fc from 'fast-check'
import { emptyHistogram, record } from './histogram.ts'
import { mergedSignalOf, plainSignalOf, type EncodedLatencies } from './merged-signal.ts'
import { encodeV2 } from './v2.ts'

const { histogram: shape } = defaultLayout

const encodedOf = (latenciesUs: readonly number[], times = 1): EncodedLatencies => {
  const histogram = emptyHistogram(shape)
  for (let i = 0; i < times; i++) for (const us of latenciesUs) record(histogram, us)
  const { overRange, maxUs } = histogram
  return {
    histogram: encodeV2(histogram),
    ...{ overRange, latencyUsMax: maxUs < 0 ? null : maxUs },
  }
}

/** What comes of it, or which error. */
const outcome = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return { error: (error as Error).constructor.name, message: (error as Error).message }
  }
}

const expectSame = (parts: readonly EncodedLatencies[]): void =>
  expect(outcome(() => mergedSignalOf(parts, shape))).toEqual(
    outcome(() => plainSignalOf(parts, shape)),
  )

const latency = fc.oneof(
  fc.nat(300),
  fc.nat(100_000),
  fc.nat(shape.highestUs),
  fc.constantFrom(0, 255, 256, shape.highestUs, shape.highestUs + 1, 2 ** 40),
)
const part = fc
  .tuple(fc.array(latency, { maxLength: 40 }), fc.constantFrom(1, 1, 1, 70, 9000))
  .map(([latencies, times]) => encodedOf(latencies, latencies.length < 4 ? times : 1))

describe('figures of histograms together', () => {
  it('are those of one into which all are merged', () => {
    fc.assert(fc.property(fc.array(part, { maxLength: 8 }), expectSame), { numRuns: 1000 })
  })

  it('are refused where the plain way refuses, and leave nothing behind', () => {
    const good = encodedOf([1, 20, 300, 300, 4000])
    const change = fc.record({
      at: fc.nat(70),
      to: fc.nat(255),
      cut: fc.constantFrom(0, 0, 0, 1, 5, 30),
      latencyUsMax: fc.constantFrom(undefined, undefined, undefined, null, 5, 4100, -1, 0.5),
    })
    fc.assert(
      fc.property(part, change, ({ histogram, ...beside }, { at, to, cut, latencyUsMax }) => {
        const bytes = histogram.slice(0, histogram.length - cut)
        if (at < bytes.length) bytes[at] = to
        const max = latencyUsMax === undefined ? beside.latencyUsMax : latencyUsMax
        expectSame([good, { ...beside, histogram: bytes, latencyUsMax: max }, good])
        expectSame([good])
      }),
      {
        numRuns: 3000,
        // The last slot of these is that of half a microsecond, which no maximum is.
        examples: [
          [encodedOf([0]), { at: 70, to: 0, cut: 0, latencyUsMax: 0.5 }],
          [encodedOf([0]), { at: 70, to: 0, cut: 0, latencyUsMax: -1 }],
        ],
      },
    )
  })
})
