import type { DeploymentFinished, IncidentClosed, IncidentOpened } from '@tidemark/model'
import { sum } from './lists.ts'
import { dayUs, hourUs, minuteUs } from './spans.ts'

/** All that was ever seen of a service. */
export type Seen = {
  /** Of each window: health checks. */
  readonly checks: readonly {
    readonly startUs: number
    readonly passed: number
    readonly total: number
  }[]
  readonly episodes: readonly Trouble[]
  readonly facts: readonly (DeploymentFinished | IncidentOpened | IncidentClosed)[]
  /** End of the last window in which it sent anything. */
  readonly sentUs: number | null
}

/** An episode of an alert of severity critical or page, or an incident that somebody told of. */
export type Trouble = { readonly fromUs: number; readonly toUs: number | null }

export type Reliability = {
  readonly score: number | null
  readonly parts: readonly Part[]
  readonly checksPassed: number
  readonly checksTotal: number
  readonly incidents: number
  readonly repairs: number
  readonly repairMeanUs: number | null
  readonly repairMedianUs: number | null
  readonly deployments: number
  readonly deploymentsFailed: number
}

type Part = {
  readonly dimension: string
  readonly points: number | null
  readonly pointsMax: number
}

/** Domain rules, section 6, at a window's end. */
export const reliabilityOf = (
  { checks, episodes, facts, sentUs }: Seen,
  endUs: number,
): Reliability => {
  const fromUs = endUs - 30 * dayUs
  const isRecent = (atUs: number): boolean => atUs >= fromUs && atUs <= endUs
  /** Thirty whole days and the running one. */
  const daysFromUs = Math.floor((endUs - 1) / dayUs) * dayUs - 30 * dayUs
  const counted = checks.filter(({ startUs }) => startUs >= daysFromUs)
  const checksPassed = sum(counted.map(({ passed }) => passed))
  const checksTotal = sum(counted.map(({ total }) => total))
  const troubles = [...episodes, ...incidentsOf(facts)]
  const begun = troubles.filter((trouble) => isRecent(trouble.fromUs))
  const repairTimesUs = troubles
    .flatMap((one) => (one.toUs !== null && isRecent(one.toUs) ? [one.toUs - one.fromUs] : []))
    .sort((a, b) => a - b)
  const repairs = repairTimesUs.length
  const repairUs = sum(repairTimesUs)
  const deployed = [
    ...new Map(
      facts.flatMap((fact) =>
        fact.type === 'DeploymentFinished' ? [[fact.deployment, fact.atUs] as const] : [],
      ),
    ).values(),
  ].filter(isRecent)
  const failed = deployed.filter((atUs) =>
    begun.some((one) => atUs <= one.fromUs && one.fromUs <= atUs + hourUs),
  )
  const parts: readonly Part[] = [
    part('uptime', 40, checksTotal > 0, [
      [40, checksPassed * 10_000 >= 9999 * checksTotal],
      [35, checksPassed * 1000 >= 999 * checksTotal],
      [28, checksPassed * 1000 >= 995 * checksTotal],
      [20, checksPassed * 100 >= 99 * checksTotal],
      [10, checksPassed * 100 >= 95 * checksTotal],
    ]),
    part(
      'repair',
      25,
      repairs > 0,
      [
        [25, 5],
        [20, 15],
        [15, 30],
        [10, 60],
        [5, 240],
      ].map(([points, minutes]) => [points!, repairUs <= minutes! * minuteUs * repairs]),
    ),
    part(
      'incidents',
      20,
      // That there were none says something only where somebody looked.
      begun.length > 0 || (sentUs !== null && isRecent(sentUs)),
      [
        [20, 0],
        [16, 1],
        [12, 3],
        [8, 5],
        [4, 10],
      ].map(([points, most]) => [points!, begun.length <= most!]),
    ),
    part(
      'changes',
      15,
      deployed.length > 0,
      [
        [15, 5],
        [12, 10],
        [8, 15],
        [4, 30],
      ].map(([points, percent]) => [points!, failed.length * 100 <= percent! * deployed.length]),
    ),
  ]
  return {
    ...{ score: scoreOf(parts), parts, checksPassed, checksTotal, incidents: begun.length },
    repairs,
    repairMeanUs: repairs === 0 ? null : Math.round(repairUs / repairs),
    repairMedianUs: medianOf(repairTimesUs),
    ...{ deployments: deployed.length, deploymentsFailed: failed.length },
  }
}

/** The first that holds; none: no points. */
const part = (
  dimension: string,
  pointsMax: number,
  hasEvidence: boolean,
  steps: readonly (readonly [points: number, holds: boolean])[],
): Part => ({
  dimension,
  points: hasEvidence ? (steps.find(([, holds]) => holds)?.[0] ?? 0) : null,
  pointsMax,
})

/** Of the dimensions that have evidence, to the nearest whole number. */
const scoreOf = (parts: readonly Part[]): number | null => {
  const known = parts.filter(({ points }) => points !== null)
  const most = sum(known.map(({ pointsMax }) => pointsMax))
  return most === 0 ? null : Math.round((100 * sum(known.map(({ points }) => points!))) / most)
}

const medianOf = (sorted: readonly number[]): number | null => {
  const middle = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]]
  return sorted.length === 0 ? null : Math.floor((middle[0]! + middle[1]!) / 2)
}

/** Those that name no alert; the last word about each counts. */
const incidentsOf = (facts: Seen['facts']): readonly Trouble[] => {
  const opened = new Map<string, IncidentOpened>()
  const closed = new Map<string, IncidentClosed>()
  for (const fact of facts) {
    if (fact.type === 'IncidentOpened') opened.set(fact.incident, fact)
    if (fact.type === 'IncidentClosed') closed.set(fact.incident, fact)
  }
  return [...opened.values()].flatMap(({ incident, alertId, atUs }) => {
    if (alertId !== null) return []
    const toUs = closed.get(incident)?.atUs ?? null
    // Opened again after it was closed, it goes on.
    return [{ fromUs: atUs, toUs: toUs !== null && toUs >= atUs ? toUs : null }]
  })
}
