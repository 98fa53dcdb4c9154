import type { AlertEvent, AlertFields } from '@tidemark/model'
import type { Assessment } from '../assessment.ts'
import type { AlertState, Episode, ResolveReason } from './episode.ts'
import { evidenceOf } from './evidence.ts'
import { alertLabels } from './labels.ts'
import type { AlertSubject } from './rules.ts'

/** An alert event without its place in the window. */
export type AlertDraft = DraftOf<AlertEvent>
type DraftOf<E> = E extends unknown ? Omit<E, 'cause' | 'id'> : never
export type DraftFields = Omit<AlertFields, 'cause' | 'id'>

/** Everything that all events of an alert carry, with its marks as they are after this window. */
export const fieldsOf = (
  subject: AlertSubject,
  assessment: Assessment,
  { episodes, flaps }: Pick<AlertState, 'episodes' | 'flaps'>,
  episode: Episode,
): DraftFields => {
  const { plan, service, window, state, inputs } = assessment
  const { rule } = subject.prepared
  const { severity } = episode
  return {
    alertId: episode.alertId,
    fingerprint: episode.fingerprint,
    episode: episodes,
    rule: rule.id,
    service: state.service,
    slo: subject.slo,
    labels: alertLabels(rule, subject.slo, service.labels, severity),
    runbook: rule.runbook ?? service.registered?.runbook ?? null,
    severity,
    windowStartUs: window.windowEndUs - plan.windowUs,
    windowEndUs: window.windowEndUs,
    raisedAtUs: episode.raisedAtUs,
    summary: episode.summary,
    evidence: evidenceOf(subject, assessment, severity),
    inputs,
    flapping: flaps.flapping,
    silencedBy: episode.silencedBy,
    inhibitedBy: episode.inhibitedBy,
    acknowledgement: episode.acknowledgement,
    escalation: episode.escalation,
  }
}

export const resolvedDraft = (fields: DraftFields, reason: ResolveReason): AlertDraft => ({
  type: 'AlertResolved',
  ...fields,
  reason,
  resolvedAtUs: fields.windowEndUs,
})
