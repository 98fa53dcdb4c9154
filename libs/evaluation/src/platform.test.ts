import {
  compareUtf8,
  emptyDigest,
  healthStatuses,
  noMarks,
  type FleetAlert,
  type FleetRow,
  type FleetSlice,
  type HealthStatus,
  type Id,
  noTotals,
} from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { mergeIgnored } from './ignored-traffic.ts'
import { partitionView, reportPlatform, type PlatformReport } from './platform.ts'
import { sliceOf } from './testing/slices.ts'

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
