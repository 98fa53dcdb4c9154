import {
  isoOf,
  type Acknowledgement,
  type AlertEvent,
  type AlertEvidence,
  type AlertMarks,
  type InputRange,
} from '@tidemark/model'
import type { AlertHistory } from './alert-history.ts'
import { signalsJson } from './signals-json.ts'

/** An episode as `tidemark alerts --json` prints it; evidence and inputs are those of what fires or fired, marks are the newest. */
export const alertJson = ({ first, latest, newest, resolved, events }: AlertHistory) => ({
  alertId: first.alertId,
  fingerprint: first.fingerprint,
  rule: first.rule,
  service: first.service,
  slo: first.slo,
  labels: Object.fromEntries(newest.labels.map(({ name, value }) => [name, value])),
  runbook: newest.runbook,
  severity: newest.severity,
  state: resolved === null ? ('firing' as const) : ('resolved' as const),
  raisedAt: isoOf(first.raisedAtUs),
  resolvedAt: resolved && isoOf(resolved.resolvedAtUs),
  reason: resolved?.reason ?? null,
  episode: first.episode,
  summary: latest.summary,
  ...marksJson(newest),
  evidence: evidenceJson(latest),
  inputs: latest.inputs.map(inputJson),
  history: events.map((event) => ({
    event: event.type,
    at: isoOf(event.windowEndUs),
    severity: event.severity,
    summary: event.summary,
    ...marksJson(event),
  })),
})

/** What an alert carries besides its state. */
export const marksJson = (marks: AlertMarks) => ({
  flapping: marks.flapping,
  silencedBy: marks.silencedBy,
  inhibitedBy: marks.inhibitedBy,
  acknowledgement: marks.acknowledgement && acknowledgementJson(marks.acknowledgement),
  escalation: marks.escalation,
})

const acknowledgementJson = ({ by, note, atUs, untilUs }: Acknowledgement) => ({
  by,
  note,
  at: isoOf(atUs),
  until: untilUs === null ? null : isoOf(untilUs),
})

const evidenceJson = ({ windowStartUs, windowEndUs, evidence }: AlertEvent) => ({
  window: { start: isoOf(windowStartUs), end: isoOf(windowEndUs) },
  ruleId: evidence.ruleId,
  configurationId: evidence.configurationId,
  previousStatus: evidence.previousStatus,
  status: evidence.status,
  signals: signalsJson(evidence.signals),
  ...(evidence.incomplete ? { incomplete: true } : {}),
  condition: evidence.condition && conditionJson(evidence.condition),
  burn: evidence.burn,
  budget: evidence.budget,
  reasons: evidence.reasons,
})

const conditionJson = ({
  signal,
  operator,
  value,
  forUs,
}: NonNullable<AlertEvidence['condition']>) => ({
  signal,
  operator,
  value,
  unit: signal === 'error_rate' || signal === 'availability' ? ('ppm' as const) : ('us' as const),
  forUs,
})

const inputJson = (range: InputRange) => ({
  topic: range.topic,
  partition: range.partition,
  firstOffset: range.firstOffset,
  lastOffset: range.lastOffset,
  records: range.records,
  events: range.events,
  digest: range.digest,
})
