import { describe, expect, it } from '@jest/globals'
import { standingOf, type StandingEvidence } from './standing.ts'

const fine: StandingEvidence = {
  slosNotMet: 0,
  reliability: 86,
  governance: 'compliant',
  isOverBudget: false,
}

describe('the standing of a service', () => {
  it('is degraded by 3 points for one breached SLO and reliability 60', () => {
    expect(standingOf({ ...fine, slosNotMet: 1, reliability: 60 })).toEqual({
      status: 'degraded',
      points: 3,
      reasons: [
        { dimension: 'slo', points: 2 },
        { dimension: 'reliability', points: 1 },
      ],
    })
  })

  it.each([
    ['healthy where nothing is wrong', {}, 'healthy', 0],
    ['healthy at one point', { isOverBudget: true }, 'healthy', 1],
    ['degraded at two', { isOverBudget: true, governance: 'partial' }, 'degraded', 2],
    ['critical at four', { slosNotMet: 3, reliability: 49 }, 'critical', 4],
    [
      'critical when all is wrong',
      { slosNotMet: 1, reliability: 0, governance: 'non_compliant', isOverBudget: true },
      'critical',
      6,
    ],
    ['unmoved by a score of 70', { reliability: 70 }, 'healthy', 0],
    ['moved once by a score of 50', { reliability: 50 }, 'healthy', 1],
    ['unmoved where there is no score', { reliability: null }, 'healthy', 0],
  ] as const)('is %s', (_, changes, status, points) => {
    expect(standingOf({ ...fine, ...changes })).toMatchObject({ status, points })
  })
})
