import { noScorecards, type CostState, type ReliabilityScore } from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import { standingOf, type StandingEvidence } from './standing.ts'

const scored = (score: number | null): ReliabilityScore => ({ ...noScorecards.reliability, score })
const met = { slo: 'latency', targetPpm: 950_000, counts: { valid: 1000, bad: 50 } }
const missed = { slo: 'availability', targetPpm: 995_000, counts: { valid: 10_000, bad: 51 } }
const silent = { slo: 'jobs', targetPpm: 950_000, counts: { valid: 0, bad: 0 } }
const over: CostState = {
  currency: 'EUR',
  monthStartUs: 0,
  amountMinor: 350_000,
  previousMinor: 280_000,
  trend: 'spiking',
  budgetMinor: 280_000,
  overBudget: true,
  forecastMinor: null,
  noticePercent: 100,
}
const partial = {
  status: 'partial',
  findings: [
    { check: 'runbook', result: 'passed', message: null, untilUs: null },
    {
      check: 'owner',
      result: 'failed',
      message: 'checkout missing owner',
      untilUs: null,
    },
  ],
} as const
const fine: StandingEvidence = {
  slos: [met, silent],
  reliability: scored(86),
  governance: { status: 'compliant', findings: [] },
  costs: [{ ...over, overBudget: false }],
}

describe('the standing of a service', () => {
  it('is degraded by 3 points for one breached SLO and reliability 60, and says so', () => {
    expect(standingOf({ ...fine, slos: [met, missed], reliability: scored(60) })).toEqual({
      status: 'degraded',
      points: 3,
      reasons: [
        'SLO not met: availability 99.49% of 99.5%',
        'reliability 60: uptime not applicable, MTTR not applicable, incidents not applicable, changes not applicable',
      ],
    })
  })

  it.each([
    ['healthy where nothing is wrong', {}, 'healthy', 0],
    ['healthy at one point', { costs: [over] }, 'healthy', 1],
    ['degraded at two', { costs: [over], governance: partial }, 'degraded', 2],
    ['critical at four', { slos: [missed], reliability: scored(49) }, 'critical', 4],
    ['moved once by many SLOs', { slos: [missed, missed, missed] }, 'degraded', 2],
    ['moved once by many budgets', { costs: [over, over] }, 'healthy', 1],
    [
      'critical when all is wrong',
      { slos: [missed], reliability: scored(0), governance: partial, costs: [over] },
      'critical',
      6,
    ],
    ['unmoved by a score of 70', { reliability: scored(70) }, 'healthy', 0],
    ['moved once by a score of 50', { reliability: scored(50) }, 'healthy', 1],
    ['unmoved where there is no score', { reliability: scored(null) }, 'healthy', 0],
    ['unmoved where nobody asks for governance', { governance: null }, 'healthy', 0],
  ] as const)('is %s', (_, changes, status, points) => {
    expect(standingOf({ ...fine, ...changes })).toMatchObject({ status, points })
  })

  it('gives a reason in words for each point', () => {
    const reliability: ReliabilityScore = {
      ...scored(62),
      parts: [
        { dimension: 'uptime', points: 28, pointsMax: 40 },
        { dimension: 'repair', points: 10, pointsMax: 25 },
        { dimension: 'incidents', points: 12, pointsMax: 20 },
        { dimension: 'changes', points: 12, pointsMax: 15 },
      ],
    }
    const four = [missed, missed, missed, missed]
    const standing = standingOf({ slos: four, reliability, governance: partial, costs: [over] })
    expect(standing.reasons).toEqual([
      'SLO not met: availability 99.49% of 99.5%, availability 99.49% of 99.5%, availability 99.49% of 99.5% and 1 more',
      'reliability 62: uptime 28/40, MTTR 10/25, incidents 12/20, changes 12/15',
      'governance partial: checkout missing owner',
      "over budget: 125.0% of the month's EUR",
    ])
  })
})
