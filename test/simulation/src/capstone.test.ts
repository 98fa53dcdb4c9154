import { describe, expect, it } from '@jest/globals'
import { defaultLayout, type Layout, type PlatformReported } from '@tidemark/model'
import { eventLines, liveServices, simulatedReport } from '@tidemark/simulator'
import { capstone, trafficOf } from '@tidemark/traffic'
import { processorsOf } from './processors.ts'
import { statusesOf } from './statuses.ts'

const seeds = Array.from({ length: 100 }, (_, seed) => seed)
const ndjsonOf = (seed: number): string => [...eventLines(trafficOf(capstone(), { seed }))].join('')

const layout: Layout = {
  ...defaultLayout,
  timestamps: 'producer',
  configuration: { ...defaultLayout.configuration, services: liveServices },
}

const reportOf = async (seed: number): Promise<PlatformReported> => {
  const processors = await processorsOf(layout)
  const report = await simulatedReport(trafficOf(capstone(), { seed }), { layout, processors })
  if (report === null) throw new Error(`seed ${seed}: no report`)
  return report
}

describe('the capstone, recomputed from its events', () => {
  const statuses = seeds.map((seed) => statusesOf(ndjsonOf(seed)))
  const share = (service: string, ...wanted: string[]): number =>
    statuses.filter((each) => wanted.includes(each.get(service)!)).length / seeds.length

  it('finds notification-svc mostly critical or down', () => {
    expect(share('notification-svc', 'critical', 'down')).toBeGreaterThan(0.5)
  })

  it('finds payment-service mostly degraded', () => {
    expect(share('payment-service', 'degraded')).toBeGreaterThan(0.5)
  })

  it('finds api-gateway mostly healthy', () => {
    expect(share('api-gateway', 'healthy')).toBeGreaterThan(0.5)
  })

  it('finds the fast and the slow service mostly healthy', () => {
    expect(share('session-store', 'healthy')).toBeGreaterThan(0.5)
    expect(share('document-export', 'healthy')).toBeGreaterThan(0.5)
  })
})

describe('the platform report of the capstone', () => {
  it.each([42, ...seeds.slice(0, 20)])('says what the events say (seed %i)', async (seed) => {
    const report = await reportOf(seed)
    const statuses = new Map(
      [...report.services]
        .sort((a, b) => (a.service < b.service ? -1 : 1))
        .map(({ service, status }) => [service, status]),
    )
    expect(statuses).toEqual(statusesOf(ndjsonOf(seed)))
    const worst = ['down', 'critical', 'degraded', 'healthy'].find((status) =>
      [...statuses.values()].includes(status as never),
    )
    expect(report.overallHealth).toBe(worst)
    expect(report.serviceCount).toBe(5)
    expect(report.services.every(({ registered }) => registered)).toBe(true)
  })

  it('counts every request and check of a service, once', async () => {
    const report = await reportOf(42)
    for (const { signals } of report.services) {
      expect(signals.errorRate?.total).toBe(200)
      expect(signals.availability?.total).toBe(200)
      expect(signals.latency?.count).toBe(200)
    }
  })
})
