import { alertHistories, type AlertHistory } from '@tidemark/evaluation'
import {
  defaultConfiguration,
  configurationId,
  contentId,
  type AlertEvent,
  type AlertFields,
  type Severity,
} from '@tidemark/model'

const second = 1_000_000

/** An episode in seconds: when it had which severity, and when it was resolved (null: it is up). */
export type EpisodeSpec = {
  readonly rule?: string
  readonly service?: string
  readonly steps: readonly [at: number, severity: Severity][]
  readonly resolvedAt: number | null
  readonly marks?: Partial<AlertFields>
}

/** Histories as the events of such episodes tell them. */
export const historiesOf = (...specs: readonly EpisodeSpec[]): readonly AlertHistory[] =>
  alertHistories(specs.flatMap(eventsOf))

const eventsOf = (spec: EpisodeSpec, n: number): readonly AlertEvent[] => {
  const [[raisedAt]] = spec.steps as [[number, Severity]]
  const fields = (at: number, severity: Severity): AlertFields => ({
    cause: { partition: 0, windowEndUs: at * second, index: n },
    id: contentId(`${n}-${at}`),
    alertId: contentId(`alert-${n}`),
    fingerprint: contentId(`fingerprint-${n}`),
    episode: 1,
    rule: spec.rule ?? 'health',
    service: spec.service ?? 'checkout',
    slo: null,
    labels: [],
    runbook: null,
    severity,
    windowStartUs: (at - 10) * second,
    windowEndUs: at * second,
    raisedAtUs: raisedAt * second,
    summary: `episode ${n}`,
    evidence: {
      ruleId: contentId('rule'),
      configurationId: configurationId(defaultConfiguration),
      previousStatus: 'healthy',
      status: 'degraded',
      signals: { errorRate: null, availability: null, latency: null },
      incomplete: false,
      condition: null,
      burn: null,
      budget: null,
      reasons: [],
    },
    inputs: [],
    flapping: false,
    silencedBy: [],
    inhibitedBy: null,
    acknowledgement: null,
    escalation: 0,
    ...spec.marks,
  })
  const told = spec.steps.map(([at, severity], step): AlertEvent =>
    step === 0
      ? { type: 'AlertRaised', ...fields(at, severity) }
      : {
          type: 'AlertSeverityChanged',
          ...fields(at, severity),
          previousSeverity: spec.steps[step - 1]![1],
        },
  )
  if (spec.resolvedAt === null) return told
  const resolved = fields(spec.resolvedAt, spec.steps.at(-1)![1])
  return [
    ...told,
    { type: 'AlertResolved', ...resolved, reason: 'recovered', resolvedAtUs: resolved.windowEndUs },
  ]
}
