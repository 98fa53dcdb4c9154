import type { AlertEvidence, Severity } from '@tidemark/model'
import type { Assessment } from '../assessment.ts'
import { cardReasons } from './card-figures.ts'
import type { AlertSubject } from './rules.ts'
import { burnEvidence } from './slo-figures.ts'
import { sloOf } from './verdict.ts'

/** What an event of an alert with this severity rests on. */
export const evidenceOf = (
  { prepared: { rule, ruleId, condition }, slo: name }: AlertSubject,
  assessment: Assessment,
  severity: Severity,
): AlertEvidence => {
  const { plan, previousStatus, status, signals, incomplete } = assessment
  const slo = sloOf(assessment, name)
  return {
    ruleId,
    configurationId: plan.configurationId,
    previousStatus: rule.kind === 'health' ? previousStatus : status,
    status,
    signals,
    incomplete,
    condition,
    burn: rule.kind === 'burn-rate' ? slo && burnEvidence(rule, slo, severity) : null,
    budget:
      rule.kind === 'budget' && slo !== null
        ? {
            targetPpm: slo.state.targetPpm,
            counts: slo.state.counts,
            remainingBelowPpm: rule.remainingBelowPpm,
          }
        : null,
    reasons: rule.kind === 'scorecard' ? cardReasons(rule.when, assessment) : [],
  }
}
