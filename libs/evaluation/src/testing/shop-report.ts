import {
  contentId,
  noMarks,
  noScorecards,
  noTotals,
  type AlertEvent,
  type AlertFields,
  type FleetAlert,
  type FleetRow,
  type PlatformTotals,
  type SloState,
} from '@tidemark/model'
import type { PlatformReport } from '../platform.ts'
import { signals } from './signals.ts'

// A shop of four services in which something of everything is wrong, for tests of what people see.

export const asOfUs = 1_795_230_060_000_000
const secondUs = 1_000_000
const dayUs = 86_400 * secondUs
export const monthStartUs = 1_793_491_200_000_000

const noScore = noScorecards.reliability

/** A healthy registered service that nothing else is known of. */
export const rowOf = (service: string, changes: Partial<FleetRow> = {}): FleetRow => ({
  ...{ service, status: 'healthy', sinceUs: asOfUs - 3 * dayUs, stale: false, registered: true },
  ...{ team: null, tier: null, signals: signals({}), ...noScorecards },
  ...changes,
})

export const sloOf = (slo: string, changes: Partial<SloState> = {}): SloState => ({
  slo,
  objectiveId: contentId(slo),
  targetPpm: 995_000,
  fromUs: asOfUs - 30 * dayUs,
  counts: { valid: 120_000, bad: 300 },
  hour: { valid: 400, bad: 1 },
  burning: null,
  ...changes,
})

export const payment = rowOf('payment-service', {
  status: 'critical',
  sinceUs: asOfUs - 10 * secondUs,
  team: 'crew',
  tier: '1',
  signals: signals({ requests: 412, failed: 51, p99Us: 1_180_000, checks: 29, passed: 27 }),
  slos: [
    sloOf('availability', { counts: { valid: 120_000, bad: 2400 }, burning: 'page' }),
    sloOf('latency', { targetPpm: 950_000 }),
    sloOf('jobs', { counts: { valid: 0, bad: 0 }, hour: { valid: 0, bad: 0 } }),
  ],
  costs: [
    {
      ...{ currency: 'EUR', monthStartUs, amountMinor: 350_000, previousMinor: 280_000 },
      ...{ trend: 'spiking', budgetMinor: 300_000, overBudget: true, forecastMinor: 512_195 },
      noticePercent: 100,
    },
  ],
  reliability: {
    ...noScore,
    score: 62,
    parts: [
      { dimension: 'uptime', points: 28, pointsMax: 40 },
      { dimension: 'repair', points: 10, pointsMax: 25 },
      { dimension: 'incidents', points: 12, pointsMax: 20 },
      { dimension: 'changes', points: 12, pointsMax: 15 },
    ],
    ...{ checksPassed: 43_000, checksTotal: 43_200, incidents: 3, repairs: 3 },
    ...{ repairMeanUs: 2400 * secondUs, repairMedianUs: 1800 * secondUs },
    ...{ deployments: 14, deploymentsFailed: 1 },
  },
  governance: {
    status: 'partial',
    findings: [
      {
        ...{ check: 'runbook', result: 'failed', untilUs: null },
        message: 'payment-service missing operational runbook',
      },
      { check: 'monitoring', result: 'passed', message: null, untilUs: null },
      { check: 'owner', result: 'passed', message: null, untilUs: null },
      {
        ...{ check: 'documentation', result: 'skipped', message: 'being rewritten' },
        untilUs: asOfUs + 9 * dayUs,
      },
      { check: 'incident_response', result: 'passed', message: null, untilUs: null },
    ],
  },
  standing: {
    ...{ status: 'critical', points: 5 },
    reasons: [
      'SLO not met: availability 98% of 99.5%',
      'reliability 62: uptime 28/40, MTTR 10/25, incidents 12/20, changes 12/15',
      'governance partial: payment-service missing operational runbook',
      'over budget: 3500.00 of 3000.00 EUR',
    ],
  },
})

const search = rowOf('search', {
  status: 'degraded',
  sinceUs: asOfUs - 7260 * secondUs,
  team: 'finders',
  signals: signals({ requests: 9200, failed: 12, p99Us: 620_000 }),
  slos: [sloOf('availability', { burning: 'warning', counts: { valid: 99_000, bad: 400 } })],
  costs: [
    {
      ...{ currency: 'USD', monthStartUs, amountMinor: 99_005, previousMinor: null },
      ...{ trend: 'stable', budgetMinor: 120_000, overBudget: false, forecastMinor: 144_000 },
      noticePercent: 75,
    },
  ],
  reliability: {
    ...noScore,
    ...{ score: 91, checksPassed: 10, checksTotal: 10 },
    parts: [
      { dimension: 'uptime', points: 40, pointsMax: 40 },
      { dimension: 'repair', points: 20, pointsMax: 25 },
      { dimension: 'incidents', points: 16, pointsMax: 20 },
      { dimension: 'changes', points: null, pointsMax: 15 },
    ],
  },
})

const stray = rowOf('stray', { stale: true, registered: false, sinceUs: asOfUs - 100 * secondUs })
const paused = rowOf('paused', { status: 'maintenance', sinceUs: asOfUs - 600 * secondUs })

export const firing: FleetAlert = {
  alertId: contentId('alert'),
  fingerprint: contentId('fingerprint'),
  rule: 'health',
  service: 'payment-service',
  slo: null,
  severity: 'critical',
  raisedAtUs: asOfUs - 10 * secondUs,
  summary: 'payment-service: error_rate=12.4% p99=1180ms (n=412)',
  ...noMarks,
}
export const acknowledged: FleetAlert = {
  ...firing,
  ...{ alertId: contentId('second'), rule: 'slo-burn', service: 'search', severity: 'warning' },
  slo: 'availability',
  raisedAtUs: asOfUs - 7200 * secondUs,
  summary: 'search: availability burns at 4.0x over 1d and 5.1x over 2h',
  silencedBy: ['6f1c2d3e-4b5a-4978-8695-a4b3c2d1e0f0'],
  acknowledgement: { by: 'ada', note: 'known', atUs: asOfUs - 60 * secondUs, untilUs: null },
  escalation: 1,
}

const totals: PlatformTotals = {
  ...{ slosMissed: 1, slosJudged: 3, overBudget: 1, governanceFailures: 1 },
  costs: [
    { currency: 'EUR', amountMinor: 350_000 },
    { currency: 'USD', amountMinor: 99_005 },
  ],
  ...{ reliabilitySum: 153, reliabilityCount: 2 },
}

export const shopReport: PlatformReport = {
  asOfUs,
  overallHealth: 'critical',
  serviceCount: 4,
  summary: { down: 0, critical: 1, degraded: 1, healthy: 1, unknown: 0, maintenance: 1 },
  alertCount: 4,
  alerts: [firing, acknowledged],
  alertsOmitted: 2,
  services: [payment, search, stray, paused],
  servicesOmitted: 0,
  totals,
  ignored: [{ service: 'spill', events: 7000 }],
  positions: [{ topic: 'requests', partition: 0, position: 17 }],
}

export const emptyReport: PlatformReport = {
  asOfUs,
  overallHealth: 'unknown',
  ...{ serviceCount: 0, alertCount: 0, alertsOmitted: 0, servicesOmitted: 0 },
  summary: { down: 0, critical: 0, degraded: 0, healthy: 0, unknown: 0, maintenance: 0 },
  ...{ alerts: [], services: [], ignored: [], positions: [] },
  totals: noTotals,
}

const windowUs = 10 * secondUs

/** What every event of an alert of `payment-service` has, `n` windows after it was raised. */
export const alertFieldsAt = (n: number, changes: Partial<AlertFields> = {}): AlertFields => ({
  cause: { partition: 0, windowEndUs: asOfUs + n * windowUs, index: 0 },
  id: contentId(`event ${n} ${JSON.stringify(changes)}`),
  alertId: contentId('alert'),
  fingerprint: contentId('fingerprint'),
  episode: 1,
  ...{ rule: 'health', service: 'payment-service', slo: null, severity: 'critical' },
  labels: [
    { name: 'alertname', value: 'health' },
    { name: 'rule', value: 'health' },
    { name: 'service', value: 'payment-service' },
    { name: 'severity', value: changes.severity ?? 'critical' },
    { name: 'team', value: 'crew' },
  ],
  runbook: 'https://runbooks.example/payment',
  windowStartUs: asOfUs + (n - 1) * windowUs,
  windowEndUs: asOfUs + n * windowUs,
  raisedAtUs: asOfUs,
  summary: 'payment-service: error_rate=12.4% p99=1180ms (n=412)',
  ...noMarks,
  evidence: {
    ruleId: contentId('rule'),
    configurationId: contentId('configuration'),
    ...{ previousStatus: 'healthy', status: 'critical', incomplete: false },
    signals: signals({ requests: 412, failed: 51, p99Us: 1_180_000, checks: 29, passed: 27 }),
    ...{ condition: null, burn: null, budget: null, reasons: [] },
  },
  inputs: [
    {
      ...{ topic: 'requests', partition: 2, firstOffset: 1000, lastOffset: 1411 },
      ...{ records: 412, events: 412, digest: '0000000100000002' as never },
    },
  ],
  ...changes,
})

/** An alert's whole life: raised, silenced, answered, worse, escalated, resolved. */
export const aLife: readonly AlertEvent[] = [
  { type: 'AlertRaised', ...alertFieldsAt(0) },
  { type: 'AlertMarked', ...alertFieldsAt(2, { silencedBy: ['6f1c2d3e'] }) },
  { type: 'AlertMarked', ...alertFieldsAt(30, { flapping: true }) },
  { type: 'AlertEscalated', ...alertFieldsAt(91, { escalation: 1 }) },
  {
    type: 'AlertAcknowledged',
    ...alertFieldsAt(95, {
      escalation: 1,
      acknowledgement: {
        ...{ by: 'ada', note: 'rolling back', atUs: asOfUs + 95 * windowUs, untilUs: null },
      },
    }),
  },
  {
    type: 'AlertSeverityChanged',
    ...alertFieldsAt(100, {
      ...{ severity: 'page', summary: 'payment-service: service DOWN, availability=50.0% (n=10)' },
      escalation: 1,
      acknowledgement: {
        ...{ by: 'ada', note: 'rolling back', atUs: asOfUs + 95 * windowUs, untilUs: null },
      },
    }),
    previousSeverity: 'critical',
  },
  {
    type: 'AlertResolved',
    ...alertFieldsAt(120, {
      ...{ severity: 'page', summary: 'payment-service: recovered', escalation: 1 },
    }),
    reason: 'recovered',
    resolvedAtUs: asOfUs + 120 * windowUs,
  },
]
