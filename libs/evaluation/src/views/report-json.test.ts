import { describe, expect, it } from '@jest/globals'
import { reportPlatform } from '../platform.ts'
import { acknowledged, asOfUs, firing, rowOf, shopReport } from '../testing/shop-report.ts'
import { reportJson } from './report-json.ts'
import { serviceJson } from './row-json.ts'

const p99 = { valueUs: 1_180_000, lowUs: 1_180_000, highUs: 1_180_000 }
const json = reportJson(shopReport)

describe('reportJson', () => {
  it('says all of the platform, in integers and ISO times', () => {
    const { services, alerts, sloBreaches, ...rest } = json
    expect(rest).toEqual({
      asOf: '2026-11-21T03:01:00Z',
      overallHealth: 'critical',
      serviceCount: 4,
      alertCount: 4,
      alertsOmitted: 2,
      servicesOmitted: 0,
      summary: { healthy: 1, degraded: 1, critical: 1, down: 0, unknown: 0, maintenance: 1 },
      slosJudged: 3,
      slosMissed: 1,
      monthlyCost: [
        { currency: 'EUR', amountMinor: 350_000 },
        { currency: 'USD', amountMinor: 99_005 },
      ],
      overBudgetCount: 1,
      averageReliability: 77,
      reliabilityCount: 2,
      governanceFailures: 1,
      ignored: [{ service: 'spill', events: 7000 }],
      inputs: [{ topic: 'requests', partition: 0, position: 17 }],
    })
    expect(sloBreaches).toEqual([{ service: 'payment-service', ...services[0]!.slos[0] }])
    expect(alerts.map(({ alertId }) => alertId)).toEqual([firing.alertId, acknowledged.alertId])
  })

  it('says all of a service', () => {
    expect(json.services[0]).toEqual({
      service: 'payment-service',
      status: 'critical',
      since: '2026-11-21T03:00:50Z',
      stale: false,
      team: 'crew',
      tier: '1',
      registered: true,
      signals: {
        errorRate: { ratio: 0.123786, failed: 51, total: 412 },
        availability: { ratio: 0.931034, passed: 27, total: 29 },
        latency: {
          ...{ count: 412, p50: p99, p95: p99, p99, p999: p99, maxUs: 1_180_000, overRange: 0 },
        },
      },
      slos: [
        {
          slo: 'availability',
          objectiveId: shopReport.services[0]!.slos[0]!.objectiveId,
          targetPpm: 995_000,
          from: '2026-10-22T03:01:00Z',
          ...{ valid: 120_000, bad: 2400, compliancePpm: 980_000, met: false },
          budgetRemainingPpm: -3_000_000,
          hour: { valid: 400, bad: 1 },
          burning: 'page',
        },
        expect.objectContaining({ slo: 'latency', met: true, budgetRemainingPpm: 950_000 }),
        expect.objectContaining({
          ...{ slo: 'jobs', met: null, compliancePpm: null, budgetRemainingPpm: null },
        }),
      ],
      costs: [
        {
          ...{ currency: 'EUR', month: '2026-11', amountMinor: 350_000, previousMinor: 280_000 },
          ...{ trend: 'spiking', budgetMinor: 300_000, overBudget: true, forecastMinor: 512_195 },
          noticePercent: 100,
        },
      ],
      reliability: {
        score: 62,
        parts: [
          { dimension: 'uptime', points: 28, pointsMax: 40 },
          { dimension: 'repair', points: 10, pointsMax: 25 },
          { dimension: 'incidents', points: 12, pointsMax: 20 },
          { dimension: 'changes', points: 12, pointsMax: 15 },
        ],
        ...{ checksPassed: 43_000, checksTotal: 43_200, incidents: 3, repairs: 3 },
        ...{ repairMeanUs: 2_400_000_000, repairMedianUs: 1_800_000_000 },
        ...{ deployments: 14, deploymentsFailed: 1 },
      },
      governance: {
        status: 'partial',
        findings: [
          {
            ...{ check: 'runbook', result: 'failed', until: null },
            message: 'payment-service missing operational runbook',
          },
          { check: 'monitoring', result: 'passed', message: null, until: null },
          { check: 'owner', result: 'passed', message: null, until: null },
          {
            ...{ check: 'documentation', result: 'skipped', message: 'being rewritten' },
            until: '2026-11-30T03:01:00Z',
          },
          { check: 'incident_response', result: 'passed', message: null, until: null },
        ],
      },
      standing: {
        ...{ status: 'critical', points: 5 },
        reasons: shopReport.services[0]!.standing.reasons,
      },
    })
  })

  it('says what marks an alert carries', () => {
    expect(json.alerts[1]).toEqual({
      alertId: acknowledged.alertId,
      fingerprint: acknowledged.fingerprint,
      rule: 'slo-burn',
      service: 'search',
      slo: 'availability',
      severity: 'warning',
      raisedAt: '2026-11-21T01:01:00Z',
      summary: 'search: availability burns at 4.0x over 1d and 5.1x over 2h',
      flapping: false,
      silencedBy: ['6f1c2d3e-4b5a-4978-8695-a4b3c2d1e0f0'],
      inhibitedBy: null,
      acknowledgement: { by: 'ada', note: 'known', at: '2026-11-21T03:00:00Z', until: null },
      escalation: 1,
    })
  })

  it('gives an empty report with zeros and absent averages', () => {
    expect(reportJson(reportPlatform(asOfUs, []))).toEqual({
      asOf: '2026-11-21T03:01:00Z',
      overallHealth: 'unknown',
      ...{ serviceCount: 0, alertCount: 0, alertsOmitted: 0, servicesOmitted: 0 },
      summary: { healthy: 0, degraded: 0, critical: 0, down: 0, unknown: 0, maintenance: 0 },
      ...{ slosJudged: 0, slosMissed: 0, monthlyCost: [], overBudgetCount: 0 },
      ...{ averageReliability: null, reliabilityCount: 0, governanceFailures: 0 },
      ...{ sloBreaches: [], services: [], alerts: [], ignored: [], inputs: [] },
    })
  })

  it('counts the summary in one order, wherever the report comes from', () => {
    expect(JSON.stringify(json.summary)).toBe(
      '{"healthy":1,"degraded":1,"critical":1,"down":0,"unknown":0,"maintenance":1}',
    )
  })

  it('shows a target of 100 % without a budget, and small shares to the millionth', () => {
    const [slo] = shopReport.services[0]!.slos
    const rowWith = (targetPpm: number, valid: number, bad: number) =>
      serviceJson(rowOf('a', { slos: [{ ...slo!, targetPpm, counts: { valid, bad } }] })).slos[0]
    expect(rowWith(1_000_000, 3, 1)).toMatchObject({
      ...{ compliancePpm: 666_666, met: false, budgetRemainingPpm: null },
    })
    expect(rowWith(999_900, 10_000, 20)).toMatchObject({ budgetRemainingPpm: -19_000_000 })
    expect(rowWith(999_000, 10_000, 5)).toMatchObject({ budgetRemainingPpm: 500_000, met: true })
  })
})
