import { createHash } from 'node:crypto'
import type { Configuration, Rule } from '@tidemark/model'
import type { Status } from './health.ts'
import type { Signals } from './signals.ts'

/** A rule and a service, over all episodes. */
export type Alert = {
  readonly severity: string | null
  readonly episode: number
  readonly raisedAtUs: number
  /** Watched time of the first window in a row that was true, or clear while it fires. */
  readonly sinceUs: number | null
}

export const neverFired: Alert = { severity: null, episode: 0, raisedAtUs: 0, sinceUs: null }

export type AlertView = {
  readonly status: Status
  readonly stale: boolean
  readonly signals: Signals
  /** Null where silence is not judged. */
  readonly silence: { readonly sends: boolean; readonly silentUs: number } | null
}

export type AlertStep = {
  readonly alert: Alert
  readonly told: 'AlertRaised' | 'AlertSeverityChanged' | 'AlertResolved' | null
}

/** One window further, by the domain rules, section 3. */
export const alertAfter = (
  alert: Alert,
  rule: Rule,
  view: AlertView,
  at: { readonly endUs: number; readonly watchedUs: number },
  configuration: Configuration,
): AlertStep => {
  const verdict = verdictOf(rule, view, alert.severity, configuration)
  const { forUs, keepFiringForUs } =
    rule.kind === 'threshold' ? rule : { forUs: 0, keepFiringForUs: 0 }
  const isTrue = verdict !== null && verdict !== 'clear'
  if (alert.severity === null) {
    if (!isTrue) return { alert: { ...alert, sinceUs: null }, told: null }
    const sinceUs = alert.sinceUs ?? at.watchedUs
    if (at.watchedUs - sinceUs < forUs) return { alert: { ...alert, sinceUs }, told: null }
    const episode = alert.episode + 1
    const raised = { severity: verdict, episode, raisedAtUs: at.endUs, sinceUs: null }
    return { alert: raised, told: 'AlertRaised' }
  }
  if (verdict !== 'clear') {
    const severity = verdict ?? alert.severity
    const told = severity === alert.severity ? null : 'AlertSeverityChanged'
    return { alert: { ...alert, severity, sinceUs: null }, told }
  }
  const sinceUs = alert.sinceUs ?? at.watchedUs
  if (at.watchedUs - sinceUs < keepFiringForUs) return { alert: { ...alert, sinceUs }, told: null }
  return { alert: { ...alert, severity: null, sinceUs: null }, told: 'AlertResolved' }
}

/** Of rule and service; and of an episode, by the start of the window that raised it. */
export const fingerprintOf = (rule: string, service: string): string => idOf([rule, service])
export const alertIdOf = (fingerprint: string, windowStartUs: number): string =>
  idOf([fingerprint, windowStartUs])

const idOf = (what: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 32)

/** Severity of what is wrong, `clear`, or null where nothing can be said. */
const verdictOf = (
  rule: Rule,
  { status, stale, signals, silence }: AlertView,
  firing: string | null,
  { absentAfterUs }: Configuration,
): string | null => {
  switch (rule.kind) {
    case 'absence':
      if (silence === null) return null
      if (silence.sends) return 'clear'
      return silence.silentUs >= absentAfterUs ? rule.severity : null
    case 'health':
      if (status === 'unknown' || (status === 'healthy' && stale)) return null
      if (status === 'healthy') return 'clear'
      // A lesser status is no evidence against the one that fires while what caused that is absent.
      if (firing === 'page' && signals.availability === null) return null
      if (firing === 'critical' && status === 'degraded' && signals.errorRate === null) return null
      return { down: 'page', critical: 'critical', degraded: 'warning' }[status]
    case 'threshold': {
      const isPast = isPastThreshold(rule, signals)
      return isPast === null ? null : isPast ? rule.severity : 'clear'
    }
    default:
      return null
  }
}

/** Compared in whole numbers; a latency is past a threshold when all of its slot is. */
const isPastThreshold = (
  { signal, operator, value }: Extract<Rule, { readonly kind: 'threshold' }>,
  { errorRate, availability, latency }: Signals,
): boolean | null => {
  if (signal === 'error_rate' || signal === 'availability') {
    const ratio =
      signal === 'error_rate'
        ? errorRate && [errorRate.failed, errorRate.total]
        : availability && [availability.passed, availability.total]
    if (ratio === null) return null
    const [part, whole] = ratio.map(BigInt) as [bigint, bigint]
    const [left, right] = [part * 1_000_000n, BigInt(value) * whole]
    return operator === '>' ? left > right : left < right
  }
  if (latency === null) return null
  return operator === '>' ? latency[signal].lowUs > value : latency[signal].highUs < value
}
