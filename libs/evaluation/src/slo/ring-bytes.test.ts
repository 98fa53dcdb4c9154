import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { byteReader, expectEnd } from '../byte-reader.ts'
import { byteWriter, written } from '../byte-writer.ts'
import { addSlots, chunkSlots, listOf, packed, putChunk, summed, takeChunk } from './chunk.ts'
import { headOf, ringOf } from './ring-bytes.ts'
import { addCounts, countsOver, rollingCounts, type RollingCounts } from './rolling-counts.ts'
import type { StepRing } from './step-ring.ts'

const minuteUs = 60_000_000
const hourUs = 60 * minuteUs
const dayUs = 24 * hourUs
const beginUs = 20_000 * dayUs

type Addition = { readonly skipUs: number; readonly valid: number; readonly bad: number }
const any = fc.oneof(fc.nat(300), fc.integer({ min: -5, max: 5 }), fc.maxSafeInteger())
const additions = fc.array(
  fc.record({
    skipUs: fc.oneof(
      fc.nat(3 * minuteUs),
      fc.nat(30 * hourUs),
      fc.integer({ min: -hourUs, max: 0 }),
    ),
    valid: any,
    bad: any,
  }),
  { maxLength: 150 },
)

const chunkBytes = ({ chunks }: StepRing): Uint8Array => {
  const writer = byteWriter()
  for (const chunk of chunks) putChunk(writer, chunk)
  return written(writer)
}

const savedAndRestored = (ring: StepRing): StepRing => {
  const reader = byteReader(chunkBytes(ring))
  const restored = ringOf(headOf(ring), () => takeChunk(reader))
  expectEnd(reader)
  return restored
}

const restored = ({ minutes, hours }: RollingCounts): RollingCounts => ({
  minutes: savedAndRestored(minutes),
  hours: savedAndRestored(hours),
})

/** Alike whether chunks are packed or not. */
const listed = ({ minutes, hours }: RollingCounts) =>
  [minutes, hours].map((ring) => ({ ...ring, chunks: ring.chunks.map(listOf) }))

const after = (given: RollingCounts, fromUs: number, add: readonly Addition[]) => {
  let counts = given
  let atUs = fromUs
  for (const { skipUs, valid, bad } of add) {
    atUs = Math.max(0, atUs + skipUs)
    counts = addCounts(counts, atUs, { valid, bad })
  }
  return { counts, atUs }
}

describe('counts in a checkpoint', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(
        additions,
        fc.constantFrom(1, 7, 30, 31),
        fc.constantFrom(0, beginUs),
        (given, days, fromUs) => {
          const { counts } = after(rollingCounts(days), fromUs, given)
          expect(listed(restored(counts))).toEqual(listed(counts))
        },
      ),
    )
  })

  it('say the same of any stretch, packed or not', () => {
    const slot = fc.integer({ min: 0, max: chunkSlots })
    const runs = fc.array(fc.record({ length: fc.nat(30), valid: any, bad: any }), {
      maxLength: 20,
    })
    fc.assert(
      fc.property(runs, slot, slot, (given, one, other) => {
        const steps = given
          .flatMap(({ length, valid, bad }) => Array.from({ length }, () => [valid, bad]))
          .map((step) => step.map((events) => events % 2 ** 43))
        const list = Array.from({ length: chunkSlots }, (_, at) => steps[at] ?? [0, 0]).flat()
        const chunk = summed([...list, 0, 0])
        const sumsOf = (each: typeof chunk | ReturnType<typeof packed>) => {
          const sums = { valid: 0, bad: 0 }
          addSlots(sums, each, Math.min(one, other), Math.max(one, other))
          return sums
        }
        expect(sumsOf(packed(chunk))).toEqual(sumsOf(chunk))
        expect(listOf(packed(chunk))).toEqual(chunk)
      }),
    )
  })

  it('go on as if nothing had happened', () => {
    fc.assert(
      fc.property(additions, additions, (before, then) => {
        const { counts, atUs } = after(rollingCounts(30), beginUs, before)
        const sums = (from: RollingCounts) => {
          const on = after(from, atUs, then)
          return [hourUs, 6 * hourUs, 3 * dayUs, 30 * dayUs].map((spanUs) =>
            countsOver(on.counts, on.atUs, spanUs),
          )
        }
        expect(sums(restored(counts))).toEqual(sums(counts))
      }),
    )
  })

  it('take little: nothing for nothing, some bytes a step for traffic, next to none for checks', () => {
    let traffic = rollingCounts(30)
    let checks = rollingCounts(30)
    for (let minute = 0; minute < 31 * 24 * 60; minute++) {
      const valid = 1200 + ((minute * 48_271) % 101)
      traffic = addCounts(traffic, minute * minuteUs, { valid, bad: valid % 7 })
      checks = addCounts(checks, minute * minuteUs, { valid: 6, bad: 0 })
    }
    const size = ({ minutes, hours }: RollingCounts): number =>
      chunkBytes(minutes).length + chunkBytes(hours).length
    expect(size(rollingCounts(30))).toBe(18)
    expect(size(checks)).toBeLessThan(120)
    expect(size(traffic)).toBeLessThan(4200)
  })

  it('are refused when they are no counts', () => {
    const of =
      (...bytes: readonly number[]) =>
      () =>
        takeChunk(byteReader(Uint8Array.from(bytes)))
    expect(of()).toThrow(RangeError)
    expect(of(2)).toThrow(/no beginning of a chunk/)
    expect(of(1, 1, 0, 100)).toThrow(/a run up to step/)
    expect(of(1, 0, 0)).toThrow(RangeError)
    expect(of(1, ...new Uint8Array(40).fill(255))).toThrow(RangeError)
    expect(() => ringOf({ newest: 1, valid: 0, bad: 0, chunks: 1000 }, of(0))).toThrow(/at most/)
  })

  it('never end otherwise than in a chunk or a RangeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          takeChunk(byteReader(bytes))
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
