import type { Acknowledgement, AlertResolved, Id, Severity } from '@tidemark/model'
import {
  inactive,
  stepCondition,
  type AlertTiming,
  type ConditionState,
  type Verdict,
} from './condition.ts'
import { nextFlap, noFlaps, type FlapMemory } from './flapping.ts'
import { isWorseSeverity } from './severity.ts'

/** What is remembered of a rule and a subject between two windows; nothing at all of those that never fired, see `isBlank`. */
export type AlertState = {
  readonly condition: ConditionState
  /** Of whether the condition fired, in windows that said something. It flaps only while an episode is up. */
  readonly flaps: FlapMemory
  /** Episodes so far, the one that is up included. */
  readonly episodes: number
  readonly episode: Episode | null
}

/** What was told and holds: from raise to resolve. Also held up while the condition flaps. */
export type Episode = {
  readonly alertId: Id
  readonly fingerprint: Id
  readonly severity: Severity
  /** End of the window that raised it. */
  readonly raisedAtUs: number
  /** Of its latest event. */
  readonly summary: string
  readonly silencedBy: readonly string[]
  readonly inhibitedBy: Id | null
  readonly acknowledgement: Acknowledgement | null
  /** Number of the escalation step that was taken last, from 1; 0: none. */
  readonly escalation: number
  /** Watched time for which the next step has waited for an answer. */
  readonly unansweredUs: number
}

/** What a window makes of an episode, its marks aside. */
export type Turn =
  | { readonly kind: 'none' }
  | { readonly kind: 'raised'; readonly severity: Severity }
  | { readonly kind: 'severity'; readonly severity: Severity; readonly previous: Severity }
  /** It begins or ends to flap, and is up before and after. */
  | { readonly kind: 'flapping' }
  | { readonly kind: 'resolved'; readonly reason: ResolveReason }

export type ResolveReason = AlertResolved['reason']

export const neverFired: AlertState = {
  condition: inactive,
  flaps: noFlaps,
  episodes: 0,
  episode: null,
}

/** Whether it equals `neverFired`, and need not be kept. */
export const isBlank = ({ condition, flaps, episodes }: AlertState): boolean =>
  episodes === 0 && condition.phase === 'inactive' && flaps.bits === 0

/** One judged window further, as far as the verdict alone decides it: the state but for its episode, and what becomes of that. */
export const stepAlert = (
  before: AlertState,
  verdict: Verdict,
  timing: AlertTiming,
  watchedUs: number,
): { readonly state: AlertState; readonly turn: Turn } => {
  const condition = stepCondition(before.condition, verdict, timing, watchedUs)
  const fires = condition.phase === 'firing'
  const flaps = verdict.kind === 'absent' ? before.flaps : nextFlap(before.flaps, fires)
  const isSame = condition === before.condition && flaps === before.flaps
  return {
    state: isSame ? before : { ...before, condition, flaps },
    turn: turnOf(before, fires ? condition.severity : null, flaps.flapping),
  }
}

/** `severity`: of the condition that fires; null: it does not. */
const turnOf = (
  { episode, flaps }: AlertState,
  severity: Severity | null,
  isFlapping: boolean,
): Turn => {
  const wasFlapping = flaps.flapping
  if (episode === null) return severity === null ? none : { kind: 'raised', severity }
  // Held up whatever the condition does; only what is worse than anything told cannot wait.
  if (isFlapping) {
    if (severity !== null && isWorseSeverity(severity, episode.severity))
      return { kind: 'severity', severity, previous: episode.severity }
    return wasFlapping ? none : { kind: 'flapping' }
  }
  if (severity === null)
    return { kind: 'resolved', reason: wasFlapping ? 'flapping_ended' : 'recovered' }
  if (severity !== episode.severity)
    return { kind: 'severity', severity, previous: episode.severity }
  return wasFlapping ? { kind: 'flapping' } : none
}

/** An episode that begins; its summary and marks are for the caller to fill in. */
export const newEpisode = (
  alertId: Id,
  fingerprint: Id,
  severity: Severity,
  raisedAtUs: number,
): Episode => ({
  alertId,
  fingerprint,
  severity,
  raisedAtUs,
  summary: '',
  silencedBy: [],
  inhibitedBy: null,
  acknowledgement: null,
  escalation: 0,
  unansweredUs: 0,
})

const none: Turn = { kind: 'none' }
