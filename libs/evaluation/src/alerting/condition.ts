import { unreachable, type Severity } from '@tidemark/model'

/**
 * Where a rule stands with a subject, as its verdicts alone have it: what is told of it is damped and marked on top of that. Times ending
 * in `WatchedUs` do not count what nobody watched.
 */
export type ConditionState =
  | { readonly phase: 'inactive' }
  | { readonly phase: 'pending'; readonly sinceWatchedUs: number }
  | FiringCondition

export type FiringCondition = {
  readonly phase: 'firing'
  readonly severity: Severity
  /** End of the first of the latest windows in a row that were clear; null while the last one was not. */
  readonly clearSinceWatchedUs: number | null
}

/** What a rule says of a window. Absent says nothing: it ends what is pending and leaves what fires. */
export type Verdict =
  | { readonly kind: 'absent' }
  | { readonly kind: 'clear' }
  | { readonly kind: 'active'; readonly severity: Severity }

export type AlertTiming = { readonly forUs: number; readonly keepFiringForUs: number }

export const inactive: ConditionState = { phase: 'inactive' }

/** One judged window further, which ends at `watchedUs`. The same state where nothing changes. */
export const stepCondition = (
  state: ConditionState,
  verdict: Verdict,
  timing: AlertTiming,
  watchedUs: number,
): ConditionState => {
  switch (state.phase) {
    case 'inactive':
    case 'pending':
      return verdict.kind === 'active'
        ? stepTowardsFiring(state, verdict.severity, timing, watchedUs)
        : inactive
    case 'firing':
      return stepFiring(state, verdict, timing, watchedUs)
    default:
      return unreachable(state)
  }
}

const stepTowardsFiring = (
  state: Exclude<ConditionState, FiringCondition>,
  severity: Severity,
  { forUs }: AlertTiming,
  watchedUs: number,
): ConditionState => {
  const sinceWatchedUs = state.phase === 'pending' ? state.sinceWatchedUs : watchedUs
  if (watchedUs - sinceWatchedUs >= forUs)
    return { phase: 'firing', severity, clearSinceWatchedUs: null }
  return state.phase === 'pending' ? state : { phase: 'pending', sinceWatchedUs }
}

const stepFiring = (
  state: FiringCondition,
  verdict: Verdict,
  { keepFiringForUs }: AlertTiming,
  watchedUs: number,
): ConditionState => {
  switch (verdict.kind) {
    case 'absent':
      return firing(state, state.severity, null)
    case 'active':
      return firing(state, verdict.severity, null)
    case 'clear': {
      const clearSinceWatchedUs = state.clearSinceWatchedUs ?? watchedUs
      return watchedUs - clearSinceWatchedUs < keepFiringForUs
        ? firing(state, state.severity, clearSinceWatchedUs)
        : inactive
    }
    default:
      return unreachable(verdict)
  }
}

const firing = (
  before: FiringCondition,
  severity: Severity,
  clearSinceWatchedUs: number | null,
): FiringCondition =>
  before.severity === severity && before.clearSinceWatchedUs === clearSinceWatchedUs
    ? before
    : { phase: 'firing', severity, clearSinceWatchedUs }
