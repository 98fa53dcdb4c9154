import { describe, expect, it } from '@jest/globals'
import { reliabilityOf, type ReliabilityEvidence } from './reliability.ts'

const minuteUs = 60_000_000
const good: ReliabilityEvidence = {
  uptime: { passed: 9995, total: 10_000 },
  repair: { totalUs: 8 * minuteUs, incidents: 1 },
  incidents: 1,
  changes: { failed: 1, deployments: 20 },
}
const pointsOf = (evidence: Partial<ReliabilityEvidence>): readonly (number | null)[] =>
  reliabilityOf({ ...good, ...evidence }).parts.map(({ points }) => points)

describe('the reliability score', () => {
  it('of 99.95 %, 8 min, 1 incident and 5 % is 35 + 20 + 16 + 15 = 86', () => {
    expect(pointsOf({})).toEqual([35, 20, 16, 15])
    expect(reliabilityOf(good)).toMatchObject({ score: 86, points: 86, pointsMax: 100 })
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
    expect(pointsOf({ uptime: { passed, total: 1_000_000 } })[0]).toBe(points)
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
    expect(pointsOf({ repair: { totalUs: us, incidents: 1 } })[1]).toBe(points)
    expect(pointsOf({ repair: { totalUs: 3 * us, incidents: 3 } })[1]).toBe(points)
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
    expect(pointsOf({ changes: { failed, deployments: 100 } })[3]).toBe(points)
  })

  it('leaves out what has no evidence, and is rescaled', () => {
    const noChanges = reliabilityOf({ ...good, changes: { failed: 0, deployments: 0 } })
    // 71 of 85 points.
    expect(noChanges).toMatchObject({ score: 84, points: 71, pointsMax: 85 })
    expect(noChanges.parts[3]).toEqual({ dimension: 'changes', points: null, pointsMax: 15 })
  })

  it('is absent without any evidence', () => {
    const nothing = { uptime: null, repair: null, incidents: null, changes: null }
    expect(reliabilityOf(nothing)).toMatchObject({ score: null, points: 0, pointsMax: 0 })
  })
})
