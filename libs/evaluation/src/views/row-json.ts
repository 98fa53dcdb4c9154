import {
  isoOf,
  type CostState,
  type FleetRow,
  type Governance,
  type ReliabilityScore,
  type SloState,
} from '@tidemark/model'
import { sloStanding } from '../slo/slo-standing.ts'
import { signalsJson } from './signals-json.ts'

/** One row of a report, or of `tidemark services --json`: integers and ISO times. */
export const serviceJson = ({ sinceUs, signals, ...row }: FleetRow) => ({
  service: row.service,
  status: row.status,
  since: isoOf(sinceUs),
  stale: row.stale,
  team: row.team,
  tier: row.tier,
  registered: row.registered,
  signals: signalsJson(signals),
  slos: row.slos.map(sloJson),
  costs: row.costs.map(costJson),
  reliability: reliabilityJson(row.reliability),
  governance: row.governance && governanceJson(row.governance),
  standing: row.standing,
})

/** An objective; `compliancePpm` rounded down, `budgetRemainingPpm` unclamped. Both are null where there is nothing to judge. */
export const sloJson = (state: SloState) => ({
  slo: state.slo,
  objectiveId: state.objectiveId,
  targetPpm: state.targetPpm,
  from: isoOf(state.fromUs),
  ...state.counts,
  ...sloStanding(state.counts, state.targetPpm),
  hour: state.hour,
  burning: state.burning,
})

const costJson = ({ monthStartUs, ...cost }: CostState) => ({
  currency: cost.currency,
  month: isoOf(monthStartUs).slice(0, 7),
  amountMinor: cost.amountMinor,
  previousMinor: cost.previousMinor,
  trend: cost.trend,
  budgetMinor: cost.budgetMinor,
  overBudget: cost.overBudget,
  forecastMinor: cost.forecastMinor,
  noticePercent: cost.noticePercent,
})

const reliabilityJson = (score: ReliabilityScore) => ({
  score: score.score,
  parts: score.parts.map(({ dimension, points, pointsMax }) => ({ dimension, points, pointsMax })),
  checksPassed: score.checksPassed,
  checksTotal: score.checksTotal,
  incidents: score.incidents,
  repairs: score.repairs,
  repairMeanUs: score.repairMeanUs,
  repairMedianUs: score.repairMedianUs,
  deployments: score.deployments,
  deploymentsFailed: score.deploymentsFailed,
})

const governanceJson = ({ status, findings }: Governance) => ({
  status,
  findings: findings.map(({ check, result, message, untilUs }) => ({
    check,
    result,
    message,
    until: untilUs === null ? null : isoOf(untilUs),
  })),
})
