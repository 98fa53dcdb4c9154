import { compareRatio } from '../ratio.ts'

/** What 30 days say of a service; null: no evidence. */
export type ReliabilityEvidence = {
  /** Health checks. */
  readonly uptime: { readonly passed: number; readonly total: number } | null
  /** From raise to resolve, over the incidents that ended. */
  readonly repair: { readonly totalUs: number; readonly incidents: number } | null
  readonly incidents: number | null
  /** Deployments, and those of them with at least one incident in their hour. */
  readonly changes: { readonly failed: number; readonly deployments: number } | null
}

export type ReliabilityDimension = 'uptime' | 'mttr' | 'incidents' | 'changes'

export type ReliabilityPart = {
  readonly dimension: ReliabilityDimension
  /** Null: not applicable, and left out of both the sum and the maximum. */
  readonly points: number | null
  readonly pointsMax: number
}

export type Reliability = {
  /** 0 to 100, to the nearest integer; null where no dimension has evidence. */
  readonly score: number | null
  readonly points: number
  /** Of the dimensions that apply; under 100 the score is rescaled. */
  readonly pointsMax: number
  readonly parts: readonly ReliabilityPart[]
}

/** Sum of four tables. Source: domain.md section 6. */
export const reliabilityOf = (evidence: ReliabilityEvidence): Reliability => {
  const parts: readonly ReliabilityPart[] = [
    { dimension: 'uptime', points: uptimePoints(evidence.uptime), pointsMax: 40 },
    { dimension: 'mttr', points: repairPoints(evidence.repair), pointsMax: 25 },
    { dimension: 'incidents', points: incidentPoints(evidence.incidents), pointsMax: 20 },
    { dimension: 'changes', points: changePoints(evidence.changes), pointsMax: 15 },
  ]
  const applicable = parts.filter(({ points }) => points !== null)
  const points = applicable.reduce((sum, part) => sum + (part.points ?? 0), 0)
  const pointsMax = applicable.reduce((sum, part) => sum + part.pointsMax, 0)
  const score = pointsMax === 0 ? null : Math.floor((200 * points + pointsMax) / (2 * pointsMax))
  return { score, points, pointsMax, parts }
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

const uptimePoints = (uptime: ReliabilityEvidence['uptime']): number | null => {
  if (uptime === null || uptime.total === 0) return null
  const { passed, total } = uptime
  return uptimeSteps.find(([ppm]) => compareRatio(passed, total, ppm) >= 0)?.[1] ?? 0
}

const repairPoints = (repair: ReliabilityEvidence['repair']): number | null => {
  if (repair === null || repair.incidents === 0) return null
  const { totalUs, incidents } = repair
  return repairSteps.find(([minutes]) => totalUs <= minutes * minuteUs * incidents)?.[1] ?? 0
}

const incidentPoints = (incidents: number | null): number | null =>
  incidents === null ? null : (incidentSteps.find(([most]) => incidents <= most)?.[1] ?? 0)

const changePoints = (changes: ReliabilityEvidence['changes']): number | null => {
  if (changes === null || changes.deployments === 0) return null
  const { failed, deployments } = changes
  return changeSteps.find(([ppm]) => compareRatio(failed, deployments, ppm) <= 0)?.[1] ?? 0
}
