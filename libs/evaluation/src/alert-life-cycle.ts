import { unreachable, type Severity } from '@tidemark/model'

/** Where a rule stands with a subject. Times ending in `WatchedUs` do not count what nobody watched. */
export type AlertState =
  | { readonly phase: 'inactive'; readonly episodes: number }
  | { readonly phase: 'pending'; readonly episodes: number; readonly sinceWatchedUs: number }
  | FiringAlert

/** An episode that goes on. Its number counts the episodes of this rule and subject from 1. */
export type FiringAlert = {
  readonly phase: 'firing'
  readonly episodes: number
  readonly severity: Severity
  /** End of the window that raised it. */
  readonly raisedAtUs: number
  /** Of its latest event. */
  readonly summary: string
  /** End of the first of the latest windows in a row that were clear; null while the last one was not. */
  readonly clearSinceWatchedUs: number | null
}

/** What a rule says of a window. Absent says nothing: it ends what is pending and leaves what fires. */
export type Verdict =
  | { readonly kind: 'absent' }
  | { readonly kind: 'clear' }
  | { readonly kind: 'active'; readonly severity: Severity }

export type AlertTiming = { readonly forUs: number; readonly keepFiringForUs: number }

/** End of a judged window: in stream time, and with the windows before it that nobody watched left out. */
export type Moment = { readonly windowEndUs: number; readonly watchedUs: number }

export type AlertStep =
  | { readonly change: 'none'; readonly state: AlertState }
  | { readonly change: 'raised'; readonly state: FiringAlert }
  | {
      readonly change: 'severity'
      readonly state: FiringAlert
      readonly previousSeverity: Severity
    }
  | { readonly change: 'resolved'; readonly state: AlertState; readonly ended: FiringAlert }

export const neverFired: AlertState = { phase: 'inactive', episodes: 0 }

/** One judged window further. The summary of a changed episode is for the caller to fill in. */
export const stepAlert = (
  state: AlertState,
  verdict: Verdict,
  timing: AlertTiming,
  moment: Moment,
): AlertStep => {
  switch (state.phase) {
    case 'inactive':
    case 'pending':
      return verdict.kind === 'active'
        ? stepTowardsFiring(state, verdict.severity, timing, moment)
        : { change: 'none', state: inactiveAfter(state.episodes) }
    case 'firing':
      return stepFiring(state, verdict, timing, moment)
    default:
      return unreachable(state)
  }
}

const inactiveAfter = (episodes: number): AlertState =>
  episodes === 0 ? neverFired : { phase: 'inactive', episodes }

const stepTowardsFiring = (
  state: Exclude<AlertState, FiringAlert>,
  severity: Severity,
  { forUs }: AlertTiming,
  { windowEndUs, watchedUs }: Moment,
): AlertStep => {
  const { episodes } = state
  const sinceWatchedUs = state.phase === 'pending' ? state.sinceWatchedUs : watchedUs
  if (watchedUs - sinceWatchedUs < forUs)
    return { change: 'none', state: { phase: 'pending', episodes, sinceWatchedUs } }
  return {
    change: 'raised',
    state: {
      phase: 'firing',
      episodes: episodes + 1,
      severity,
      raisedAtUs: windowEndUs,
      summary: '',
      clearSinceWatchedUs: null,
    },
  }
}

const stepFiring = (
  state: FiringAlert,
  verdict: Verdict,
  { keepFiringForUs }: AlertTiming,
  { watchedUs }: Moment,
): AlertStep => {
  switch (verdict.kind) {
    case 'absent':
      return { change: 'none', state: { ...state, clearSinceWatchedUs: null } }
    case 'active': {
      const { severity } = verdict
      const firing = { ...state, severity, clearSinceWatchedUs: null }
      return severity === state.severity
        ? { change: 'none', state: firing }
        : { change: 'severity', state: firing, previousSeverity: state.severity }
    }
    case 'clear': {
      const clearSinceWatchedUs = state.clearSinceWatchedUs ?? watchedUs
      return watchedUs - clearSinceWatchedUs < keepFiringForUs
        ? { change: 'none', state: { ...state, clearSinceWatchedUs } }
        : { change: 'resolved', state: inactiveAfter(state.episodes), ended: state }
    }
    default:
      return unreachable(verdict)
  }
}
