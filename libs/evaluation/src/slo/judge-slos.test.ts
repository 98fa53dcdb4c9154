import {
  defaultBurnWindows,
  defaultLayout,
  defaultRuleFields,
  type BudgetCorrected,
  type Slo,
  type SloCounts,
} from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { serviceWindow } from '../testing/service-window.ts'
import { budgetRemaining, isMet, permille } from './budget.ts'
import { burnOver, judgeSlos } from './judge-slos.ts'
import { objectivesOf, prepareObjectives, type Objective } from './objectives.ts'
import { arrangeCounters, correctCounters, correctionsMax, type SloCounter } from './slo-counter.ts'

const windowUs = 10_000_000
const hourUs = 3_600_000_000
const dayUs = 24 * hourUs
/** A first of March, midnight. */
const marchUs = Date.UTC(2026, 2, 1) * 1000

const slo = (changes: Partial<Slo> = {}): Slo => ({
  ...{ id: 'a', service: null, targetPpm: 999_000, period: { kind: 'rolling', days: 30 } },
  indicator: { kind: 'uptime' },
  ...changes,
})
const objectives = (...slos: readonly Slo[]): readonly Objective[] =>
  objectivesOf(
    prepareObjectives(
      {
        slos,
        rules: [
          {
            ...defaultRuleFields,
            kind: 'burn-rate',
            id: 'burn',
            slos: null,
            windows: defaultBurnWindows,
          },
        ],
      },
      defaultLayout.histogram,
    ),
    'checkout',
  )
const arranged = (of: readonly Objective[], atUs: number, before: readonly SloCounter[] = []) =>
  arrangeCounters(before, of, 'checkout', atUs)
const judged = (
  of: readonly Objective[],
  counters: readonly SloCounter[],
  startUs: number,
  checks: SloCounts | null,
) =>
  judgeSlos(
    of,
    counters,
    checks && serviceWindow([], { passed: checks.valid - checks.bad, failed: checks.bad }),
    { startUs, endUs: startUs + windowUs },
  )

describe('an objective', () => {
  it('has 50 % of its budget left at 99.95 % of 99.9 %, is met, and -1900 % at 99.8 % of 99.99 %', () => {
    const of = objectives(slo(), slo({ id: 'b', targetPpm: 999_900 }))
    const counters = arranged(of, marchUs)
    const { state } = judged(of, counters, marchUs, { valid: 10_000, bad: 5 }).slos[0]!
    expect(isMet(state.counts, state.targetPpm)).toBe(true)
    expect(permille(budgetRemaining(state.counts, state.targetPpm)!)).toBe(500)
    const other = judged(of, counters, marchUs, { valid: 10_000, bad: 20 }).slos[1]!.state
    expect(isMet(other.counts, other.targetPpm)).toBe(false)
    expect(permille(budgetRemaining(other.counts, other.targetPpm)!)).toBe(-19_000)
  })

  it('counts over the rolling period and the running hour, from when it began', () => {
    const of = objectives(slo({ period: { kind: 'rolling', days: 7 } }))
    let counters = arranged(of, marchUs)
    const states = [0, 1, 24 * 7, 24 * 7 + 1].map((hour) => {
      const next = judged(of, counters, marchUs + hour * hourUs, { valid: 10, bad: 1 })
      counters = next.counters
      return next.slos[0]!.state
    })
    expect(states.map(({ counts }) => counts.valid)).toEqual([10, 20, 30, 30])
    expect(states.map(({ hour }) => hour.valid)).toEqual([10, 10, 10, 10])
    expect(states.map(({ fromUs }) => (fromUs - marchUs) / hourUs)).toEqual([0, 0, 0, 1])
  })

  it('counts a calendar month up to its last window, and from the first of the next', () => {
    const of = objectives(slo({ period: { kind: 'calendar-month' } }))
    const aprilUs = Date.UTC(2026, 3, 1) * 1000
    const first = judged(of, arranged(of, marchUs - dayUs), marchUs - windowUs, {
      valid: 7,
      bad: 7,
    })
    expect(first.slos[0]!.state).toMatchObject({ fromUs: marchUs - dayUs, counts: { valid: 7 } })
    const march = judged(of, first.counters, marchUs, { valid: 10, bad: 1 })
    expect(march.slos[0]!.state).toMatchObject({ fromUs: marchUs, counts: { valid: 10, bad: 1 } })
    const last = judged(of, march.counters, aprilUs - windowUs, { valid: 10, bad: 1 })
    expect(last.slos[0]!.state).toMatchObject({ fromUs: marchUs, counts: { valid: 20, bad: 2 } })
    const april = judged(of, last.counters, aprilUs, null)
    expect(april.slos[0]!.state).toMatchObject({ fromUs: aprilUs, counts: { valid: 0, bad: 0 } })
    // Burn looks back beyond the month.
    expect(april.slos[0]!.burns[3]!.long).toEqual({ valid: 10, bad: 1 })
  })

  it('burns in calendar months by the length of the month', () => {
    const of = objectives(slo({ period: { kind: 'calendar-month' }, targetPpm: 990_000 }))
    // 14.4 at 30 days: 13.44 in a month of 28 and 14.88 in one of 31; so 1 % x 14 is between the two.
    const share = { valid: 1_000_000, bad: 141_000 }
    const february = Date.UTC(2026, 1, 10) * 1000
    const burningIn = (atUs: number) =>
      judged(of, arranged(of, atUs), atUs, share).slos[0]!.burns[0]!.isBurning
    expect(burningIn(february)).toBe(true)
    expect(burningIn(marchUs)).toBe(false)
  })

  it('burns as badly as the worst of its pairs, and over a pair that a rule asks for', () => {
    const of = objectives(slo())
    const [calm] = judged(of, arranged(of, marchUs), marchUs, { valid: 10_000, bad: 5 }).slos
    expect(calm!.state.burning).toBeNull()
    const [hot] = judged(of, arranged(of, marchUs), marchUs, { valid: 10_000, bad: 300 }).slos
    expect(hot!.state.burning).toBe('page')
    expect(hot!.burns.map(({ isBurning }) => isBurning)).toEqual([true, true, true, true])
    expect(burnOver(hot!, defaultBurnWindows[2]!)).toMatchObject({
      severity: 'warning',
      longUs: dayUs,
    })
    expect(burnOver(hot!, { ...defaultBurnWindows[2]!, budgetPpm: 1 })).toBeNull()
  })

  it('has neither budget nor burn where nothing came, or where the target is 100 %', () => {
    const of = objectives(slo(), slo({ id: 'b', targetPpm: 1_000_000 }))
    const silent = judged(of, arranged(of, marchUs), marchUs, null)
    expect(silent.slos[0]!.burns.every(({ isBurning }) => isBurning === null)).toBe(true)
    expect(silent.counters).toEqual(arranged(of, marchUs))
    const perfect = judged(of, arranged(of, marchUs), marchUs, { valid: 100, bad: 50 }).slos[1]!
    expect(perfect.burns.every(({ isBurning }) => isBurning === null)).toBe(true)
    expect(budgetRemaining(perfect.state.counts, perfect.state.targetPpm)).toBeNull()
  })

  it('goes on under another target, and begins anew with another threshold', () => {
    const latency = (thresholdUs: number) => slo({ indicator: { kind: 'latency', thresholdUs } })
    const before = objectives(latency(500))
    const first = judgeSlos(
      before,
      arranged(before, marchUs),
      serviceWindow([{ latencyUs: 100 }, { latencyUs: 9000 }]),
      { startUs: marchUs, endUs: marchUs + windowUs },
    ).counters
    const laterUs = marchUs + hourUs
    const stricter = objectives({ ...latency(500), targetPpm: 999_990 })
    expect(
      judged(stricter, arranged(stricter, laterUs, first), laterUs, null).slos[0]!.state,
    ).toMatchObject({
      ...{ targetPpm: 999_990, fromUs: marchUs, counts: { valid: 2, bad: 1 } },
    })
    const faster = objectives(latency(400))
    expect(
      judged(faster, arranged(faster, laterUs, first), laterUs, null).slos[0]!.state,
    ).toMatchObject({
      ...{ fromUs: laterUs, counts: { valid: 0, bad: 0 } },
    })
  })

  it('keeps its counts under another id, and shares them with one that counts the same', () => {
    const of = objectives(slo())
    const { counters } = judged(of, arranged(of, marchUs), marchUs, { valid: 10, bad: 1 })
    const more = objectives(
      slo({ id: 'b' }),
      slo({ targetPpm: 990_000 }),
      slo({ id: 'c', period: { kind: 'rolling', days: 7 } }),
    )
    const next = judged(
      more,
      arranged(more, marchUs + windowUs, counters),
      marchUs + windowUs,
      null,
    )
    expect(next.slos.map(({ state }) => [state.slo, state.counts.valid])).toEqual([
      ['b', 10],
      ['a', 10],
      ['c', 0],
    ])
  })
})

const correction = (changes: Partial<BudgetCorrected> = {}): BudgetCorrected => ({
  ...{ type: 'BudgetCorrected', id: 'one', by: null, note: null, service: 'checkout', slo: 'a' },
  ...{ atUs: marchUs, valid: 0, bad: -5 },
  ...changes,
})

describe('a correction', () => {
  const of = objectives(slo(), slo({ id: 'b', targetPpm: 990_000 }))
  const { counters } = judged(of, arranged(of, marchUs), marchUs, { valid: 100, bad: 9 })
  const corrected = (...all: readonly BudgetCorrected[]) => {
    const after = all.reduce((sum, one) => correctCounters(sum, one), counters)
    return judged(of, after, marchUs + windowUs, null).slos.map(({ state }) => state.counts)
  }

  it('changes the objective that it names, in its hour, and once', () => {
    expect(corrected(correction())[0]).toEqual({ valid: 100, bad: 4 })
    expect(corrected(correction())[1]).toEqual({ valid: 100, bad: 9 })
    expect(corrected(correction(), correction())[0]).toEqual({ valid: 100, bad: 4 })
    expect(corrected(correction(), correction({ id: 'two' }))[0]).toEqual({ valid: 100, bad: 0 })
    expect(corrected(correction({ slo: 'unknown' }))).toEqual(corrected())
  })

  it('of an hour that no period counts any more changes nothing', () => {
    expect(corrected(correction({ atUs: marchUs - 40 * dayUs }))).toEqual(corrected())
    expect(corrected(correction({ atUs: marchUs - 29 * dayUs, valid: 50 }))[0]?.valid).toBe(150)
  })

  it('is remembered by its id while it counts, the last 1,000 of them', () => {
    const all = Array.from({ length: correctionsMax + 20 }, (_, n) =>
      correction({ id: `${n}`, valid: 1, bad: 0 }),
    )
    const many = all.reduce((sum, one) => correctCounters(sum, one), counters)
    expect(many[0]?.corrections).toHaveLength(correctionsMax)
    expect(many[0]?.corrections.at(-1)).toEqual({ id: `${correctionsMax + 19}`, atUs: marchUs })
    const later = judged(of, many, marchUs + 40 * dayUs, { valid: 1, bad: 0 }).counters
    const fresh = correctCounters(later, correction({ id: 'z', atUs: marchUs + 40 * dayUs }))
    expect(fresh[0]?.corrections).toHaveLength(1)
  })

  it('gives what the events would give that it stands for', () => {
    const event = fc.record({
      step: fc.nat(2000),
      valid: fc.nat(50),
      share: fc.nat(100),
      isLate: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (drawn) => {
        const events = drawn
          .toSorted((a, b) => a.step - b.step)
          .map(({ step, valid, share, isLate }) => ({
            ...{ isLate, valid, bad: Math.floor((valid * share) / 100) },
            startUs: marchUs + step * windowUs,
          }))
        const endUs = marchUs + 2001 * windowUs
        const run = (isCorrected: boolean) => {
          let all = arranged(of, marchUs)
          for (const { startUs, isLate, ...counts } of events)
            if (!(isLate && isCorrected)) all = judged(of, all, startUs, counts).counters
          if (isCorrected)
            for (const [n, { startUs, isLate, valid, bad }] of events.entries())
              if (isLate)
                for (const name of ['a', 'b'])
                  all = correctCounters(
                    all,
                    correction({ id: `${n}`, slo: name, atUs: startUs, valid, bad }),
                  )
          return judged(of, all, endUs, null).slos.map(({ state, burns }) => ({ state, burns }))
        }
        expect(run(true)).toEqual(run(false))
      }),
      { numRuns: 50 },
    )
  })
})
