import { contentId, noMarks, noScorecards, type FleetAlert, type FleetRow } from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import { partitionView, reportPlatform, type PlatformReport } from '../platform.ts'
import { signals } from '../testing/signals.ts'
import { sliceOf } from '../testing/slices.ts'
import { reportJson } from './report-json.ts'
import { reportText } from './report-text.ts'

const asOfUs = 1_795_230_060_000_000

const row: FleetRow = {
  service: 'payment-service',
  status: 'critical',
  sinceUs: asOfUs - 10_000_000,
  stale: false,
  registered: true,
  team: 'crew',
  tier: null,
  ...noScorecards,
  signals: signals({ requests: 412, failed: 51, p99Us: 1_180_000, checks: 29, passed: 27 }),
}
const stray: FleetRow = {
  ...row,
  service: 'stray',
  status: 'healthy',
  stale: true,
  registered: false,
  team: null,
  signals: signals({}),
}
const alert: FleetAlert = {
  alertId: contentId('alert'),
  fingerprint: contentId('fingerprint'),
  rule: 'health',
  service: 'payment-service',
  slo: null,
  ...noMarks,
  severity: 'critical',
  raisedAtUs: asOfUs - 10_000_000,
  summary: 'payment-service: error_rate=12.4% p99=1180ms (n=412)',
}
const report: PlatformReport = reportPlatform(asOfUs, [
  partitionView([
    {
      ...sliceOf({ windowEndUs: asOfUs, statuses: [] }),
      rows: [row, stray],
      alertCount: 3,
      alerts: [alert],
      ignored: [{ service: 'spill', events: 7 }],
      positions: [{ topic: 'requests', partition: 0, position: 17 }],
    },
  ]),
])

const unbuilt = { slos: [], cost: null, reliability: null, governance: null, standing: null }
const p99 = { valueUs: 1_180_000, lowUs: 1_180_000, highUs: 1_180_000 }

describe('reportJson', () => {
  it('gives the shape of a report, with a place for all of domain.md section 9', () => {
    expect(reportJson(report)).toEqual({
      asOf: '2026-11-21T03:01:00Z',
      overallHealth: 'critical',
      serviceCount: 2,
      alertCount: 3,
      alertsOmitted: 2,
      servicesOmitted: 0,
      summary: { healthy: 1, degraded: 0, critical: 1, down: 0, unknown: 0, maintenance: 0 },
      services: [
        {
          service: 'payment-service',
          status: 'critical',
          since: '2026-11-21T03:00:50Z',
          stale: false,
          team: 'crew',
          registered: true,
          signals: {
            errorRate: { ratio: 0.123786, failed: 51, total: 412 },
            availability: { ratio: 0.931034, passed: 27, total: 29 },
            latency: {
              count: 412,
              p50: p99,
              p95: p99,
              p99,
              p999: p99,
              maxUs: 1_180_000,
              overRange: 0,
            },
          },
          ...unbuilt,
        },
        {
          service: 'stray',
          status: 'healthy',
          since: '2026-11-21T03:00:50Z',
          stale: true,
          team: null,
          registered: false,
          signals: { errorRate: null, availability: null, latency: null },
          ...unbuilt,
        },
      ],
      alerts: [
        {
          alertId: alert.alertId,
          fingerprint: alert.fingerprint,
          rule: 'health',
          service: 'payment-service',
          severity: 'critical',
          raisedAt: '2026-11-21T03:00:50Z',
          summary: alert.summary,
        },
      ],
      ignored: [{ service: 'spill', events: 7 }],
      sloBreaches: [],
      monthlyCost: [],
      averageReliability: null,
      governanceFailures: 0,
      overBudgetCount: 0,
      inputs: [{ topic: 'requests', partition: 0, position: 17 }],
    })
  })

  it('gives an empty report with zeros and absent averages', () => {
    expect(reportJson(reportPlatform(asOfUs, []))).toMatchObject({
      overallHealth: 'unknown',
      serviceCount: 0,
      alertCount: 0,
      averageReliability: null,
      services: [],
      alerts: [],
    })
  })

  it('counts the summary in the order healthy, degraded, critical, down, unknown', () => {
    expect(JSON.stringify(reportJson(report).summary)).toBe(
      '{"healthy":1,"degraded":0,"critical":1,"down":0,"unknown":0,"maintenance":0}',
    )
  })
})

describe('reportText', () => {
  it('is a table that fits its widest cells', () => {
    expect(reportText(report)).toBe(
      [
        'Platform critical as of 2026-11-21T03:01:00Z',
        '2 services: 1 critical, 1 healthy',
        '',
        'SERVICE               STATUS           SINCE                 ERRORS  P50     P99     REQUESTS  AVAILABLE  TEAM',
        'payment-service       critical         2026-11-21T03:00:50Z  12.4%   1180ms  1180ms  412       93.1%      crew',
        'stray (unregistered)  healthy (stale)  2026-11-21T03:00:50Z  -       -       -       -         -          -',
        '',
        '3 alerts firing',
        'critical  2026-11-21T03:00:50Z  health  payment-service: error_rate=12.4% p99=1180ms (n=412)',
        '... and 2 more alerts',
        'Not judged: spill, 7 events',
        '',
      ].join('\n'),
    )
  })

  it('says that there is nothing', () => {
    const text = reportText(reportPlatform(asOfUs, []))
    expect(text).toContain('Platform unknown as of 2026-11-21T03:01:00Z\n0 services: none\n')
    expect(text).toContain('No alerts firing')
  })
})
