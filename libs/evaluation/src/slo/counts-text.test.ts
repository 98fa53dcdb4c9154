import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { base64Of } from '../base64.ts'
import { countsOfText, textOfCounts } from './counts-text.ts'
import { addCounts, countsOver, rollingCounts } from './rolling-counts.ts'

const minuteUs = 60_000_000
const hourUs = 60 * minuteUs
const dayUs = 24 * hourUs
const beginUs = 20_000 * dayUs

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

describe('counts in a checkpoint', () => {
  it('come back as they were, and are written the same again', () => {
    fc.assert(
      fc.property(
        additions,
        fc.constantFrom(1, 7, 30, 31),
        fc.boolean(),
        (given, days, isEarly) => {
          let counts = rollingCounts(days)
          let atUs = isEarly ? 0 : beginUs
          for (const { skipUs, valid, bad } of given) {
            atUs = Math.max(0, atUs + skipUs)
            counts = addCounts(counts, atUs, { valid, bad })
          }
          const text = textOfCounts(counts)
          expect(countsOfText(text)).toEqual(counts)
          expect(textOfCounts(countsOfText(text))).toBe(text)
        },
      ),
    )
  })

  it('go on as if nothing had happened', () => {
    fc.assert(
      fc.property(additions, additions, (before, after) => {
        const run = (isRestored: boolean) => {
          let counts = rollingCounts(30)
          let atUs = beginUs
          const add = ({ skipUs, valid, bad }: (typeof before)[number]): void => {
            atUs += Math.max(0, skipUs)
            counts = addCounts(counts, atUs, { valid, bad })
          }
          before.forEach(add)
          if (isRestored) counts = countsOfText(textOfCounts(counts))
          after.forEach(add)
          return [hourUs, 6 * hourUs, 3 * dayUs, 30 * dayUs].map((spanUs) =>
            countsOver(counts, atUs, spanUs),
          )
        }
        expect(run(true)).toEqual(run(false))
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
    expect(textOfCounts(rollingCounts(30)).length).toBeLessThan(32)
    expect(textOfCounts(checks).length).toBeLessThan(48)
    expect(textOfCounts(traffic).length).toBeLessThan(5500)
  })

  it('are refused when they are no counts', () => {
    const text = textOfCounts(addCounts(rollingCounts(7), beginUs, { valid: 5, bad: 1 }))
    expect(() => countsOfText('')).toThrow(RangeError)
    expect(() => countsOfText(text.slice(0, 4))).toThrow(RangeError)
    expect(() => countsOfText(`AAAA${text}`)).toThrow(RangeError)
    expect(() => countsOfText(base64Of(new Uint8Array(40).fill(255)))).toThrow(RangeError)
    expect(() => countsOfText(base64Of(Uint8Array.of(1, 255, 255, 127, 0, 0)))).toThrow(/at most/)
  })

  it('never end otherwise than in counts or a RangeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          countsOfText(base64Of(bytes))
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
