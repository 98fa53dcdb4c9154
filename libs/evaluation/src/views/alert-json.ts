import { isoOf, type AlertEvent, type AlertEvidence, type InputRange } from '@tidemark/model'
import { signalsJson } from './signals-json.ts'

/** An episode as its events tell it. */
export type AlertHistory = {
  readonly first: AlertEvent
  /** What fires or fired: the last event that raised it or changed its severity. */
  readonly latest: AlertEvent
  readonly resolved: Extract<AlertEvent, { readonly type: 'AlertResolved' }> | null
  readonly events: readonly AlertEvent[]
}

/** Folds events into episodes, in the order in which they were raised; repeats change nothing. */
export const alertHistories = (events: Iterable<AlertEvent>): readonly AlertHistory[] => {
  const episodes = new Map<string, AlertHistory>()
  const seen = new Set<string>()
  for (const event of events) {
    if (seen.has(event.id)) continue
    seen.add(event.id)
    const known = episodes.get(event.alertId)
    episodes.set(event.alertId, known === undefined ? historyOf(event) : withEvent(known, event))
  }
  return [...episodes.values()]
}

/** An episode as `tidemark alerts --json` prints it; evidence and inputs are those of what fires or fired. */
export const alertJson = ({ first, latest, resolved, events }: AlertHistory) => ({
  alertId: first.alertId,
  fingerprint: first.fingerprint,
  rule: first.rule,
  service: first.service,
  severity: latest.severity,
  state: resolved === null ? ('firing' as const) : ('resolved' as const),
  raisedAt: isoOf(first.raisedAtUs),
  resolvedAt: resolved && isoOf(resolved.resolvedAtUs),
  reason: resolved?.reason ?? null,
  episode: first.episode,
  summary: latest.summary,
  evidence: evidenceJson(latest),
  inputs: latest.inputs.map(inputJson),
  history: events.map((event) => ({
    event: event.type,
    at: isoOf(event.windowEndUs),
    severity: event.severity,
    summary: event.summary,
  })),
})

const historyOf = (event: AlertEvent): AlertHistory => ({
  first: event,
  latest: event,
  resolved: event.type === 'AlertResolved' ? event : null,
  events: [event],
})

const withEvent = (history: AlertHistory, event: AlertEvent): AlertHistory => {
  const events = [...history.events, event]
  return event.type === 'AlertResolved'
    ? { ...history, resolved: event, events }
    : { ...history, latest: event, events }
}

const evidenceJson = ({ windowStartUs, windowEndUs, evidence }: AlertEvent) => ({
  window: { start: isoOf(windowStartUs), end: isoOf(windowEndUs) },
  ruleId: evidence.ruleId,
  configurationId: evidence.configurationId,
  previousStatus: evidence.previousStatus,
  status: evidence.status,
  signals: signalsJson(evidence.signals),
  ...(evidence.incomplete ? { incomplete: true } : {}),
  condition: evidence.condition && conditionJson(evidence.condition),
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
