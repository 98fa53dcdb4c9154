import type { HealthStatus, HealthThresholds, Signals, Thresholds } from '@tidemark/model'
import { compareRatio } from './ratio.ts'

/** What signals alone can say of a service: no maintenance, worst first in this order. */
export type Classification = Exclude<HealthStatus, 'maintenance'>

/** The table of domain.md section 2 and nothing else: no memory, no minimum samples, which absent signals stand for already. */
export const classify = (signals: Signals, thresholds: HealthThresholds): Classification =>
  worstOf([requestsLevel(signals, thresholds), checksLevel(signals, thresholds, 0)])

/** Worst first: an unknown service may be worse than a healthy one and is not known to be. */
const ranks: { readonly [C in Classification]: number } = {
  down: 0,
  critical: 1,
  degraded: 2,
  unknown: 3,
  healthy: 4,
}

export const isWorse = (a: Classification, b: Classification): boolean => ranks[a] < ranks[b]

/** The worst of what is known; unknown when nothing is. */
export const worstOf = (levels: readonly (Classification | null)[]): Classification =>
  levels.reduce<Classification | null>(
    (worst, level) =>
      level === null || (worst !== null && !isWorse(level, worst)) ? worst : level,
    null,
  ) ?? 'unknown'

export type RequestsLevel = 'critical' | 'degraded' | 'healthy'
export type ChecksLevel = 'down' | 'healthy'

/** What requests alone say; null when they say nothing. */
export const requestsLevel = (
  signals: Signals,
  { critical, degraded }: HealthThresholds,
): RequestsLevel | null => {
  if (signals.errorRate === null && signals.latency === null) return null
  if (isPast(signals, critical)) return 'critical'
  return isPast(signals, degraded) ? 'degraded' : 'healthy'
}

/** What health checks alone say; they count as down only with at least `failuresMin` failed ones. */
export const checksLevel = (
  { availability }: Signals,
  { down }: HealthThresholds,
  failuresMin: number,
): ChecksLevel | null => {
  if (availability === null) return null
  const { passed, total } = availability
  const isBelow = compareRatio(passed, total, down.availabilityBelowPpm) < 0
  return isBelow && total - passed >= failuresMin ? 'down' : 'healthy'
}

/** A latency is over its threshold when the lower bound of its slot is. */
const isPast = ({ errorRate, latency }: Signals, thresholds: Thresholds): boolean =>
  (errorRate !== null &&
    compareRatio(errorRate.failed, errorRate.total, thresholds.errorRateAbovePpm) > 0) ||
  (latency !== null && latency.p99.lowUs > thresholds.p99AboveUs)
