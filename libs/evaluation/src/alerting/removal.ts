import type { Assessment } from '../assessment.ts'
import { servicePlanOf } from '../service-plan.ts'
import type { AlertStates } from './acknowledgement.ts'
import { fieldsOf, resolvedDraft, type AlertDraft } from './alert-events.ts'
import { neverFired, type AlertState } from './episode.ts'
import type { AlertSubject } from './rules.ts'
import { ruleRemovedText } from './summary.ts'

type Removed = {
  readonly alerts: AlertStates
  readonly drafts: readonly AlertDraft[]
}

/**
 * At the first window under a new configuration: ends the alerts that it leaves out, as their rule or objective is gone, is of another kind,
 * or is no longer about this service. Only the number of episodes is remembered of them, in case the rule comes back, and that of few.
 */
export const removeAlerts = (assessment: Assessment): Removed => {
  const { state, service, window } = assessment
  const { alerts } = state
  if (window.previous === null || alerts.size === 0) return { alerts, drafts: [] }
  const planBefore = servicePlanOf(window.previous, state.service)
  const before = subjectsByKey(planBefore.alerts)
  const now = subjectsByKey(service.alerts)
  const kept = new Map<string, AlertState>()
  const drafts: AlertDraft[] = []
  for (const [key, alert] of alerts) {
    const subject = before.get(key)
    const goesOn = subject?.prepared.rule.kind === now.get(key)?.prepared.rule.kind
    if (subject === undefined || goesOn) {
      kept.set(key, alert)
      continue
    }
    if (alert.episodes > 0) kept.set(key, { ...neverFired, episodes: alert.episodes })
    if (alert.episode === null) continue
    const summary = ruleRemovedText(state.service, subject.prepared.rule.id, subject.slo)
    const fields = fieldsOf(subject, { ...assessment, service: planBefore }, alert, {
      ...alert.episode,
      summary,
    })
    drafts.push(resolvedDraft(fields, 'rule_removed'))
  }
  return { alerts: withFewGone(kept, now), drafts }
}

/** The last events of everything that is up, for a service that is followed no longer. */
export const endAlerts = (assessment: Assessment, summary: string): readonly AlertDraft[] => {
  const { plan, window, state } = assessment
  const service = servicePlanOf(window.previous ?? plan, state.service)
  return service.alerts.flatMap((subject): readonly AlertDraft[] => {
    const alert = state.alerts.get(subject.key) ?? neverFired
    if (alert.episode === null) return []
    const episode = { ...alert.episode, summary }
    const fields = fieldsOf(subject, { ...assessment, service }, alert, episode)
    return [resolvedDraft(fields, 'service_removed')]
  })
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
