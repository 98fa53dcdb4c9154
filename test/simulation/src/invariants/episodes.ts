import type { AlertEvent } from '@tidemark/model'
import { eventsOf, type ReadRecord } from './derived-events.ts'
import type { ReadRun } from './judged-run.ts'
import { streamsOf, withoutRepeats } from './streams.ts'
import { placeOf, violations, type Violation } from './violation.ts'

/**
 * I7: of each alert raise and resolve alternate; an episode is raised once and resolved at most once, numbered after the last one, under an
 * id that is its own from its raise to its end.
 */
export const checkEpisodes = ({ events, evidence }: ReadRun): readonly Violation[] => {
  const alerts = [
    ...eventsOf(events, 'AlertRaised'),
    ...eventsOf(events, 'AlertSeverityChanged'),
    ...eventsOf(events, 'AlertResolved'),
  ].sort((a, b) => a.record.partition - b.record.partition || a.record.offset - b.record.offset)
  const isExact = evidence.delivery === 'exactly-once'
  const streams = [...streamsOf(alerts).values()].map((stream) =>
    isExact ? stream : withoutRepeats(stream),
  )
  return violations('I7', [...streams.flatMap(outOfOrder), ...sharedIds(streams.flat())])
}

const outOfOrder = (stream: readonly ReadRecord[]): readonly string[] => {
  const states = new Map<string, { readonly episode: number; readonly firing: string | null }>()
  return stream.flatMap(({ record, event }) => {
    const alert = event as AlertEvent
    const { episode, firing } = states.get(alert.fingerprint) ?? { episode: 0, firing: null }
    const isInOrder =
      alert.type === 'AlertRaised'
        ? firing === null && alert.episode === episode + 1
        : firing === alert.alertId && alert.episode === episode
    states.set(alert.fingerprint, {
      episode: alert.episode,
      firing: alert.type === 'AlertResolved' ? null : alert.alertId,
    })
    return isInOrder
      ? []
      : [
          `${placeOf(record)}: ${alert.type} of ${alert.rule}, ${alert.service}, episode ${alert.episode}, after episode ${episode}, ${firing === null ? 'not firing' : `firing as ${firing}`}`,
        ]
  })
}

const sharedIds = (alerts: readonly ReadRecord[]): readonly string[] => {
  const first = new Map<string, ReadRecord>()
  return alerts.flatMap((each) => {
    if (each.event.type !== 'AlertRaised') return []
    const { alertId, rule, service } = each.event
    const before = first.get(alertId)
    if (before === undefined) first.set(alertId, each)
    return before === undefined
      ? []
      : [`${placeOf(each.record)}: ${rule}, ${service}: the id of ${placeOf(before.record)} again`]
  })
}
