import type { ClosedRow } from './aggregates.ts'
import type { Alert } from './alerts.ts'
import type { JudgedWindow } from './judged-windows.ts'
import type { Trouble } from './reliability.ts'
import { alertsOf, endedAlerts } from './service-alerts.ts'
import { cardsOf, rowOf } from './service-cards.ts'
import { observed, type Followed, type Place } from './service.ts'
import { inputsOf } from './signals.ts'
import type { Silences } from './silences.ts'
import type { FiringAlert, ServiceRow } from './slices.ts'

export type JudgedPlace = Place & {
  readonly partition: number
  readonly configurationId: string
  readonly silences: Silences
  /** Ids of the maintenance that it is under. */
  readonly maintenance: readonly string[]
}

export type Judgement = {
  /** Events of alerts, in order. */
  readonly told: readonly object[]
  /** Null: it is followed no longer. */
  readonly after: {
    readonly followed: Followed
    readonly row: ServiceRow
    readonly assessment: object
    readonly firing: readonly FiringAlert[]
  } | null
}

/** One window of a service that is followed. */
export const judgedService = (
  before: Followed,
  sent: readonly ClosedRow[],
  place: JudgedPlace,
  window: JudgedWindow,
): Judgement => {
  const { layout, service, partition, configuration, registered } = place
  const { endUs } = window
  const seen = observed(before, sent, place, window)
  const inputs = inputsOf(seen.horizon, partition)
  const span = { windowStartUs: endUs - layout.windowUs, windowEndUs: endUs }
  const everywhere = (event: object): object => ({ ...event, service, ...span, inputs })
  const isForgotten =
    !place.isExpected && endUs - seen.followed.lastSeenUs >= configuration.forgetAfterUs
  const isDropped = registered === null && configuration.unregistered === 'ignore'
  if (isForgotten || isDropped) {
    // Who is ignored from now on is not answered any more either.
    const last = isDropped ? { ...place, news: [] } : place
    const ended = endedAlerts([...before.alerts.values()], 'service_removed', [], last, endUs)
    return { told: ended.map(everywhere), after: null }
  }
  const cards = cardsOf(seen.followed, place, endUs)
  const { row, burns } = rowOf(seen.followed, place, seen.signals, seen.objectives, cards)
  const { alerts, told, firing } = alertsOf(before, seen, cards, sent.length > 0, place, window)
  const troubles = troublesAfter(before.troubles, [...alerts.values()], endUs)
  return {
    told: told.map(everywhere),
    after: {
      followed: { ...seen.followed, alerts, troubles },
      row,
      assessment: { type: 'ServiceAssessed', ...span, ...row, inputs, burns, incomplete: false },
      firing,
    },
  }
}

/** Every episode that was ever of severity critical or page, with its end. */
const troublesAfter = (
  before: Followed['troubles'],
  alerts: readonly Alert[],
  endUs: number,
): Followed['troubles'] => {
  const up = alerts.flatMap((alert) => (alert.up === null ? [] : [alert.up]))
  const ended = [...before].map(([id, trouble]): readonly [string, Trouble] => [
    id,
    trouble.toUs !== null || up.some(({ alertId }) => alertId === id)
      ? trouble
      : { ...trouble, toUs: endUs },
  ])
  const begun = up
    .filter(({ severity, alertId }) => severity !== 'warning' && !before.has(alertId))
    .map(({ alertId, raisedAtUs }): readonly [string, Trouble] => [
      alertId,
      { fromUs: raisedAtUs, toUs: null },
    ])
  return new Map([...ended, ...begun])
}
