import type { ReliabilityPart, ReliabilityScore } from '@tidemark/model'
import { compareRatio } from '../ratio.ts'

/** What 30 days say of a service. */
export type ReliabilityEvidence = {
  /** Health checks; none: no evidence. */
  readonly checks: { readonly passed: number; readonly total: number }
  /** From raise to resolve of each incident that ended; none: no evidence. */
  readonly repairsUs: readonly number[]
  readonly incidents: number
  /** Whether anybody would have noticed incidents: without it, none are no evidence. */
  readonly isWatched: boolean
  /** Deployments, and those of them with at least one incident in their hour; none: no evidence. */
  readonly deployments: number
  readonly deploymentsFailed: number
}

/** Sum of four tables, rescaled where some do not apply. Source: domain.md section 6. */
export const reliabilityOf = (evidence: ReliabilityEvidence): ReliabilityScore => {
  const { checks, incidents, deployments, deploymentsFailed } = evidence
  const repairsUs = evidence.repairsUs.toSorted((a, b) => a - b)
  const repairUs = repairsUs.reduce((sum, us) => sum + us, 0)
  const parts: readonly ReliabilityPart[] = [
    { dimension: 'uptime', points: uptimePoints(checks), pointsMax: 40 },
    { dimension: 'repair', points: repairPoints(repairUs, repairsUs.length), pointsMax: 25 },
    { dimension: 'incidents', points: incidentPoints(evidence), pointsMax: 20 },
    { dimension: 'changes', points: changePoints(evidence), pointsMax: 15 },
  ]
  return {
    score: scoreOf(parts),
    parts,
    checksPassed: checks.passed,
    checksTotal: checks.total,
    incidents,
    repairs: repairsUs.length,
    repairMeanUs: repairsUs.length === 0 ? null : Math.round(repairUs / repairsUs.length),
    repairMedianUs: medianOf(repairsUs),
    deployments,
    deploymentsFailed,
  }
}

/** Points of what applies, as a share of what they could be, to the nearest integer of 0 to 100; null where nothing applies. */
const scoreOf = (parts: readonly ReliabilityPart[]): number | null => {
  let points = 0
  let pointsMax = 0
  for (const part of parts)
    if (part.points !== null) {
      points += part.points
      pointsMax += part.pointsMax
    }
  return pointsMax === 0 ? null : Math.floor((200 * points + pointsMax) / (2 * pointsMax))
}

/** Of sorted numbers; between the two in the middle, rounded down, where there are two. */
const medianOf = (sorted: readonly number[]): number | null => {
  if (sorted.length === 0) return null
  const low = sorted[(sorted.length - 1) >> 1]!
  const high = sorted[sorted.length >> 1]!
  return low + Math.floor((high - low) / 2)
}

const minuteUs = 60_000_000

/** Points for the first step that holds. */
const uptimeSteps = [
  [999_900, 40],
  [999_000, 35],
  [995_000, 28],
  [990_000, 20],
  [950_000, 10],
] as const
const repairSteps = [
  [5, 25],
  [15, 20],
  [30, 15],
  [60, 10],
  [240, 5],
] as const
const incidentSteps = [
  [0, 20],
  [1, 16],
  [3, 12],
  [5, 8],
  [10, 4],
] as const
const changeSteps = [
  [50_000, 15],
  [100_000, 12],
  [150_000, 8],
  [300_000, 4],
] as const

const uptimePoints = ({ passed, total }: ReliabilityEvidence['checks']): number | null =>
  total === 0
    ? null
    : (uptimeSteps.find(([ppm]) => compareRatio(passed, total, ppm) >= 0)?.[1] ?? 0)

/** The mean is compared without being divided. */
const repairPoints = (totalUs: number, repairs: number): number | null =>
  repairs === 0
    ? null
    : (repairSteps.find(([minutes]) => totalUs <= minutes * minuteUs * repairs)?.[1] ?? 0)

const incidentPoints = ({ incidents, isWatched }: ReliabilityEvidence): number | null =>
  incidents === 0 && !isWatched
    ? null
    : (incidentSteps.find(([most]) => incidents <= most)?.[1] ?? 0)

const changePoints = ({ deployments, deploymentsFailed }: ReliabilityEvidence): number | null =>
  deployments === 0
    ? null
    : (changeSteps.find(([ppm]) => compareRatio(deploymentsFailed, deployments, ppm) <= 0)?.[1] ??
      0)
