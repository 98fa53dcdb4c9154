import {
  contentId,
  emptyDigest,
  emptyLedger,
  noMarks,
  noScorecards,
  noTotals,
  type AlertAcknowledged,
  type AlertEscalated,
  type AlertMarked,
  type AlertRaised,
  type AlertResolved,
  type AlertSeverityChanged,
  type Fact,
  type FactApplied,
  type FleetRow,
  type FleetSlice,
  type HealthWindowClosed,
  type PartitionAdvanced,
  type PlatformReported,
  type RequestCounts,
  type RequestWindowClosed,
  type ServiceAssessed,
  type Signals,
} from '@tidemark/model'

// Events of every kind that the store takes, each with something in every field. Times are given in windows of 10 s.

export const windowUs = 10_000_000
export const startUs = 1_795_230_000_000_000
export const endOf = (window: number): number => startUs + (window + 1) * windowUs

const times = (window: number) => ({
  windowStartUs: startUs + window * windowUs,
  windowEndUs: endOf(window),
})

const counts = (total: number): RequestCounts => ({
  total,
  failed: 1,
  statuses: [
    { status: 200, events: total - 1 },
    { status: 503, events: 1 },
  ],
  overRange: 2,
  latencyUsMax: 2 ** 52 + total,
  histogram: Uint8Array.from({ length: 40 }, (_, i) => (i * total) % 256),
})

const input = (topic: 'requests' | 'health-checks', partition: number) => ({
  ...{ topic, partition, firstOffset: 3, lastOffset: 2 ** 50, records: 17, events: 90 },
  digest: emptyDigest,
})

export const requestWindow = (
  service: string,
  window: number,
  more: Partial<RequestWindowClosed> = {},
): RequestWindowClosed => ({
  type: 'RequestWindowClosed',
  cause: { topic: 'requests', partition: 1, offset: 1000 + window, index: 4 },
  id: contentId(`${service} ${window}`),
  service,
  overflow: false,
  ...times(window),
  ...counts(12),
  operations: [
    { operation: '', overflow: false, ...counts(2) },
    { operation: '', overflow: true, ...counts(3) },
    { operation: 'GET /ä/\u{1f30a}', overflow: false, ...counts(4), latencyUsMax: null },
    { operation: 'GET /\uffff', overflow: false, ...counts(3) },
  ].sort((a, b) => Buffer.compare(Buffer.from(a.operation), Buffer.from(b.operation))),
  identityChecked: false,
  incomplete: false,
  input: input('requests', 1),
  ...more,
})

export const healthWindow = (
  service: string,
  window: number,
  more: Partial<HealthWindowClosed> = {},
): HealthWindowClosed => ({
  type: 'HealthWindowClosed',
  cause: { topic: 'health-checks', partition: 2, offset: 2000 + window, index: 0 },
  id: contentId(`check ${service} ${window}`),
  service,
  overflow: false,
  ...times(window),
  passed: 5,
  failed: 1,
  checks: [
    { check: '', overflow: false, passed: 1, failed: 0 },
    { check: 'http', overflow: false, passed: 4, failed: 1 },
  ],
  identityChecked: true,
  incomplete: true,
  input: input('health-checks', 2),
  ...more,
})

export const advanced = (
  position: number,
  more: Partial<PartitionAdvanced> = {},
): PartitionAdvanced => ({
  type: 'PartitionAdvanced',
  cause: { topic: 'requests', partition: 1, offset: position, index: 0 },
  id: contentId(`advance ${position}`),
  topic: 'requests',
  partition: 1,
  clockMs: 1_795_230_000_000 + position,
  position,
  ledger: { ...emptyLedger, events: position, aggregated: position },
  unwatched: { fromMs: 1, toMs: 2 },
  late: [{ service: 'checkout', events: 3 }],
  ...more,
})

const signals: Signals = {
  errorRate: { failed: 1, total: 20 },
  availability: null,
  latency: {
    ...{ count: 20, overRange: 0, maxUs: 501 },
    ...{
      p50: { valueUs: 100, lowUs: 99, highUs: 100 },
      p95: { valueUs: 400, lowUs: 390, highUs: 400 },
      p99: { valueUs: 501, lowUs: 490, highUs: 501 },
      p999: { valueUs: 501, lowUs: 490, highUs: 501 },
    },
  },
}

const fleetRow = (service: string): FleetRow => ({
  ...{ service, status: 'degraded', sinceUs: startUs, stale: true, registered: false },
  ...{ team: 'Team "ü" \\ \u2028', tier: '1', signals, ...noScorecards },
})

export const assessed = (
  service: string,
  window: number,
  more: Partial<ServiceAssessed> = {},
): ServiceAssessed => ({
  type: 'ServiceAssessed',
  cause: { partition: 1, windowEndUs: endOf(window), index: 3 },
  id: contentId(`assessed ${service} ${window}`),
  ...fleetRow(service),
  ...times(window),
  incomplete: true,
  inputs: [input('requests', 1), input('health-checks', 2)],
  burns: [],
  ...more,
})

const alertFields = (name: string, window: number, raisedWindow: number) => ({
  cause: { partition: 1, windowEndUs: endOf(window), index: 7 },
  id: contentId(`alert event ${name} ${window}`),
  alertId: contentId(`alert ${name}`),
  fingerprint: contentId(`fingerprint ${name}`),
  episode: 2,
  rule: 'health',
  service: name,
  slo: null,
  labels: [{ name: 'team', value: 'ü' }],
  runbook: null,
  ...noMarks,
  severity: 'warning' as const,
  ...times(window),
  raisedAtUs: endOf(raisedWindow),
  summary: `${name}: 5.0% of 20 requests failed`,
  evidence: {
    ruleId: contentId('rule'),
    configurationId: contentId('configuration'),
    previousStatus: 'healthy' as const,
    status: 'degraded' as const,
    signals,
    incomplete: false,
    condition: {
      signal: 'p95' as const,
      operator: '>' as const,
      value: 200_000,
      forUs: 60_000_000,
    },
    burn: null,
    budget: null,
    reasons: [],
  },
  inputs: [input('requests', 1)],
})

export const raised = (name: string, window: number): AlertRaised => ({
  type: 'AlertRaised',
  ...alertFields(name, window, window),
})

export const severityChanged = (
  name: string,
  window: number,
  raisedWindow: number,
): AlertSeverityChanged => ({
  type: 'AlertSeverityChanged',
  ...alertFields(name, window, raisedWindow),
  severity: 'critical',
  previousSeverity: 'warning',
})

export const acknowledged = (
  name: string,
  window: number,
  raisedWindow: number,
): AlertAcknowledged => ({
  type: 'AlertAcknowledged',
  ...alertFields(name, window, raisedWindow),
  acknowledgement: { by: 'ada', note: null, atUs: endOf(window), untilUs: null },
})

export const escalated = (name: string, window: number, raisedWindow: number): AlertEscalated => ({
  type: 'AlertEscalated',
  ...alertFields(name, window, raisedWindow),
  escalation: 1,
})

export const marked = (name: string, window: number, raisedWindow: number): AlertMarked => ({
  type: 'AlertMarked',
  ...alertFields(name, window, raisedWindow),
  ...{ flapping: true, silencedBy: ['quiet'], inhibitedBy: contentId('other') },
})

export const resolved = (name: string, window: number, raisedWindow: number): AlertResolved => ({
  type: 'AlertResolved',
  ...alertFields(name, window, raisedWindow),
  reason: 'recovered',
  resolvedAtUs: endOf(window),
})

export const slice = (partition: number, window: number, part = 0, parts = 1): FleetSlice => ({
  type: 'FleetSlice',
  cause: { partition, windowEndUs: endOf(window), index: part },
  id: contentId(`slice ${partition} ${window} ${part}`),
  partition,
  ...times(window),
  previousWindowEndUs: window === 0 ? null : endOf(window - 1),
  part,
  parts,
  rows: [fleetRow(`service-${part}`)],
  alertCount: 1,
  alerts: [],
  ignored: [{ service: 'noise', events: 4 }],
  positions: [{ topic: 'requests', partition, position: 12 }],
})

export const reported = (window: number): PlatformReported => ({
  type: 'PlatformReported',
  cause: { partition: 0, windowEndUs: endOf(window), index: 0 },
  id: contentId(`report ${window}`),
  asOfUs: endOf(window),
  overallHealth: 'degraded',
  serviceCount: 1,
  summary: { down: 0, critical: 0, degraded: 1, healthy: 0, unknown: 0, maintenance: 0 },
  alertCount: 0,
  alerts: [],
  alertsOmitted: 0,
  services: [fleetRow('checkout')],
  servicesOmitted: 0,
  totals: noTotals,
  ignored: [],
  positions: [{ topic: 'facts', partition: 0, position: 1 }],
})

/** A fact at an offset of a partition. */
export const applied = (fact: Fact, at = 0, partition = 0): FactApplied => ({
  type: 'FactApplied',
  cause: { topic: 'facts', partition, offset: at, index: 0 },
  id: contentId(`fact ${partition} ${at}`),
  clockMs: startUs / 1000 + at,
  fact,
})

const factFields = (id: string) => ({ id, atUs: startUs, by: 'ada "ü"', note: null })

export const silence = (id: string): Fact => ({
  type: 'SilenceCreated',
  ...factFields(id),
  ...{ matchers: '{service="checkout"}', fromUs: startUs, toUs: endOf(9), maintenance: false },
})

export const deployment = (service: string): Fact => ({
  type: 'DeploymentFinished',
  ...factFields(`deployment ${service}`),
  ...{ service, deployment: 'v42' },
})

export const answer = (name: string): Fact => ({
  type: 'AcknowledgementGiven',
  ...factFields(`answer ${name}`),
  ...{ service: name, alertId: contentId(`alert ${name}`), untilUs: null },
})

/** Slices whose rows say something of objectives, status and latency. */
export const tellingSlice = (
  window: number,
  more: Partial<FleetRow> & { readonly bad?: number } = {},
): FleetSlice => {
  const { bad = window, ...row } = more
  const [first] = slice(0, window).rows
  return {
    ...slice(0, window),
    rows: [
      {
        ...first!,
        ...{ service: 'checkout', sinceUs: startUs },
        slos: [
          {
            ...{ slo: 'availability', objectiveId: contentId('objective'), targetPpm: 995_000 },
            ...{ fromUs: startUs, counts: { valid: 1000, bad }, burning: 'page' },
            hour: { valid: 100, bad },
          },
        ],
        ...row,
      },
    ],
  }
}
