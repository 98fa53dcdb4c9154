import type {
  CostState,
  Governance,
  ReliabilityScore,
  SloState,
  Standing,
  StandingStatus,
} from '@tidemark/model'
import { isMet } from '../slo/budget.ts'
import { costText, governanceText, reliabilityText, slosText } from './reasons.ts'

export type StandingEvidence = {
  readonly slos: readonly Pick<SloState, 'slo' | 'targetPpm' | 'counts'>[]
  readonly reliability: ReliabilityScore
  /** Null: not asked for, and no points. */
  readonly governance: Governance | null
  readonly costs: readonly CostState[]
}

/**
 * Any SLO not met 2; reliability < 50: 2, else < 70: 1; governance not compliant 1; over budget 1; with a reason in words for each that
 * gave points. Source: domain.md section 8.
 */
export const standingOf = ({
  slos,
  reliability,
  governance,
  costs,
}: StandingEvidence): Standing => {
  const missed = slos.filter(({ counts, targetPpm }) => isMet(counts, targetPpm) === false)
  const over = costs.filter(({ overBudget }) => overBudget)
  const isGoverned = governance === null || governance.status === 'compliant'
  const ofReliability = reliabilityPoints(reliability.score)
  const points =
    (missed.length > 0 ? 2 : 0) + ofReliability + (isGoverned ? 0 : 1) + (over.length > 0 ? 1 : 0)
  if (points === 0) return fine
  return {
    status: statusOf(points),
    points,
    reasons: [
      ...(missed.length > 0 ? [slosText(missed)] : []),
      ...(ofReliability > 0 ? [reliabilityText(reliability)] : []),
      ...(isGoverned ? [] : [governanceText(governance)]),
      ...(over.length > 0 ? [costText(over)] : []),
    ],
  }
}

const fine: Standing = { status: 'healthy', points: 0, reasons: [] }

const statusOf = (points: number): StandingStatus =>
  points >= 4 ? 'critical' : points >= 2 ? 'degraded' : 'healthy'

const reliabilityPoints = (score: number | null): number =>
  score === null || score >= 70 ? 0 : score < 50 ? 2 : 1
