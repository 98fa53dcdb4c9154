import type { Id } from '@tidemark/model'
import type { AlertStates } from './alerting/acknowledgement.ts'
import type { ActiveSilences } from './alerting/silences.ts'
import type { Maintenance } from './maintenance.ts'
import type { Plan } from './plan.ts'
import { newScorecard, type Scorecard } from './scorecard/scorecard.ts'
import { horizonOf, type ServiceWindow } from './signals.ts'
import type { SloCounter } from './slo/slo-counter.ts'
import { newTracker, type HealthTracker } from './tracker.ts'

/** What is remembered of a service between two windows. */
export type ServiceState = {
  readonly service: string
  /** Windows of the horizon in which it sent something, oldest first. */
  readonly horizon: readonly ServiceWindow[]
  /** What it has ever sent. */
  readonly used: { readonly requests: boolean; readonly checks: boolean }
  /** End of the last window in which it sent something, or else of the first one that was judged. */
  readonly lastSeenUs: number
  /** Windows since then that were watched, in microseconds. */
  readonly silentUs: number
  readonly tracker: HealthTracker
  readonly slos: SloCounters
  readonly card: Scorecard
  /** Null before its first window. */
  readonly maintenance: Maintenance | null
  /** Those that never fired, are not pending and have no changes to remember are missing. */
  readonly alerts: AlertStates
}

/** One counter for each objective that a configuration gives the service; null: none was asked yet. */
export type SloCounters = {
  readonly configurationId: Id | null
  readonly counters: readonly SloCounter[]
}

/** A window as it stands for every service of the partition. */
export type JudgedWindow = {
  readonly windowEndUs: number
  /** Its end with the windows before it that nobody watched left out. */
  readonly watchedUs: number
  /** Whether anybody was looking at a source. */
  readonly watched: { readonly requests: boolean; readonly checks: boolean }
  /** Silences and maintenance that hold at its end. */
  readonly silences: ActiveSilences
  /** False: they are those of the window before. */
  readonly hasNewSilences: boolean
  /** Of the configuration before, where another one is in force from this window on. */
  readonly previous: Plan | null
}

export const newService = (service: string, windowEndUs: number): ServiceState => ({
  service,
  horizon: [],
  used: { requests: false, checks: false },
  lastSeenUs: windowEndUs,
  silentUs: 0,
  tracker: newTracker(windowEndUs),
  slos: { configurationId: null, counters: [] },
  card: newScorecard,
  maintenance: null,
  alerts: new Map(),
})

/** The state with one more window, of which `sent` is what the service sent in it. */
export const withWindow = (
  { configuration, windowUs }: Plan,
  state: ServiceState,
  sent: ServiceWindow | null,
  { windowEndUs, watched }: JudgedWindow,
): ServiceState => {
  const kept = horizonOf(state.horizon, windowEndUs, configuration.horizonUs)
  const { used } = state
  if (sent !== null)
    return {
      ...state,
      horizon: [...kept, withoutDetail(sent)],
      used: {
        requests: used.requests || sent.requests !== null,
        checks: used.checks || sent.checks !== null,
      },
      lastSeenUs: windowEndUs,
      silentUs: 0,
    }
  // Silence counts where somebody was looking at all that the service has ever sent; at both sources before it sent anything.
  const isNew = !used.requests && !used.checks
  const isSilence =
    (watched.requests || !(used.requests || isNew)) && (watched.checks || !(used.checks || isNew))
  return { ...state, horizon: kept, silentUs: state.silentUs + (isSilence ? windowUs : 0) }
}

/** The signals of the horizon need no more of a window; what objectives count by would be several times as much. */
const withoutDetail = (window: ServiceWindow): ServiceWindow => ({
  ...window,
  requests: window.requests && { ...window.requests, detail: null },
})
