import { isoOf, type FleetAlert, type PlatformTotals, type StatusSummary } from '@tidemark/model'
import type { PlatformReport } from '../platform.ts'
import { marksJson } from './alert-json.ts'
import { averageReliability } from './averages.ts'
import { serviceJson, sloJson } from './row-json.ts'
import { sloBreaches } from './sections/objectives.ts'

/** A platform report as `tidemark report --json` prints it: integers and ISO times, absent is null. Source: domain.md section 9. */
export const reportJson = (report: PlatformReport) => ({
  asOf: isoOf(report.asOfUs),
  overallHealth: report.overallHealth,
  serviceCount: report.serviceCount,
  alertCount: report.alertCount,
  alertsOmitted: report.alertsOmitted,
  servicesOmitted: report.servicesOmitted,
  summary: summaryJson(report.summary),
  ...totalsJson(report.totals),
  sloBreaches: sloBreaches(report.services).map(({ service, state }) => ({
    service,
    ...sloJson(state),
  })),
  services: report.services.map(serviceJson),
  alerts: report.alerts.map(firingJson),
  ignored: report.ignored,
  inputs: report.positions,
})

// One order of keys, wherever the report comes from: an event, the store, a computation.
export const summaryJson = ({
  healthy,
  degraded,
  critical,
  down,
  unknown,
  maintenance,
}: StatusSummary) => ({
  ...{ healthy, degraded, critical, down, unknown, maintenance },
})

const totalsJson = (totals: PlatformTotals) => ({
  slosJudged: totals.slosJudged,
  slosMissed: totals.slosMissed,
  monthlyCost: totals.costs.map(({ currency, amountMinor }) => ({ currency, amountMinor })),
  overBudgetCount: totals.overBudget,
  averageReliability: averageReliability(totals),
  reliabilityCount: totals.reliabilityCount,
  governanceFailures: totals.governanceFailures,
})

export const firingJson = ({ raisedAtUs, ...alert }: FleetAlert) => ({
  alertId: alert.alertId,
  fingerprint: alert.fingerprint,
  rule: alert.rule,
  service: alert.service,
  slo: alert.slo,
  severity: alert.severity,
  raisedAt: isoOf(raisedAtUs),
  summary: alert.summary,
  ...marksJson(alert),
})
