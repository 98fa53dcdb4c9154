import {
  unreachable,
  type Configuration,
  type HealthThresholds,
  type Signals,
  type Thresholds,
} from '@tidemark/model'
import {
  checksLevel,
  isWorse,
  requestsLevel,
  worstOf,
  type ChecksLevel,
  type Classification,
  type RequestsLevel,
} from './classify.ts'
import { compareRatio } from './ratio.ts'

/**
 * The status of a service with its memory. A status is caused by one kind of evidence: down by health checks, critical and degraded
 * by requests. While that evidence is absent the status is held; what the other kind says counts all the same.
 */
export type HealthTracker = {
  readonly status: Classification
  /** End of the first window with this status. */
  readonly sinceUs: number
  /** The evidence that caused the status is absent; the status is held. */
  readonly stale: boolean
  /** Classifications of the latest windows in a row past the status's exit thresholds; fewer than it takes to improve. */
  readonly improving: readonly Classification[]
  readonly requests: Evidence<RequestsLevel> | null
  readonly checks: Evidence<ChecksLevel> | null
}

/** What one kind of evidence said when it was last present, and the end of that window. */
export type Evidence<Level> = { readonly level: Level; readonly seenUs: number }

export type TrackerSettings = Pick<
  Configuration,
  'health' | 'improveAfterWindows' | 'downFailuresMin' | 'staleAfterUs'
>

/** Before any window; the first one that is judged ends at `sinceUs`. */
export const newTracker = (sinceUs: number): HealthTracker => ({
  status: 'unknown',
  sinceUs,
  stale: false,
  improving: [],
  requests: null,
  checks: null,
})

/** One judged window further. Ages are in stream time, windows that nobody watched included: evidence grows old all the same. */
export const track = (
  tracker: HealthTracker,
  signals: Signals,
  windowEndUs: number,
  settings: TrackerSettings,
): HealthTracker => {
  // One failed check of six is 83 %: down takes more than that, except as the very first status, which is `classify` alone.
  const isFirst = tracker.requests === null && tracker.checks === null
  const failuresMin = isFirst ? 0 : settings.downFailuresMin
  const requests = evidenceOf(
    requestsLevel(signals, settings.health),
    tracker.requests,
    windowEndUs,
  )
  const checks = evidenceOf(
    checksLevel(signals, settings.health, failuresMin),
    tracker.checks,
    windowEndUs,
  )
  const found = worstOf([
    whatHolds(requests, windowEndUs, settings.staleAfterUs),
    whatHolds(checks, windowEndUs, settings.staleAfterUs),
  ])
  const { status, improving } = decide(tracker, found, signals, settings)
  return {
    status,
    sinceUs: status === tracker.status ? tracker.sinceUs : windowEndUs,
    stale: !isEvident(status, signals),
    improving,
    // What is held when the evidence goes is the status, not the figures of a window that was not yet enough to end it.
    requests:
      status === 'critical' || status === 'degraded'
        ? withLevel(requests, status, windowEndUs)
        : requests,
    checks: status === 'down' ? withLevel(checks, status, windowEndUs) : checks,
  }
}

/** Whether the kind of evidence that causes a status is present. */
export const isEvident = (status: Classification, signals: Signals): boolean => {
  const requestsSpeak = signals.errorRate !== null || signals.latency !== null
  const checksSpeak = signals.availability !== null
  switch (status) {
    case 'down':
      return checksSpeak
    case 'critical':
    case 'degraded':
      return requestsSpeak
    case 'healthy':
      return requestsSpeak || checksSpeak
    case 'unknown':
      return true
    default:
      return unreachable(status)
  }
}

const evidenceOf = <Level>(
  level: Level | null,
  last: Evidence<Level> | null,
  windowEndUs: number,
): Evidence<Level> | null => (level === null ? last : { level, seenUs: windowEndUs })

/**
 * What evidence still says: its level while it is present or held. Too old, a bad level means that nobody knows, which outweighs what
 * is healthy elsewhere; a healthy one means nothing.
 */
const whatHolds = (
  evidence: Evidence<Classification> | null,
  windowEndUs: number,
  staleAfterUs: number,
): Classification | null => {
  if (evidence === null) return null
  const ageUs = windowEndUs - evidence.seenUs
  if (ageUs === 0 || ageUs < staleAfterUs) return evidence.level
  return evidence.level === 'healthy' ? null : 'unknown'
}

const decide = (
  { status, improving }: HealthTracker,
  found: Classification,
  signals: Signals,
  { health, improveAfterWindows }: TrackerSettings,
): Pick<HealthTracker, 'status' | 'improving'> => {
  if (found === status) return { status, improving: [] }
  if (status === 'unknown' || isWorse(found, status)) return { status: found, improving: [] }
  // Better although nothing present says so: what was held has grown too old.
  if (!isEvident(status, signals)) return { status: found, improving: [] }
  if (!isPastExit(status, signals, health)) return { status, improving: [] }
  const windows = [...improving, found]
  return windows.length < improveAfterWindows
    ? { status, improving: windows }
    : { status: worstOf(windows), improving: [] }
}

const isPastExit = (
  status: Exclude<Classification, 'unknown'>,
  signals: Signals,
  { down, critical, degraded }: HealthThresholds,
): boolean => {
  switch (status) {
    case 'down': {
      const { availability } = signals
      if (availability === null) return false
      return compareRatio(availability.passed, availability.total, down.availabilityExitPpm) >= 0
    }
    case 'critical':
      return isBelowExit(signals, critical)
    case 'degraded':
      return isBelowExit(signals, degraded)
    case 'healthy':
      return false
    default:
      return unreachable(status)
  }
}

/** A latency is under a threshold when the upper bound of its slot is. */
const isBelowExit = ({ errorRate, latency }: Signals, thresholds: Thresholds): boolean =>
  (errorRate === null ||
    compareRatio(errorRate.failed, errorRate.total, thresholds.errorRateExitPpm) < 0) &&
  (latency === null || latency.p99.highUs < thresholds.p99ExitUs)

const withLevel = <Level>(
  evidence: Evidence<Level> | null,
  level: Level,
  windowEndUs: number,
): Evidence<Level> | null =>
  evidence?.seenUs === windowEndUs ? { level, seenUs: windowEndUs } : evidence
