import {
  noMarks,
  type AlertEvent,
  type AlertFields,
  type InputRange,
  type Signals,
} from '@tidemark/model'
import {
  neverFired,
  stepAlert,
  type AlertState,
  type AlertStep,
  type FiringAlert,
} from './alert-life-cycle.ts'
import {
  alertIdOf,
  fingerprintOf,
  verdictOf,
  type PreparedRule,
  type Silence,
} from './alert-rules.ts'
import { forgottenText, summaryOf } from './alert-summary.ts'
import type { Classification } from './classify.ts'
import type { Plan } from './plan.ts'
import type { JudgedWindow, ServiceState } from './service-state.ts'

/** An alert event without its place in the window. */
export type AlertDraft = DraftOf<AlertEvent>
type DraftOf<E> = E extends unknown ? Omit<E, 'cause' | 'id'> : never

/** A service at the end of a window, when its status is decided. */
export type Assessment = {
  readonly plan: Plan
  readonly window: JudgedWindow
  readonly state: ServiceState
  readonly previousStatus: Classification
  readonly signals: Signals
  /** A window that the signals rest on is incomplete. */
  readonly incomplete: boolean
  readonly inputs: readonly InputRange[]
  /** Null where silence is not judged. */
  readonly silence: Silence | null
}

/** Takes every rule one window further: what becomes of the alerts, and the events that tell it. */
export const stepAlerts = (
  assessment: Assessment,
): { readonly alerts: ServiceState['alerts']; readonly drafts: readonly AlertDraft[] } => {
  const { plan, window, state, signals, silence } = assessment
  const alerts = new Map<string, AlertState>()
  const drafts: AlertDraft[] = []
  for (const prepared of plan.rules) {
    const { rule, timing } = prepared
    const before = state.alerts.get(rule.id) ?? neverFired
    const firing = before.phase === 'firing' ? before.severity : null
    const subject = { tracker: state.tracker, signals, silence, firing }
    const verdict = verdictOf(rule, subject, plan.configuration)
    const step = stepAlert(before, verdict, timing, window)
    const { after, draft } = told(assessment, prepared, step)
    if (after !== neverFired) alerts.set(rule.id, after)
    if (draft !== null) drafts.push(draft)
  }
  return { alerts, drafts }
}

/** The last events of what still fires for a service that is followed no longer. */
export const endAlerts = (assessment: Assessment): readonly AlertDraft[] => {
  const { plan, state } = assessment
  const summary = forgottenText(state.service, plan.configuration.forgetAfterUs)
  return plan.rules.flatMap((prepared): readonly AlertDraft[] => {
    const alert = state.alerts.get(prepared.rule.id)
    return alert?.phase === 'firing'
      ? [resolved(assessment, prepared, { ...alert, summary }, 'service_removed')]
      : []
  })
}

/** The event that a step gives, if any, and the state with its summary. */
const told = (
  assessment: Assessment,
  prepared: PreparedRule,
  step: AlertStep,
): { readonly after: AlertState; readonly draft: AlertDraft | null } => {
  if (step.change === 'none') return { after: step.state, draft: null }
  const { state, signals, plan } = assessment
  const facts = { service: state.service, tracker: state.tracker, used: state.used, signals }
  const summary = summaryOf(prepared.rule, step.change, facts, plan.configuration)
  if (step.change === 'resolved')
    return {
      after: step.state,
      draft: resolved(assessment, prepared, { ...step.ended, summary }, 'recovered'),
    }
  const after = { ...step.state, summary }
  const fields = fieldsOf(assessment, prepared, after)
  if (step.change === 'raised') return { after, draft: { type: 'AlertRaised', ...fields } }
  const { previousSeverity } = step
  return { after, draft: { type: 'AlertSeverityChanged', ...fields, previousSeverity } }
}

const resolved = (
  assessment: Assessment,
  prepared: PreparedRule,
  alert: FiringAlert,
  reason: 'recovered' | 'service_removed',
): AlertDraft => ({
  type: 'AlertResolved',
  ...fieldsOf(assessment, prepared, alert),
  reason,
  resolvedAtUs: assessment.window.windowEndUs,
})

const fieldsOf = (
  { plan, window, state, previousStatus, signals, incomplete, inputs }: Assessment,
  { rule, ruleId, condition }: PreparedRule,
  alert: FiringAlert,
): Omit<AlertFields, 'cause' | 'id'> => {
  const { service, tracker } = state
  const fingerprint = fingerprintOf(rule.id, service)
  return {
    alertId: alertIdOf(fingerprint, alert.raisedAtUs - plan.windowUs),
    fingerprint,
    episode: alert.episodes,
    rule: rule.id,
    service,
    slo: null,
    labels: [],
    runbook: null,
    severity: alert.severity,
    windowStartUs: window.windowEndUs - plan.windowUs,
    windowEndUs: window.windowEndUs,
    raisedAtUs: alert.raisedAtUs,
    summary: alert.summary,
    ...noMarks,
    evidence: {
      ruleId,
      configurationId: plan.configurationId,
      previousStatus: rule.kind === 'health' ? previousStatus : tracker.status,
      status: tracker.status,
      signals,
      incomplete,
      condition,
      burn: null,
      budget: null,
      reasons: [],
    },
    inputs,
  }
}
