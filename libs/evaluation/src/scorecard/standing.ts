import type { GovernanceStatus } from './governance.ts'

/** All dimensions of a service but its live health, which has a vocabulary of its own. */
export type StandingStatus = 'critical' | 'degraded' | 'healthy'

export type StandingEvidence = {
  readonly slosNotMet: number
  /** Reliability score; null: no evidence. */
  readonly reliability: number | null
  readonly governance: GovernanceStatus
  readonly isOverBudget: boolean
}

export type StandingReason = {
  readonly dimension: 'slo' | 'reliability' | 'governance' | 'cost'
  readonly points: number
}

export type Standing = {
  readonly status: StandingStatus
  readonly points: number
  /** Those that gave points. */
  readonly reasons: readonly StandingReason[]
}

/** Any SLO not met 2; reliability < 50: 2, else < 70: 1; governance 1; budget 1. Source: domain.md section 8. */
export const standingOf = (evidence: StandingEvidence): Standing => {
  const { slosNotMet, reliability, governance, isOverBudget } = evidence
  const all: readonly StandingReason[] = [
    { dimension: 'slo', points: slosNotMet > 0 ? 2 : 0 },
    { dimension: 'reliability', points: reliabilityPoints(reliability) },
    { dimension: 'governance', points: governance === 'compliant' ? 0 : 1 },
    { dimension: 'cost', points: isOverBudget ? 1 : 0 },
  ]
  const reasons = all.filter(({ points }) => points > 0)
  const points = reasons.reduce((sum, reason) => sum + reason.points, 0)
  return {
    status: points >= 4 ? 'critical' : points >= 2 ? 'degraded' : 'healthy',
    points,
    reasons,
  }
}

const reliabilityPoints = (score: number | null): number =>
  score === null || score >= 70 ? 0 : score < 50 ? 2 : 1
