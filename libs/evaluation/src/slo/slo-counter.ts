import type { BudgetCorrected, Id } from '@tidemark/model'
import { daysKept, objectiveIdOf, type Objective } from './objectives.ts'
import { addCounts, remembers, rollingCounts, type RollingCounts } from './rolling-counts.ts'

/** What is kept of an objective of one service between two windows. */
export type SloCounter = {
  readonly slo: string
  readonly objectiveId: Id
  /** Start of the first window that it counted. */
  readonly fromUs: number
  readonly counts: RollingCounts
  /** Those that are in the counts, the oldest first. */
  readonly corrections: readonly Correction[]
}

export type Correction = { readonly id: string; readonly atUs: number }

/** Corrections of an objective that are remembered; beyond, the first to come is forgotten, and would count again if it came again. */
export const correctionsMax = 1000

/**
 * The counters of a service under another configuration, in force from a window's start on. What is counted as before goes on, under the
 * same id if there is one; everything else begins anew.
 */
export const arrangeCounters = (
  counters: readonly SloCounter[],
  objectives: readonly Objective[],
  service: string,
  windowStartUs: number,
): readonly SloCounter[] =>
  objectives.map(({ slo }) => {
    const objectiveId = objectiveIdOf(slo, service)
    const same = counters.filter((counter) => counter.objectiveId === objectiveId)
    const before = same.find((counter) => counter.slo === slo.id) ?? same[0]
    return before === undefined
      ? {
          slo: slo.id,
          objectiveId,
          fromUs: windowStartUs,
          counts: rollingCounts(daysKept(slo.period)),
          corrections: [],
        }
      : { ...before, slo: slo.id }
  })

/**
 * With a correction: in the minute and the hour that hold its moment, as far as they are remembered. One that is known, that nothing would
 * count any more, or that names no objective of the service changes nothing.
 */
export const correctCounters = (
  counters: readonly SloCounter[],
  { id, slo, atUs, valid, bad }: BudgetCorrected,
): readonly SloCounter[] =>
  counters.map((counter) => {
    const isNews =
      counter.slo === slo &&
      remembers(counter.counts, atUs) &&
      !counter.corrections.some((known) => known.id === id)
    if (!isNews) return counter
    const counts = addCounts(counter.counts, atUs, { valid, bad })
    const known = counter.corrections.filter((correction) => remembers(counts, correction.atUs))
    const corrections = [...known.slice(1 - correctionsMax), { id, atUs }]
    return { ...counter, counts, corrections }
  })
