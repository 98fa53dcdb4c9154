import {
  compareUtf8,
  contentId,
  emptyDigest,
  healthStatuses,
  noMarks,
  noScorecards,
  type FleetAlert,
  type FleetRow,
  type FleetSlice,
  type HealthStatus,
  type Id,
  noTotals,
} from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { bytesMaxOf } from './event-bytes.ts'
import { mergeIgnored } from './ignored-traffic.ts'
import { totalsOf } from './platform-totals.ts'
import { fitToEvent, partitionView, reportPlatform, type PlatformReport } from './platform.ts'
import { largestRow, sliceOf } from './testing/slices.ts'

const report = (...slices: readonly FleetSlice[]): PlatformReport =>
  reportPlatform(
    60_000_000,
    slices.map((slice) => partitionView([slice])),
  )

const statuses = (...of: readonly HealthStatus[]): FleetSlice => sliceOf({ statuses: of })

describe('platform health', () => {
  it('calls four healthy and one degraded degraded', () => {
    const { overallHealth, summary } = report(
      statuses('healthy', 'healthy', 'healthy', 'healthy', 'degraded'),
    )
    expect(overallHealth).toBe('degraded')
    expect(summary).toEqual({
      healthy: 4,
      degraded: 1,
      critical: 0,
      down: 0,
      unknown: 0,
      maintenance: 0,
    })
  })

  it('is the worst in the order down, critical, degraded, healthy', () => {
    expect(report(statuses('critical', 'down', 'healthy')).overallHealth).toBe('down')
    expect(report(statuses('critical', 'degraded', 'unknown')).overallHealth).toBe('critical')
  })

  it('is unknown only when all are', () => {
    expect(report(statuses('unknown', 'unknown')).overallHealth).toBe('unknown')
    expect(report(statuses('unknown', 'healthy')).overallHealth).toBe('healthy')
  })

  it('ignores maintenance, which the summary counts', () => {
    const { overallHealth, summary, serviceCount } = report(statuses('maintenance', 'healthy'))
    expect(overallHealth).toBe('healthy')
    expect(summary.maintenance).toBe(1)
    expect(serviceCount).toBe(2)
  })
})

describe('platform report', () => {
  it('is empty, with zeros, for no services', () => {
    expect(report()).toEqual({
      asOfUs: 60_000_000,
      overallHealth: 'unknown',
      serviceCount: 0,
      summary: { healthy: 0, degraded: 0, critical: 0, down: 0, unknown: 0, maintenance: 0 },
      alertCount: 0,
      alerts: [],
      alertsOmitted: 0,
      services: [],
      servicesOmitted: 0,
      totals: noTotals,
      ignored: [],
      positions: [],
    })
  })

  it('puts the worst first, then orders by name', () => {
    const slice = sliceOf({ statuses: ['healthy', 'down', 'unknown', 'healthy', 'critical'] })
    const names = report(slice).services.map(({ service, status }) => `${status} ${service}`)
    expect(names).toEqual([
      'down 0-s1',
      'critical 0-s4',
      'healthy 0-s0',
      'healthy 0-s3',
      'unknown 0-s2',
    ])
  })

  it('shows the 1,000 worst and says how many it left out', () => {
    const slices = [0, 1, 2].map((partition) =>
      sliceOf({
        partition,
        statuses: Array<HealthStatus>(600).fill(partition === 1 ? 'down' : 'healthy'),
      }),
    )
    const { services, servicesOmitted, serviceCount } = report(...slices)
    expect([services.length, servicesOmitted, serviceCount]).toEqual([1000, 800, 1800])
    expect(services.slice(0, 600).every(({ status }) => status === 'down')).toBe(true)
  })

  it('shows the 20 most severe newest alerts of the true number', () => {
    const alert = (n: number, severity: FleetAlert['severity']): FleetAlert => ({
      alertId: emptyDigest as string as Id,
      fingerprint: emptyDigest as string as Id,
      rule: 'health',
      service: `s${n}`,
      slo: null,
      ...noMarks,
      severity,
      raisedAtUs: n,
      summary: '',
    })
    const slices = [0, 1].map((partition) => ({
      ...sliceOf({ partition, statuses: [] }),
      alertCount: 18,
      alerts: Array.from({ length: 18 }, (_, n) =>
        alert(n * 2 + partition, partition === 0 ? 'warning' : 'page'),
      ),
    }))
    const { alertCount, alertsOmitted, alerts } = report(...slices)
    expect([alertCount, alertsOmitted, alerts.length]).toEqual([36, 16, 20])
    expect(alerts.slice(0, 2).map(({ service }) => service)).toEqual(['s35', 's33'])
    expect(alerts.slice(18).map(({ service }) => service)).toEqual(['s34', 's32'])
  })

  it('is the same from many partitions as from one', () => {
    const rows = fc.array(fc.tuple(fc.constantFrom(...healthStatuses), fc.nat(3)), {
      maxLength: 60,
    })
    fc.assert(
      fc.property(rows, (all) => {
        const named = all.map(([status, partition], n): [FleetRow, number] => [
          { ...(statuses(status).rows[0] as FleetRow), service: `s${n}` },
          partition,
        ])
        const sliceWith = (partition: number, of: readonly FleetRow[]): FleetSlice => ({
          ...sliceOf({ partition, statuses: [] }),
          rows: of.toSorted((a, b) => compareUtf8(a.service, b.service)),
          positions: [],
        })
        const whole = report(
          sliceWith(
            0,
            named.map(([row]) => row),
          ),
        )
        const cut = [0, 1, 2, 3].map((p) =>
          sliceWith(
            p,
            named.filter(([, partition]) => partition === p).map(([row]) => row),
          ),
        )
        expect(report(...cut)).toEqual(whole)
      }),
    )
  })
})

const withCards = (changes: Partial<FleetRow>): FleetRow => ({
  ...(statuses('healthy').rows[0] as FleetRow),
  ...changes,
})
const slo = (bad: number, valid = 1000): FleetRow['slos'][number] => ({
  ...{ slo: 'a', objectiveId: contentId(''), targetPpm: 995_000, fromUs: 0, burning: null },
  ...{ counts: { valid, bad }, hour: { valid: 0, bad: 0 } },
})
const cost = (currency: string, amountMinor: number, overBudget = false) => ({
  ...{ currency, amountMinor, overBudget, monthStartUs: 0, previousMinor: null, trend: 'stable' },
  ...{ budgetMinor: null, forecastMinor: null, noticePercent: null },
})
const scored = (score: number | null) => ({ ...noScorecards.reliability, score })

describe('platform totals', () => {
  it('count objectives, add costs by currency, and average what scores there are', () => {
    const rows = [
      withCards({
        slos: [slo(5), slo(6), slo(0, 0)],
        costs: [cost('EUR', 350_000, true), cost('USD', 5, true)] as FleetRow['costs'],
        reliability: scored(80),
        governance: { status: 'partial', findings: [] },
      }),
      withCards({
        costs: [cost('EUR', -50)] as FleetRow['costs'],
        reliability: scored(61),
        governance: { status: 'compliant', findings: [] },
      }),
      withCards({ reliability: scored(null) }),
    ]
    expect(totalsOf(rows)).toEqual({
      slosMissed: 1,
      slosJudged: 2,
      costs: [
        { currency: 'EUR', amountMinor: 349_950 },
        { currency: 'USD', amountMinor: 5 },
      ],
      overBudget: 1,
      reliabilitySum: 141,
      reliabilityCount: 2,
      governanceFailures: 1,
    })
  })

  it('are over all services, those left out included, from however many partitions', () => {
    const row = withCards({ slos: [slo(9)], reliability: scored(50) })
    const slices = [0, 1, 2].map((partition) => ({
      ...sliceOf({ partition, statuses: [] }),
      rows: Array.from({ length: 700 }, (_, n) => ({ ...row, service: `${partition}-${n}` })),
    }))
    const { totals, services } = report(...slices)
    expect(services).toHaveLength(1000)
    expect(totals).toMatchObject({ slosMissed: 2100, reliabilitySum: 105_000 })
  })
})

describe('a report event', () => {
  it('holds as many of the worst services and severest alerts as fit, and says what it left out', () => {
    const rows = Array.from({ length: 60 }, (_, n) => ({ ...largestRow, service: `s${n + 100}` }))
    const note = 'x'.repeat(60_000)
    const alert: FleetAlert = {
      ...{
        alertId: contentId(''),
        fingerprint: contentId(''),
        rule: 'health',
        service: 's',
        slo: null,
      },
      ...{ ...noMarks, severity: 'page', raisedAtUs: 0, summary: '' },
      acknowledgement: { by: null, note, atUs: 0, untilUs: null },
    }
    const alerts = Array<FleetAlert>(20).fill(alert)
    const full = report({ ...sliceOf({ statuses: [] }), rows, alerts, alertCount: 25 })
    const fitted = fitToEvent(full)
    expect(fitted.alerts).toHaveLength(4)
    expect(fitted.alertsOmitted).toBe(21)
    expect(fitted.services.length).toBeGreaterThan(5)
    expect(fitted.services).toEqual(full.services.slice(0, fitted.services.length))
    expect(fitted.servicesOmitted).toBe(60 - fitted.services.length)
    expect(bytesMaxOf(fitted)).toBeLessThan(850_000)
    const small = report(statuses('healthy', 'down'))
    expect(fitToEvent(small)).toEqual(small)
  })
})

describe('ignored traffic', () => {
  it('adds up by service, sorted by name', () => {
    const rows = [
      { service: 'b', events: 1 },
      { service: 'a', events: 2 },
      { service: 'b', events: 3 },
    ]
    expect(mergeIgnored(rows)).toEqual([
      { service: 'a', events: 2 },
      { service: 'b', events: 4 },
    ])
  })

  it('names 500 at most and loses no event', () => {
    const rows = Array.from({ length: 700 }, (_, n) => ({ service: `s${n}`, events: n }))
    const merged = mergeIgnored(rows)
    expect(merged).toHaveLength(500)
    expect(merged.reduce((sum, { events }) => sum + events, 0)).toBe((699 * 700) / 2)
    expect(merged.find(({ service }) => service === 'overflow')?.events).toBe((200 * 201) / 2)
  })
})
