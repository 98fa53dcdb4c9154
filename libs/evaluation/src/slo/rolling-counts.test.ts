import type { SloCounts } from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { addCounts, countsOver, countsSince, remembers, rollingCounts } from './rolling-counts.ts'

const windowUs = 10_000_000
const minuteUs = 60_000_000
const hourUs = 60 * minuteUs
const dayUs = 24 * hourUs

type Given = { readonly atUs: number; readonly counts: SloCounts }

const counts = fc
  .record({ valid: fc.nat(1000), share: fc.nat(100) })
  .map(({ valid, share }): SloCounts => ({ valid, bad: Math.floor((valid * share) / 100) }))

/** Windows at random distances: most close together, some hours apart, some so far that nothing before is remembered. */
const windows = fc
  .array(
    fc.record({
      skip: fc.oneof(
        { weight: 20, arbitrary: fc.nat(3) },
        { weight: 4, arbitrary: fc.nat(5000) },
        { weight: 1, arbitrary: fc.nat(70_000) },
      ),
      counts,
    }),
    { minLength: 1, maxLength: 200 },
  )
  .map((drawn) => {
    let atUs = 170_000_000 * windowUs
    return drawn.map(({ skip, counts }): Given => {
      atUs += (skip + 1) * windowUs
      return { atUs, counts }
    })
  })

/** The same from a plain list: whole steps of the span, and the running one. */
const plainSum = (given: readonly Given[], windowEndUs: number, spanUs: number): SloCounts => {
  const stepUs = spanUs <= 6 * hourUs ? minuteUs : hourUs
  const fromUs = (Math.floor(windowEndUs / stepUs) - Math.ceil(spanUs / stepUs)) * stepUs
  // A correction may be ahead of the window and in the running step all the same.
  const beginOf = (atUs: number): number => atUs - (atUs % stepUs)
  const inside = given.filter(({ atUs }) => beginOf(atUs) >= fromUs && beginOf(atUs) < windowEndUs)
  return {
    valid: inside.reduce((sum, { counts }) => sum + counts.valid, 0),
    bad: inside.reduce((sum, { counts }) => sum + counts.bad, 0),
  }
}

const spans = [5 * minuteUs, 30 * minuteUs, 6 * hourUs, dayUs, 3 * dayUs, 7 * dayUs]

describe('rolling counts', () => {
  it('are exact over every span, whatever gaps the windows have', () => {
    fc.assert(
      fc.property(windows, fc.constantFrom(7, 8, 31), (given, days) => {
        let rolling = rollingCounts(days)
        for (const [i, { atUs, counts: add }] of given.entries()) {
          rolling = addCounts(rolling, atUs, add)
          const endUs = atUs + windowUs
          for (const spanUs of [...spans, days * dayUs])
            expect(countsOver(rolling, endUs, spanUs)).toEqual(
              plainSum(given.slice(0, i + 1), endUs, spanUs),
            )
        }
      }),
      { numRuns: 60 },
    )
  })

  it('are exact with corrections anywhere in the period, ahead of the windows too', () => {
    const corrections = fc.array(
      fc.record({ before: fc.nat(190), backUs: fc.integer({ min: -10, max: 6 * 24 * 3600 }) }),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(windows, corrections, (given, drawn) => {
        let rolling = rollingCounts(8)
        const seen: Given[] = []
        for (const [i, { atUs, counts: add }] of given.entries()) {
          for (const { before, backUs } of drawn)
            if (before === i) {
              const correction = { atUs: atUs - backUs * 1_000_000, counts: { valid: 9, bad: 5 } }
              rolling = addCounts(rolling, correction.atUs, correction.counts)
              seen.push(correction)
            }
          rolling = addCounts(rolling, atUs, add)
          seen.push({ atUs, counts: add })
          for (const spanUs of spans.slice(2))
            expect(countsOver(rolling, atUs + windowUs, spanUs)).toEqual(
              plainSum(
                // What a minute holds is known for six hours and no correction brings it back.
                seen.filter(
                  (one) => spanUs > 6 * hourUs || one.atUs > atUs - 6 * hourUs - minuteUs,
                ),
                atUs + windowUs,
                spanUs,
              ),
            )
        }
      }),
      { numRuns: 60 },
    )
  })

  it('stay what they were when more is added to them', () => {
    fc.assert(
      fc.property(windows, fc.nat(200), (given, at) => {
        const all = given.map(({ atUs, counts: add }) => [atUs, add] as const)
        const till = (end: number) =>
          all
            .slice(0, end)
            .reduce((sum, [atUs, add]) => addCounts(sum, atUs, add), rollingCounts(7))
        const before = till(at)
        const text = JSON.stringify(before)
        all.slice(at).reduce((sum, [atUs, add]) => addCounts(sum, atUs, add), before)
        expect(JSON.stringify(before)).toBe(text)
      }),
      { numRuns: 30 },
    )
  })

  it('hold nothing before the first window', () => {
    expect(countsOver(rollingCounts(30), 10 * dayUs, dayUs)).toEqual({ valid: 0, bad: 0 })
  })

  it('begin anew where they are asked to, on a full hour', () => {
    const startUs = 20_000 * dayUs
    const first = addCounts(rollingCounts(31), startUs - 1, { valid: 5, bad: 1 })
    const both = addCounts(first, startUs, { valid: 7, bad: 2 })
    expect(countsSince(both, startUs, startUs + windowUs)).toEqual({ valid: 7, bad: 2 })
    expect(countsSince(both, startUs - hourUs, startUs + windowUs)).toEqual({ valid: 12, bad: 3 })
  })

  it('never show fewer than none, nor more bad events than valid ones', () => {
    const startUs = 20_000 * dayUs
    const seen = addCounts(rollingCounts(7), startUs, { valid: 100, bad: 50 })
    const endUs = startUs + windowUs
    const over = (valid: number, bad: number): SloCounts =>
      countsOver(addCounts(seen, startUs, { valid, bad }), endUs, 7 * dayUs)
    expect(over(0, -80)).toEqual({ valid: 100, bad: 0 })
    expect(over(-70, 0)).toEqual({ valid: 30, bad: 30 })
    expect(over(-200, 0)).toEqual({ valid: 0, bad: 0 })
  })

  it('stay exact, and integers, whatever a correction says', () => {
    const most = Number.MAX_SAFE_INTEGER
    const startUs = 20_000 * dayUs
    let rolling = rollingCounts(31)
    for (let hour = 0; hour < 31 * 24; hour++)
      for (let twice = 0; twice < 2; twice++)
        rolling = addCounts(rolling, startUs + hour * hourUs, { valid: most, bad: most })
    const { valid, bad } = countsOver(rolling, startUs + 31 * dayUs, 31 * dayUs)
    expect([valid, bad].every(Number.isSafeInteger)).toBe(true)
    expect(valid).toBe(31 * 24 * 2 ** 43)
  })

  it('say whether a correction would still count', () => {
    const startUs = 20_000 * dayUs
    const rolling = addCounts(rollingCounts(7), startUs, { valid: 1, bad: 0 })
    expect(remembers(rolling, startUs - 7 * dayUs)).toBe(true)
    expect(remembers(rolling, startUs - 9 * dayUs)).toBe(false)
  })

  it('take at most 20 KB for 31 days when every step is used', () => {
    let rolling = rollingCounts(31)
    for (let minute = 0; minute < 31 * 24 * 60; minute += 1)
      rolling = addCounts(rolling, minute * minuteUs, {
        valid: 5e9 + ((minute * 48_271) % 1e9),
        bad: 5e9 - ((minute * 48_271) % 1e9),
      })
    // A list of numbers takes 8 bytes for each and 48 for itself, an object 24 and 8 for each field, bytes some 250 around them.
    const bytesOf = (value: unknown): number => {
      if (value instanceof Uint8Array) return 250 + value.length
      if (Array.isArray(value))
        return (
          48 +
          value.reduce(
            (sum: number, one) =>
              sum + 8 + (one === null || typeof one === 'number' ? 0 : bytesOf(one)),
            0,
          )
        )
      return (
        24 +
        Object.values(value as object).reduce(
          (sum: number, one) => sum + 8 + (typeof one === 'number' ? 16 : bytesOf(one)),
          0,
        )
      )
    }
    expect(bytesOf(rolling)).toBeLessThanOrEqual(20_000)
    expect(bytesOf(rolling)).toBeGreaterThan(8 * (361 + 31 * 24))
  })
})
