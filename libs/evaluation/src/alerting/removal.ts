import type { Assessment } from '../assessment.ts'
import { servicePlanOf, type ServicePlan } from '../service-plan.ts'
import { stepAcknowledgement, type AlertStates } from './acknowledgement.ts'
import { fieldsOf, resolvedDraft, type AlertDraft } from './alert-events.ts'
import { neverFired, type AlertState, type Episode, type ResolveReason } from './episode.ts'
import type { UpAlert } from './inhibition.ts'
import { hidingOf, labelsOf, upAfter } from './marks.ts'
import type { AlertSubject } from './rules.ts'
import { ruleRemovedText } from './summary.ts'
import type { TurnedAlert } from './turned-alert.ts'

type Removed = {
  readonly alerts: AlertStates
  readonly ended: readonly EndedAlert[]
}

/** One that was up and ends because its rule, its objective or its service is gone. */
export type EndedAlert = {
  readonly subject: AlertSubject
  readonly alert: AlertState
  readonly episode: Episode
  /** What the configuration before said of its service. */
  readonly service: ServicePlan
}

/**
 * At the first window under a new configuration: ends the alerts that it leaves out, as their rule or objective is gone, is of another kind,
 * or is no longer about this service. Only the number of episodes is remembered of them, in case the rule comes back, and that of few.
 */
export const removeAlerts = (assessment: Assessment): Removed => {
  const { state, service, window } = assessment
  const { alerts } = state
  if (window.previous === null || alerts.size === 0) return { alerts, ended: [] }
  const planBefore = servicePlanOf(window.previous, state.service)
  const now = subjectsByKey(service.alerts)
  const kept = new Map(alerts)
  const ended: EndedAlert[] = []
  // In the order of the configuration, as alerts are always told.
  for (const subject of planBefore.alerts) {
    const { key } = subject
    const alert = alerts.get(key)
    const goesOn = subject.prepared.rule.kind === now.get(key)?.prepared.rule.kind
    if (alert === undefined || goesOn) continue
    const { episode, episodes } = alert
    if (episodes > 0) kept.set(key, { ...neverFired, episodes })
    else kept.delete(key)
    if (episode !== null) ended.push({ subject, alert, episode, service: planBefore })
  }
  return { alerts: withFewGone(kept, now), ended }
}

/** Their last events; `turned`: the alerts that go on. */
export const removedDrafts = (
  assessment: Assessment,
  ended: readonly EndedAlert[],
  turned: readonly TurnedAlert[],
): readonly AlertDraft[] => {
  if (ended.length === 0) return []
  const up = upAfter(assessment, turned)
  return ended.map((each) => {
    const { prepared, slo } = each.subject
    const summary = ruleRemovedText(assessment.state.service, prepared.rule.id, slo)
    return lastDraft(assessment, each, up, summary, 'rule_removed')
  })
}

/** The last events of everything that is up, for a service that is followed no longer. */
export const endAlerts = (assessment: Assessment, summary: string): readonly AlertDraft[] => {
  const { plan, window, state } = assessment
  const service = servicePlanOf(window.previous ?? plan, state.service)
  return service.alerts.flatMap((subject): readonly AlertDraft[] => {
    const alert = state.alerts.get(subject.key) ?? neverFired
    const { episode } = alert
    if (episode === null) return []
    const ended = { subject, alert, episode, service }
    return [lastDraft(assessment, ended, [], summary, 'service_removed')]
  })
}

/** With its marks as they are after this window, as every event has them. */
const lastDraft = (
  assessment: Assessment,
  { subject, alert, episode, service }: EndedAlert,
  up: readonly UpAlert[],
  summary: string,
  reason: ResolveReason,
): AlertDraft => {
  const hiding = hidingOf(assessment, up, labelsOf(subject, service, episode))
  const hidden = { ...episode, ...hiding, summary }
  const answered = stepAcknowledgement(hidden, assessment.window.windowEndUs)
  const fields = fieldsOf(subject, { ...assessment, service }, alert, answered.episode)
  return resolvedDraft(fields, reason)
}

/** Alerts of rules that are gone, of which a service remembers the number of episodes: the latest. */
const goneMax = 100

const withFewGone = (alerts: AlertStates, now: ReadonlyMap<string, AlertSubject>): AlertStates => {
  const gone = [...alerts.keys()].filter((key) => !now.has(key))
  const forgotten = new Set(gone.slice(0, -goneMax))
  return forgotten.size === 0 ? alerts : new Map([...alerts].filter(([key]) => !forgotten.has(key)))
}

const subjectsByKey = (subjects: readonly AlertSubject[]): ReadonlyMap<string, AlertSubject> =>
  new Map(subjects.map((subject) => [subject.key, subject]))
