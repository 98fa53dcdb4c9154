import type { AlertEvent } from '@tidemark/model'
import { eventsOf, type DerivedEvents, type ReadRecord } from './derived-events.ts'
import type { ReadRun } from './judged-run.ts'
import { streamsOf, withoutRepeats } from './streams.ts'
import { placeOf, violations, type Violation } from './violation.ts'

/**
 * I7: of each alert raise and resolve alternate; an episode is raised once and resolved at most once, numbered after the last one unless
 * its service was forgotten meanwhile, under an id that is its own from its raise to its end; and whatever else is told of an alert is told
 * while an episode goes on.
 */
export const checkEpisodes = ({ events, evidence }: ReadRun): readonly Violation[] => {
  const alerts = [
    ...eventsOf(events, 'AlertRaised'),
    ...eventsOf(events, 'AlertSeverityChanged'),
    ...eventsOf(events, 'AlertMarked'),
    ...eventsOf(events, 'AlertAcknowledged'),
    ...eventsOf(events, 'AlertEscalated'),
    ...eventsOf(events, 'AlertResolved'),
  ].sort((a, b) => a.record.partition - b.record.partition || a.record.offset - b.record.offset)
  const isExact = evidence.delivery === 'exactly-once'
  const streams = [...streamsOf(alerts).values()].map((stream) =>
    isExact ? stream : withoutRepeats(stream),
  )
  return violations('I7', [
    ...streams.flatMap((stream) => outOfOrder(stream, forgetting(events))),
    ...sharedIds(streams.flat()),
  ])
}

type WasForgotten = (alert: AlertEvent, fromUs: number) => boolean

/** Whether the service of an alert was not followed in some window since then that its partition's slices tell of. */
const forgetting = (events: DerivedEvents): WasForgotten => {
  const slices = eventsOf(events, 'FleetSlice').map(({ event }) => event)
  const assessed = new Set(
    eventsOf(events, 'ServiceAssessed').map(({ event }) => `${event.service} ${event.windowEndUs}`),
  )
  return ({ service, cause, windowEndUs: toUs }, fromUs) =>
    slices.some(
      ({ partition, windowEndUs }) =>
        partition === cause.partition &&
        fromUs <= windowEndUs &&
        windowEndUs < toUs &&
        !assessed.has(`${service} ${windowEndUs}`),
    )
}

type AlertSoFar = {
  readonly episode: number
  readonly firing: string | null
  readonly endUs: number
}

const outOfOrder = (
  stream: readonly ReadRecord[],
  wasForgotten: WasForgotten,
): readonly string[] => {
  const states = new Map<string, AlertSoFar>()
  return stream.flatMap(({ record, event }) => {
    const alert = event as AlertEvent
    const before = states.get(alert.fingerprint) ?? { episode: 0, firing: null, endUs: 0 }
    const { episode, firing, endUs } = before
    const isInOrder =
      alert.type === 'AlertRaised'
        ? firing === null &&
          (alert.episode === episode + 1 || (alert.episode === 1 && wasForgotten(alert, endUs)))
        : firing === alert.alertId && alert.episode === episode
    states.set(alert.fingerprint, {
      episode: alert.episode,
      firing: alert.type === 'AlertResolved' ? null : alert.alertId,
      endUs: alert.windowEndUs,
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
