import type { Severity } from '@tidemark/model'
import type { Assessment } from '../assessment.ts'
import { durationText } from '../format.ts'
import { figuresOf } from './figures.ts'
import type { AlertSubject } from './rules.ts'
import { fillTemplate } from './template.ts'

/** One line for people: the rule's template, or else service, status and the numbers in the rule's own words. */
export const summaryOf = (
  subject: AlertSubject,
  assessment: Assessment,
  severity: Severity,
): string => {
  const { value, limit, count, words } = figuresOf(subject, assessment, severity, false)
  const { rule, template } = subject.prepared
  if (template === null) return words
  const { labels } = assessment.service
  return fillTemplate(template, {
    service: assessment.state.service,
    team: labels.get('team') ?? null,
    tier: labels.get('tier') ?? null,
    rule: rule.id,
    slo: subject.slo,
    severity,
    status: assessment.status,
    value,
    limit,
    count: count === null ? null : String(count),
    words,
  })
}

/** That it is over, with the numbers, always in the rule's own words: a template tells what is wrong. */
export const recoveredText = (
  subject: AlertSubject,
  assessment: Assessment,
  severity: Severity,
): string => figuresOf(subject, assessment, severity, true).words

/** For the alert of a rule or objective that a new configuration leaves out. */
export const ruleRemovedText = (service: string, rule: string, slo: string | null): string =>
  `${service}: rule ${rule}${slo === null ? '' : ` for ${slo}`} no longer applies`

/** For the alerts of a service that nothing has come from for so long that it is followed no longer. */
export const forgottenText = (service: string, forgetAfterUs: number): string =>
  `${service}: forgotten, nothing came for ${durationText(forgetAfterUs)}`

/** For the alerts of a service that a new configuration leaves out, where it ignores those. */
export const serviceRemovedText = (service: string): string =>
  `${service}: no longer among the services`
