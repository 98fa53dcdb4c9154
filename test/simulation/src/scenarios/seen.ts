import type { DerivedEvent } from '@tidemark/model'

/** How often things happened, by name. */
export type Seen = Readonly<Record<string, number>>

/** What there was in a run that the domain has rules for. */
export const seenIn = (events: readonly DerivedEvent[]): Seen => {
  const seen: Record<string, number> = {}
  for (const event of events) for (const what of namesOf(event)) seen[what] = (seen[what] ?? 0) + 1
  return seen
}

export const addedUp = (all: readonly Seen[]): Seen => {
  const sums: Record<string, number> = {}
  for (const seen of all)
    for (const [what, count] of Object.entries(seen)) sums[what] = (sums[what] ?? 0) + count
  return sums
}

const namesOf = (event: DerivedEvent): readonly string[] => {
  if ('fingerprint' in event) {
    const { type, flapping, silencedBy, inhibitedBy, acknowledgement, evidence } = event
    return [
      type === 'AlertResolved' ? `${type}, ${event.reason}` : type,
      ...(flapping ? ['an alert that flaps'] : []),
      ...(silencedBy.length > 0 ? ['an alert that is silenced'] : []),
      ...(inhibitedBy !== null ? ['an alert that is inhibited'] : []),
      ...(typeof acknowledgement?.untilUs === 'number' ? ['a snooze'] : []),
      ...(type === 'AlertAcknowledged' && acknowledgement === null ? ['the end of a snooze'] : []),
      ...(evidence.burn !== null ? ['an alert of a burn'] : []),
      ...(evidence.budget !== null ? ['an alert of a budget'] : []),
      ...(evidence.reasons.length > 0 ? ['an alert of a scorecard'] : []),
    ]
  }
  if (event.type !== 'ServiceAssessed') return [event.type]
  const { status, slos, costs, reliability, governance, standing } = event
  return [
    `status ${status}`,
    `standing ${standing.status}`,
    ...slos.map(({ burning }) => `objective ${burning ?? 'not'} burning`),
    ...costs.flatMap(({ trend, overBudget }) => [`cost ${trend}`, `over budget: ${overBudget}`]),
    ...(governance === null ? [] : [`governance ${governance.status}`]),
    ...reliability.parts.flatMap(({ dimension, points }) =>
      points === null ? [`${dimension} without evidence`] : [`${dimension} with evidence`],
    ),
  ]
}

/** All of these must have been seen in a batch of scenarios, or it says nothing of them. */
export const wanted: readonly string[] = [
  ...['FactApplied', 'RecordRejected', 'PlatformReported'],
  ...['AlertRaised', 'AlertSeverityChanged', 'AlertMarked', 'AlertAcknowledged', 'AlertEscalated'],
  ...['recovered', 'rule_removed', 'service_removed', 'flapping_ended'].map(
    (reason) => `AlertResolved, ${reason}`,
  ),
  ...['flaps', 'is silenced', 'is inhibited'].map((what) => `an alert that ${what}`),
  ...['a burn', 'a budget', 'a scorecard'].map((what) => `an alert of ${what}`),
  ...['a snooze', 'the end of a snooze'],
  ...['down', 'critical', 'degraded', 'healthy', 'unknown', 'maintenance'].map(
    (status) => `status ${status}`,
  ),
  ...['page', 'critical', 'warning', 'not'].map((severity) => `objective ${severity} burning`),
  ...['stable', 'new_spend', 'spiking', 'increasing', 'decreasing'].map((trend) => `cost ${trend}`),
  ...['over budget: true', 'over budget: false'],
  ...['compliant', 'partial', 'non_compliant'].map((status) => `governance ${status}`),
  ...['uptime', 'repair', 'incidents', 'changes'].flatMap((dimension) => [
    ...[`${dimension} with evidence`, `${dimension} without evidence`],
  ]),
  ...['healthy', 'degraded', 'critical'].map((status) => `standing ${status}`),
]
