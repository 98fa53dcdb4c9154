import type { RegisteredService, Rule } from '@tidemark/model'
import { idOf } from './configurations.ts'
import type { Verdict } from './verdicts.ts'

/** A rule and a service, and an objective for rules about these, over all episodes. */
export type Alert = {
  /** What it is about, as the last window had it; null: its rule is gone. */
  readonly of: Subject | null
  readonly condition: Condition
  /** Whether the condition fired, of every window with a verdict; only the last 21 count. */
  readonly results: readonly boolean[]
  readonly flapping: boolean
  /** Of the last episode; 0: there was none. */
  readonly episode: number
  /** Null: no episode is going on. */
  readonly up: Episode | null
}

export type Subject = {
  readonly rule: Rule
  readonly slo: string | null
  readonly registered: RegisteredService | null
}

/** What a rule says without damping. */
export type Condition = {
  readonly severity: string | null
  /** Watched time of the first window in a row that was true, or clear while it fires. */
  readonly sinceUs: number | null
}

export type Episode = {
  readonly severity: string
  readonly raisedAtUs: number
  readonly alertId: string
  readonly marks: Marks
  /** Watched time for which a step of escalation has waited for an answer, since it was raised, or a snooze ended. */
  readonly unansweredUs: number
}

export type Marks = {
  readonly silencedBy: readonly string[]
  readonly inhibitedBy: string | null
  readonly acknowledgement: Acknowledgement | null
  /** Number of the step that was taken last. */
  readonly escalation: number
}

export type Acknowledgement = {
  readonly by: string | null
  readonly note: string | null
  readonly atUs: number
  readonly untilUs: number | null
}

export const neverFired: Alert = {
  of: null,
  condition: { severity: null, sinceUs: null },
  ...{ results: [], flapping: false, episode: 0, up: null },
}

const noMarks: Marks = { silencedBy: [], inhibitedBy: null, acknowledgement: null, escalation: 0 }

export type Told =
  | { readonly type: 'AlertRaised' | 'AlertMarked' }
  | { readonly type: 'AlertSeverityChanged'; readonly previousSeverity: string }
  | { readonly type: 'AlertResolved'; readonly reason: string; readonly episode: Episode }

export type AlertStep = { readonly alert: Alert; readonly told: Told | null }

/** One window further, by the domain rules, section 3; marks come later. */
export const alertAfter = (
  alert: Alert,
  verdict: Verdict,
  times: { readonly forUs: number; readonly keepFiringForUs: number },
  at: { readonly endUs: number; readonly watchedUs: number; readonly alertId: string },
): AlertStep => {
  const condition = conditionAfter(alert.condition, verdict, times, at.watchedUs)
  const results = verdict === null ? alert.results : [...alert.results, condition.severity !== null]
  const flapping = verdict === null ? alert.flapping : isFlapping(results, alert.flapping)
  const next = { ...alert, condition, results, flapping }
  const { severity } = condition
  const { up } = alert
  if (up === null) {
    if (severity === null) return { alert: next, told: null }
    const { endUs, alertId } = at
    const raised: Episode = {
      severity,
      raisedAtUs: endUs,
      alertId,
      marks: noMarks,
      unansweredUs: 0,
    }
    return {
      alert: { ...next, episode: alert.episode + 1, up: raised },
      told: { type: 'AlertRaised' },
    }
  }
  if (severity === null && !flapping) {
    const reason = alert.flapping ? 'flapping_ended' : 'recovered'
    return { alert: { ...next, up: null }, told: { type: 'AlertResolved', reason, episode: up } }
  }
  const isTold =
    severity !== null &&
    (flapping
      ? severities.indexOf(severity) < severities.indexOf(up.severity)
      : severity !== up.severity)
  if (isTold)
    return {
      alert: { ...next, up: { ...up, severity } },
      told: { type: 'AlertSeverityChanged', previousSeverity: up.severity },
    }
  return { alert: next, told: flapping === alert.flapping ? null : { type: 'AlertMarked' } }
}

export const severities: readonly string[] = ['page', 'critical', 'warning']

const conditionAfter = (
  { severity, sinceUs }: Condition,
  verdict: Verdict,
  { forUs, keepFiringForUs }: { readonly forUs: number; readonly keepFiringForUs: number },
  watchedUs: number,
): Condition => {
  if (severity === null) {
    if (verdict === null || verdict === 'clear') return { severity, sinceUs: null }
    const fromUs = sinceUs ?? watchedUs
    return watchedUs - fromUs < forUs
      ? { severity, sinceUs: fromUs }
      : { severity: verdict, sinceUs: null }
  }
  if (verdict !== 'clear') return { severity: verdict ?? severity, sinceUs: null }
  const fromUs = sinceUs ?? watchedUs
  return watchedUs - fromUs < keepFiringForUs
    ? { severity, sinceUs: fromUs }
    : { severity: null, sinceUs: null }
}

/** 20 changes of 21 results, clear before the first. 0.8 to 1.2 are 38 to 57 parts of 47.5, and all together 950. */
const isFlapping = (results: readonly boolean[], before: boolean): boolean => {
  const last = [...Array.from({ length: 21 }, () => false), ...results].slice(-21)
  const share = last.reduce((sum, result, i) => {
    const weight = 57 - (last.length - 1 - i)
    return i > 0 && result !== last[i - 1] ? sum + weight : sum
  }, 0)
  return before ? share >= 190 : share > 285
}

/** Of rule and service, and objective. */
export const fingerprintOf = (rule: string, service: string, slo: string | null): string =>
  idOf(slo === null ? [rule, service] : [rule, service, slo])
/** Of an episode, by the start of the window that raised it. */
export const alertIdOf = (fingerprint: string, windowStartUs: number): string =>
  idOf([fingerprint, windowStartUs])
