import { describe, expect, it } from '@jest/globals'
import type { ServiceAssessed, SloBurn, SloState } from '@tidemark/model'
import { asOfUs, rowOf, sloOf } from '../testing/shop-report.ts'
import { hourOf, hourUs, sloFigures, type SloHour } from './slo-figures.ts'

const lastHourUs = hourOf(asOfUs)

const assessedWith = (state: SloState, burns: ServiceAssessed['burns'] = []): ServiceAssessed => ({
  type: 'ServiceAssessed',
  ...rowOf('checkout', { slos: [state] }),
  ...{ cause: { partition: 0, windowEndUs: asOfUs, index: 0 }, id: 'id' as never },
  ...{ windowStartUs: asOfUs - 10_000_000, windowEndUs: asOfUs, incomplete: false, inputs: [] },
  burns,
})

const hourAgo = (state: SloState, hours: number, valid: number, bad: number): SloHour => ({
  ...{ service: 'checkout', slo: state.slo, objectiveId: state.objectiveId },
  hourStartUs: lastHourUs - hours * hourUs,
  ...{ valid, bad },
})

const figuresOf = (state: SloState, hours: readonly SloHour[] = []) =>
  sloFigures(assessedWith(state), hours, 48)[0]!

const ratio = (of: { readonly part: bigint; readonly whole: bigint } | null) =>
  of && Number((of.part * 1_000_000n) / of.whole)

describe('the figures of an objective', () => {
  // 99.5 % of 120,000: 600 may fail, 300 have.
  const state = sloOf('availability', { hour: { valid: 400, bad: 10 } })

  it('count the last 24 hours and the running one', () => {
    const hours = [
      hourAgo(state, 1, 1000, 20),
      hourAgo(state, 24, 1000, 30),
      hourAgo(state, 25, 1, 1),
    ]
    const { lastDay, burnedPerDay, hours: line } = figuresOf(state, hours)
    expect(lastDay).toEqual({ valid: 2400, bad: 60 })
    // 60 of 600.
    expect(ratio(burnedPerDay)).toBe(100_000)
    expect(line).toHaveLength(48)
    expect(line.at(-1)).toEqual({ valid: 400, bad: 10 })
    expect(line.at(-2)).toEqual({ valid: 1000, bad: 20 })
    expect(line.at(-3)).toEqual({ valid: 0, bad: 0 })
  })

  it('say how long the rest lasts at that rate', () => {
    const { lastsUs } = figuresOf(state, [
      hourAgo(state, 1, 1000, 20),
      hourAgo(state, 20, 1000, 30),
    ])
    // 60 in 24 hours and one minute; 300 are left.
    expect(lastsUs).toBe((5 * (24 * 60 + 1) * hourUs) / 60)
  })

  it('take the time since counting began, where that is less than a day', () => {
    const young = {
      ...state,
      fromUs: asOfUs - hourUs,
      counts: { valid: 400, bad: 1 },
      hour: { valid: 400, bad: 1 },
    }
    // Two may fail, one has in an hour: one more hour.
    expect(figuresOf(young).lastsUs).toBe(hourUs)
  })

  it('say that nothing is left, or that nothing burns', () => {
    const spent = { ...state, counts: { valid: 1000, bad: 5 } }
    expect(figuresOf(spent).lastsUs).toBe(0)
    const calm = { ...state, hour: { valid: 10, bad: 0 } }
    expect(figuresOf(calm)).toMatchObject({ lastsUs: null, burnedPerDay: { part: 0n } })
  })

  it('are absent without events and for a target of 100 %', () => {
    const none = { ...state, counts: { valid: 0, bad: 0 }, hour: { valid: 0, bad: 0 } }
    expect(figuresOf(none)).toMatchObject({ burnedPerDay: null, lastsUs: null })
    expect(figuresOf({ ...state, targetPpm: 1_000_000 })).toMatchObject({
      burnedPerDay: null,
      lastsUs: null,
    })
  })

  it('leave out hours of another threshold, and of other services', () => {
    const other = { ...hourAgo(state, 1, 1000, 20), objectiveId: 'else' as never }
    const elsewhere = { ...hourAgo(state, 1, 1000, 20), service: 'cart' }
    expect(figuresOf(state, [other, elsewhere]).lastDay).toEqual({ valid: 400, bad: 10 })
  })

  it('give the burn over each pair of windows as a multiple of what is allowed', () => {
    const burn: SloBurn = {
      ...{ slo: 'availability', severity: 'page', longUs: hourUs, shortUs: hourUs / 12 },
      ...{ long: { valid: 1000, bad: 72 }, short: { valid: 0, bad: 0 }, isBurning: null },
    }
    const [figures] = sloFigures(assessedWith(state, [burn, { ...burn, slo: 'other' }]), [], 1)
    expect(figures!.burns).toHaveLength(1)
    expect(ratio(figures!.burns[0]!.long)).toBe(14_400_000)
    expect(figures!.burns[0]!.short).toBeNull()
  })

  it('lie in the hour of their window, also at its end', () => {
    expect(hourOf(lastHourUs + hourUs)).toBe(lastHourUs)
    expect(hourOf(lastHourUs + 1)).toBe(lastHourUs)
  })
})
