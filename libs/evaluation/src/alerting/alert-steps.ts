import type { Assessment } from '../assessment.ts'
import type { AlertStates } from './acknowledgement.ts'
import type { AlertDraft } from './alert-events.ts'
import {
  isBlank,
  neverFired,
  newEpisode,
  stepAlert,
  type AlertState,
  type Episode,
  type Turn,
} from './episode.ts'
import { alertIdOf, fingerprintOf } from './identity.ts'
import { hidingsOf } from './marks.ts'
import { removeAlerts, removedDrafts } from './removal.ts'
import type { AlertSubject } from './rules.ts'
import { tell } from './telling.ts'
import type { TurnedAlert } from './turned-alert.ts'
import { verdictOf } from './verdict.ts'

/** The alerts of a service after a window. */
export type AlertsStep = {
  readonly alerts: AlertStates
  /** What is to be told, in its order. */
  readonly drafts: readonly AlertDraft[]
}

/**
 * Takes every alert of a service one window further. First what a new configuration leaves out is ended; then the verdicts decide what
 * fires; then, when that is known of all of them, their marks are set, and all of it is told.
 */
export const stepAlerts = (assessment: Assessment): AlertsStep => {
  const removed = removeAlerts(assessment)
  const turned = turnedAlerts(assessment, removed.alerts)
  const hidings = hidingsOf(assessment, turned)
  const told = turned.map((each, at) => tell(assessment, each, hidings[at]!))
  return {
    alerts: statesAfter(
      removed.alerts,
      turned.map(({ subject: { key } }, at) => [key, told[at]!.state]),
    ),
    drafts: [
      ...removedDrafts(assessment, removed.ended, turned),
      ...told.flatMap(({ drafts }) => drafts),
    ],
  }
}

/** Every alert about which there is something to remember or to tell, in the order of the configuration. */
const turnedAlerts = (assessment: Assessment, alerts: AlertStates): readonly TurnedAlert[] => {
  const { plan, service, window } = assessment
  const turned: TurnedAlert[] = []
  for (const subject of service.alerts) {
    const before = alerts.get(subject.key) ?? neverFired
    const firing = before.condition.phase === 'firing' ? before.condition.severity : null
    const verdict = verdictOf(subject, assessment, firing, plan.configuration)
    // Nearly all of them, in nearly all windows.
    if (before === neverFired && verdict.kind !== 'active') continue
    const { timing } = subject.prepared
    const { state, turn } = stepAlert(before, verdict, timing, window.watchedUs)
    const episode = episodeAfter(before.episode, turn, assessment, subject)
    turned.push({ subject, before, state, turn, episode, isActive: verdict.kind === 'active' })
  }
  return turned
}

const episodeAfter = (
  before: Episode | null,
  turn: Turn,
  { plan, state, window }: Assessment,
  { prepared: { rule }, slo }: AlertSubject,
): Episode | null => {
  if (turn.kind === 'severity' && before !== null) return { ...before, severity: turn.severity }
  if (turn.kind !== 'raised') return before
  const fingerprint = fingerprintOf(rule.id, state.service, slo)
  const alertId = alertIdOf(fingerprint, window.windowEndUs - plan.windowUs)
  return newEpisode(alertId, fingerprint, turn.severity, window.windowEndUs)
}

/** Without those that equal what was never there; the same map where nothing has changed. */
const statesAfter = (
  before: AlertStates,
  after: readonly (readonly [key: string, state: AlertState])[],
): AlertStates => {
  if (after.every(([key, state]) => before.get(key) === state)) return before
  const states = new Map(before)
  for (const [key, state] of after)
    if (isBlank(state)) states.delete(key)
    else states.set(key, state)
  return states
}
