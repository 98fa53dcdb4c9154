import { noScorecards } from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { reliabilityOf, type ReliabilityEvidence } from './reliability.ts'

const minuteUs = 60_000_000
const good: ReliabilityEvidence = {
  checks: { passed: 9995, total: 10_000 },
  repairsUs: [8 * minuteUs],
  incidents: 1,
  isWatched: true,
  deployments: 20,
  deploymentsFailed: 1,
}
const pointsOf = (evidence: Partial<ReliabilityEvidence>): readonly (number | null)[] =>
  reliabilityOf({ ...good, ...evidence }).parts.map(({ points }) => points)

describe('the reliability score', () => {
  it('of 99.95 %, 8 min, 1 incident and 5 % is 35 + 20 + 16 + 15 = 86', () => {
    expect(pointsOf({})).toEqual([35, 20, 16, 15])
    expect(reliabilityOf(good).score).toBe(86)
  })

  it.each([
    [999_900, 40],
    [999_899, 35],
    [999_000, 35],
    [998_999, 28],
    [995_000, 28],
    [994_999, 20],
    [990_000, 20],
    [989_999, 10],
    [950_000, 10],
    [949_999, 0],
  ])('gives an uptime of %d ppm %d points', (passed, points) => {
    expect(pointsOf({ checks: { passed, total: 1_000_000 } })[0]).toBe(points)
  })

  it.each([
    [5 * minuteUs, 25],
    [5 * minuteUs + 1, 20],
    [15 * minuteUs, 20],
    [30 * minuteUs, 15],
    [60 * minuteUs, 10],
    [240 * minuteUs, 5],
    [240 * minuteUs + 1, 0],
  ])('gives a mean time to repair of %d us %d points', (us, points) => {
    expect(pointsOf({ repairsUs: [us] })[1]).toBe(points)
    expect(pointsOf({ repairsUs: [us, us - 1, us + 1] })[1]).toBe(points)
  })

  it.each([
    [0, 20],
    [1, 16],
    [2, 12],
    [3, 12],
    [5, 8],
    [10, 4],
    [11, 0],
  ])('gives %d incidents %d points', (incidents, points) => {
    expect(pointsOf({ incidents })[2]).toBe(points)
  })

  it.each([
    [5, 15],
    [6, 12],
    [10, 12],
    [15, 8],
    [30, 4],
    [31, 0],
  ])('gives a change failure rate of %d % its points', (failed, points) => {
    expect(pointsOf({ deploymentsFailed: failed, deployments: 100 })[3]).toBe(points)
  })

  it('leaves out what has no evidence, and is rescaled', () => {
    const noChanges = reliabilityOf({ ...good, deployments: 0, deploymentsFailed: 0 })
    // 71 of 85 points.
    expect(noChanges.score).toBe(84)
    expect(noChanges.parts[3]).toEqual({ dimension: 'changes', points: null, pointsMax: 15 })
    const quiet = reliabilityOf({ ...good, repairsUs: [], incidents: 0 })
    // 35, 20 and 15 of 75.
    expect(quiet).toMatchObject({ score: 93, repairs: 0, repairMeanUs: null, repairMedianUs: null })
  })

  it('is absent without any evidence', () => {
    const nothing: ReliabilityEvidence = {
      checks: { passed: 0, total: 0 },
      ...{ repairsUs: [], incidents: 0, isWatched: false, deployments: 0, deploymentsFailed: 0 },
    }
    expect(reliabilityOf(nothing)).toEqual(noScorecards.reliability)
  })

  it('has mean and median of the repairs beside it', () => {
    const of = (...repairsUs: readonly number[]) => reliabilityOf({ ...good, repairsUs })
    expect(of(9, 1, 2)).toMatchObject({ repairs: 3, repairMeanUs: 4, repairMedianUs: 2 })
    expect(of(7, 2, 100, 4)).toMatchObject({ repairs: 4, repairMeanUs: 28, repairMedianUs: 5 })
  })

  it('is points / maximum to the nearest integer, whatever applies', () => {
    const maybe = <T>(value: fc.Arbitrary<T>, none: T) => fc.oneof(value, fc.constant(none))
    const evidence = fc.record({
      checks: maybe(
        fc.nat(10_000).map((passed) => ({ passed, total: 10_000 })),
        { passed: 0, total: 0 },
      ),
      repairsUs: fc.array(fc.nat(300 * minuteUs), { maxLength: 5 }),
      incidents: fc.nat(12),
      isWatched: fc.boolean(),
      deployments: maybe(fc.constant(100), 0),
      deploymentsFailed: fc.nat(100),
    })
    fc.assert(
      fc.property(evidence, (given) => {
        const { score, parts } = reliabilityOf(given)
        const applies = parts.filter(({ points }) => points !== null)
        const sum = applies.reduce((total, { points }) => total + (points ?? 0), 0)
        const most = applies.reduce((total, { pointsMax }) => total + pointsMax, 0)
        expect(score).toBe(most === 0 ? null : Math.round((100 * sum) / most))
      }),
    )
  })
})
