import type { Configuration, Fact, Layout, RegisteredService, Slo } from '@tidemark/model'
import type { ClosedRow } from './aggregates.ts'
import type { Alert } from './alerts.ts'
import { burnOf, type Burn } from './burns.ts'
import { healthAfter, newHealth, type Health, type Status } from './health.ts'
import type { JudgedWindow } from './judged-windows.ts'
import {
  countsIn,
  countsOfHour,
  countsOfPeriod,
  objectiveIdOf,
  slosOf,
  type Objective,
} from './objectives.ts'
import type { Trouble } from './reliability.ts'
import { signalsOf, type Signals } from './signals.ts'

/** A service that is followed, with all that it ever sent. */
export type Followed = {
  /** That have acted since it is followed, oldest first. */
  readonly facts: readonly Fact[]
  readonly rows: readonly ClosedRow[]
  /** End of the last window in which it sent anything, or of the one in which it was first looked at. */
  readonly lastSeenUs: number
  readonly sentUs: number | null
  readonly silentUs: number
  readonly health: Health
  readonly shown: Shown
  readonly objectives: ReadonlyMap<string, Objective>
  /** Episodes of severity critical or page, by alert id. */
  readonly troubles: ReadonlyMap<string, Trouble>
  readonly alerts: ReadonlyMap<string, Alert>
}

export type Shown = {
  readonly status: Status | 'maintenance'
  readonly sinceUs: number
  readonly stale: boolean
}

export const newlyFollowed = (endUs: number): Followed => ({
  ...{
    facts: [],
    rows: [],
    lastSeenUs: endUs,
    sentUs: null,
    silentUs: 0,
    health: newHealth(endUs),
  },
  shown: { status: 'unknown', sinceUs: endUs, stale: false },
  ...{ objectives: new Map(), troubles: new Map(), alerts: new Map() },
})

/** What is known of a service in a window. */
export type Place = {
  readonly layout: Layout
  readonly configuration: Configuration
  readonly service: string
  readonly registered: RegisteredService | null
  /** Registered, and this partition's: its silence is judged, it has objectives, and it is never forgotten. */
  readonly isExpected: boolean
  readonly isUnderMaintenance: boolean
  /** Facts about the service that act from this window on, oldest first. */
  readonly news: readonly Fact[]
}

export type Observed = {
  readonly followed: Followed
  readonly horizon: readonly ClosedRow[]
  readonly signals: Signals
  readonly objectives: readonly ObservedObjective[]
}

export type ObservedObjective = {
  readonly slo: Slo
  readonly state: SloState
  readonly burnsOf: (windows: readonly Burn['window'][]) => readonly Burn[]
}

type SloState = {
  readonly slo: string
  readonly objectiveId: string
  readonly targetPpm: number
  readonly fromUs: number
  readonly counts: Burn['long']
  readonly hour: Burn['long']
}

/** Everything but alerts: what a window adds to a service. */
export const observed = (
  before: Followed,
  sent: readonly ClosedRow[],
  place: Place,
  { endUs, watched }: JudgedWindow,
): Observed => {
  const { layout, configuration, registered, isUnderMaintenance } = place
  const rows = [...before.rows, ...sent]
  const used = [...new Set(rows.map(({ type }) => type))]
  const needed = used.length > 0 ? used : (['RequestWindowClosed', 'HealthWindowClosed'] as const)
  const isSilence = needed.every((type) => watched[type])
  const horizon = rows.filter(({ windowEndUs }) => windowEndUs > endUs - configuration.horizonUs)
  const signals = signalsOf(horizon, configuration, layout.histogram)
  const thresholds = registered?.health ?? configuration.health
  const health = isUnderMaintenance
    ? newHealth(endUs)
    : healthAfter(
        before.shown.status === 'maintenance' ? newHealth(endUs) : before.health,
        signals,
        endUs,
        { ...configuration, health: thresholds },
      )
  const shown: Shown = isUnderMaintenance
    ? {
        status: 'maintenance',
        sinceUs: before.shown.status === 'maintenance' ? before.shown.sinceUs : endUs,
        stale: false,
      }
    : { status: health.status, sinceUs: health.sinceUs, stale: health.stale }
  const objectives = countedOn(before.objectives, sent, place, endUs)
  return {
    followed: {
      ...{ ...before, rows, health, shown, facts: [...before.facts, ...place.news] },
      objectives: new Map(objectives.map(({ objective }) => [objective.id, objective])),
      lastSeenUs: sent.length > 0 ? endUs : before.lastSeenUs,
      sentUs: sent.length > 0 ? endUs : before.sentUs,
      silentUs: sent.length > 0 ? 0 : before.silentUs + (isSilence ? layout.windowUs : 0),
    },
    ...{ horizon, signals },
    objectives: objectives.map(({ slo, objective }): ObservedObjective => {
      const window = { startUs: endUs - layout.windowUs, endUs }
      const { counts, fromUs } = countsOfPeriod(objective, slo.period, window)
      const { id, targetPpm } = slo
      const hour = countsOfHour(objective, window)
      return {
        slo,
        state: { ...{ slo: id, objectiveId: objective.id, targetPpm, fromUs }, counts, hour },
        burnsOf: (windows) => windows.map((pair) => burnOf(slo, objective, pair, window)),
      }
    }),
  }
}

/** Objectives of the configuration in force, those that are gone forgotten, with what the window and corrections add. */
const countedOn = (
  before: Followed['objectives'],
  sent: readonly ClosedRow[],
  { layout, configuration, service, isExpected, news }: Place,
  endUs: number,
): readonly { readonly slo: Slo; readonly objective: Objective }[] => {
  if (!isExpected) return []
  const startUs = endUs - layout.windowUs
  return slosOf(service, configuration.slos).map((slo) => {
    const id = objectiveIdOf(service, slo)
    const known = before.get(id) ?? { id, sinceUs: startUs, windows: [], corrections: new Map() }
    const corrected = news.flatMap((fact) =>
      fact.type === 'BudgetCorrected' && fact.slo === slo.id ? [[fact.id, fact] as const] : [],
    )
    const objective = {
      ...known,
      windows: [...known.windows, { startUs, ...countsIn(sent, slo.indicator, layout.histogram) }],
      corrections: new Map([...known.corrections, ...corrected]),
    }
    return { slo, objective }
  })
}
