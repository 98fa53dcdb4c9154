import type { AlertHistory } from '@tidemark/evaluation'
import { severities, type AlertEvent, type Severity } from '@tidemark/model'

/** An episode as scoring sees it. */
export type Episode = {
  readonly alertId: string
  readonly rule: string
  readonly service: string
  readonly summary: string
  readonly raisedAtUs: number
  /** Null: it was up when the events ended. */
  readonly resolvedAtUs: number | null
  /** Its severities and since when each held, in order; at least one. */
  readonly steps: readonly [SeverityStep, ...SeverityStep[]]
  /** Somebody was paged: it was of severity page while neither silenced nor inhibited. */
  readonly paged: boolean
}

export type SeverityStep = { readonly severity: Severity; readonly sinceUs: number }

export const episodeOf = ({ first, latest, resolved, events }: AlertHistory): Episode => ({
  alertId: first.alertId,
  rule: first.rule,
  service: first.service,
  summary: latest.summary,
  raisedAtUs: first.raisedAtUs,
  resolvedAtUs: resolved?.resolvedAtUs ?? null,
  steps: stepsOf(first, events),
  paged: events.some(pages),
})

const stepsOf = (first: AlertEvent, events: readonly AlertEvent[]): Episode['steps'] => {
  const start = { severity: first.severity, sinceUs: first.raisedAtUs }
  const changes = events.filter(({ severity }, n) => n > 0 && severity !== events[n - 1]!.severity)
  return [
    start,
    ...changes.map(({ severity, windowEndUs }) => ({ severity, sinceUs: windowEndUs })),
  ]
}

const pages = ({ type, severity, silencedBy, inhibitedBy }: AlertEvent): boolean =>
  type !== 'AlertResolved' && severity === 'page' && silencedBy.length === 0 && inhibitedBy === null

/** When an episode was first at least so severe at or after `fromUs`; null: it never was, or not before `untilUs` was over. */
export const reachedUs = (
  { steps, resolvedAtUs }: Episode,
  least: Severity,
  fromUs: number,
  untilUs: number,
): number | null => {
  for (const [n, { severity, sinceUs }] of steps.entries()) {
    const endUs = steps[n + 1]?.sinceUs ?? resolvedAtUs ?? Infinity
    const atUs = Math.max(sinceUs, fromUs)
    if (isAtLeast(severity, least) && atUs < endUs && atUs <= untilUs) return atUs
  }
  return null
}

const isAtLeast = (severity: Severity, least: Severity): boolean =>
  severities.indexOf(severity) <= severities.indexOf(least)
