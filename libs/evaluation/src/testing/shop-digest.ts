import type { AlertEvent } from '@tidemark/model'
import type { PlatformReport } from '../platform.ts'
import { alertHistories } from '../views/alert-history.ts'
import type { Digest } from '../views/digest.ts'
import { reportDiff } from '../views/report-diff.ts'
import { hourOf, hourUs } from '../views/slo-figures.ts'
import { aLife, asOfUs, rowOf, shopReport } from './shop-report.ts'

// The shop of `shop-report.ts` as it was a day before, and what came in between.

const dayUs = 24 * hourUs
export const dayBeforeUs = asOfUs - dayUs

/** All was well, nothing had cost much, and there was one service that is gone now. */
export const dayBefore: PlatformReport = {
  ...shopReport,
  asOfUs: dayBeforeUs,
  overallHealth: 'healthy',
  services: [
    ...shopReport.services.slice(0, 2).map((row) => ({
      ...row,
      status: 'healthy' as const,
      slos: row.slos.map((state) => ({ ...state, counts: { valid: 100_000, bad: 10 } })),
      costs: row.costs.map((cost) => ({ ...cost, amountMinor: 280_000, overBudget: false })),
      reliability: { ...row.reliability, score: 91 },
      standing: { status: 'healthy' as const, points: 0, reasons: [] },
    })),
    rowOf('gone'),
  ],
}

/** An alert's life of twenty minutes, two hours before the report. */
const life = aLife.map((event): AlertEvent => {
  const moved = {
    raisedAtUs: event.raisedAtUs - 2 * hourUs,
    windowStartUs: event.windowStartUs - 2 * hourUs,
    windowEndUs: event.windowEndUs - 2 * hourUs,
  }
  return event.type === 'AlertResolved'
    ? { ...event, ...moved, resolvedAtUs: event.resolvedAtUs - 2 * hourUs }
    : { ...event, ...moved }
})

export const alertsOfTheDay = alertHistories(life)

const lastHourUs = hourOf(asOfUs)

export const shopDigest: Digest = {
  report: shopReport,
  fromUs: dayBeforeUs,
  diff: reportDiff(dayBefore, shopReport, alertsOfTheDay),
  alerts: alertsOfTheDay,
  services: shopReport.services.map(({ service, slos }, n) => ({
    service,
    statuses: [
      { sinceUs: dayBeforeUs - dayUs, status: 'healthy' },
      { sinceUs: dayBeforeUs + (6 + n) * hourUs, status: 'down' },
      { sinceUs: dayBeforeUs + (9 + n) * hourUs, status: 'healthy' },
    ],
    latencies: Array.from({ length: 25 }, (_, hour) => ({
      hourStartUs: lastHourUs - (24 - hour) * hourUs,
      p99UsMax: 100_000 + hour * 10_000 + n,
    })).filter((_, hour) => hour < 10 || hour > 14),
    objectives: slos.flatMap(({ slo, objectiveId }) =>
      Array.from({ length: 24 }, (_, hour) => ({
        ...{ service, slo, objectiveId },
        hourStartUs: lastHourUs - (23 - hour) * hourUs,
        ...{ valid: 4000, bad: hour % 6 },
      })),
    ),
  })),
}
