import { isoOf, type FleetAlert, type FleetRow, type StatusSummary } from '@tidemark/model'
import type { PlatformReport } from '../platform.ts'
import { signalsJson } from './signals-json.ts'

/** A platform report as `tidemark report --json` prints it. What is not kept yet is empty or null. */
export const reportJson = (report: PlatformReport) => ({
  asOf: isoOf(report.asOfUs),
  overallHealth: report.overallHealth,
  serviceCount: report.serviceCount,
  alertCount: report.alertCount,
  alertsOmitted: report.alertsOmitted,
  servicesOmitted: report.servicesOmitted,
  summary: summaryJson(report.summary),
  services: report.services.map(serviceJson),
  alerts: report.alerts.map(firingJson),
  ignored: report.ignored,
  sloBreaches: [],
  monthlyCost: [],
  averageReliability: null,
  governanceFailures: 0,
  overBudgetCount: 0,
  inputs: report.positions,
})

// One order of keys, wherever the report comes from: an event, the store, a computation.
const summaryJson = ({
  healthy,
  degraded,
  critical,
  down,
  unknown,
  maintenance,
}: StatusSummary) => ({
  ...{ healthy, degraded, critical, down, unknown, maintenance },
})

/** One row of a report, or of `tidemark services --json`. */
export const serviceJson = ({ sinceUs, signals, ...row }: FleetRow) => ({
  service: row.service,
  status: row.status,
  since: isoOf(sinceUs),
  stale: row.stale,
  team: row.team,
  registered: row.registered,
  signals: signalsJson(signals),
  slos: [],
  cost: null,
  reliability: null,
  governance: null,
  standing: null,
})

const firingJson = ({ raisedAtUs, ...alert }: FleetAlert) => ({
  alertId: alert.alertId,
  fingerprint: alert.fingerprint,
  rule: alert.rule,
  service: alert.service,
  severity: alert.severity,
  raisedAt: isoOf(raisedAtUs),
  summary: alert.summary,
})
