import type { AlertEvent, AlertResolved } from '@tidemark/model'

/** An episode as its events tell it. */
export type AlertHistory = {
  readonly first: AlertEvent
  /** What fires or fired: the last event that raised it or changed its severity. Its evidence is the alert's. */
  readonly latest: AlertEvent
  /** The last event of any kind: the marks as they are. */
  readonly newest: AlertEvent
  readonly resolved: AlertResolved | null
  /** In the order in which they were told. */
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

const historyOf = (event: AlertEvent): AlertHistory => ({
  first: event,
  latest: event,
  newest: event,
  resolved: event.type === 'AlertResolved' ? event : null,
  events: [event],
})

const withEvent = (history: AlertHistory, event: AlertEvent): AlertHistory => {
  const told = { ...history, newest: event, events: [...history.events, event] }
  switch (event.type) {
    case 'AlertResolved':
      return { ...told, resolved: event }
    case 'AlertRaised':
    case 'AlertSeverityChanged':
      return { ...told, latest: event }
    default:
      return told
  }
}

/** What matchers see of an alert. */
export const labelsOf = ({ labels }: AlertEvent): ReadonlyMap<string, string> =>
  new Map(labels.map(({ name, value }) => [name, value]))

/** Who could have answered did not: it is up, nobody has acknowledged it, and nothing hides it. */
export const isUnanswered = ({ newest, resolved }: AlertHistory): boolean =>
  resolved === null &&
  newest.acknowledgement === null &&
  newest.silencedBy.length === 0 &&
  newest.inhibitedBy === null

/** Whether the alert was up at some moment of `(fromUs, toUs]`. */
export const wasUpWithin = (
  { first, resolved }: AlertHistory,
  fromUs: number,
  toUs: number,
): boolean => first.raisedAtUs <= toUs && (resolved === null || resolved.resolvedAtUs > fromUs)
