import {
  severities,
  type BurnWindow,
  type Severity,
  type SloBurn,
  type SloCounts,
  type SloState,
} from '@tidemark/model'
import { dayUs, monthOf } from '../calendar.ts'
import type { ServiceWindow } from '../signals.ts'
import { burns, type BurnRatio } from './burn.ts'
import { isSamePair, type Objective } from './objectives.ts'
import { addCounts, countsOver, countsSince, hourUs } from './rolling-counts.ts'
import type { SloCounter } from './slo-counter.ts'

/** Where an objective stands, and how fast its budget burns over each of its pairs of windows. */
export type JudgedSlo = {
  readonly objective: Objective
  readonly state: SloState
  /** In the order of the objective's pairs. */
  readonly burns: readonly SloBurn[]
}

export type JudgedSlos = {
  readonly counters: readonly SloCounter[]
  readonly slos: readonly JudgedSlo[]
}

/** Counts what a service sent in a window, null: nothing, and judges its objectives at the window's end; one counter each, in their order. */
export const judgeSlos = (
  objectives: readonly Objective[],
  counters: readonly SloCounter[],
  sent: ServiceWindow | null,
  window: { readonly startUs: number; readonly endUs: number },
): JudgedSlos => {
  const counted = counters.map((counter, index): SloCounter => {
    if (sent === null) return counter
    const counts = addCounts(counter.counts, window.startUs, objectives[index]!.countsOf(sent))
    return counts === counter.counts ? counter : { ...counter, counts }
  })
  return {
    counters: counted,
    slos: counted.map((counter, index) => judgeSlo(objectives[index]!, counter, window)),
  }
}

/** The burn over a rule's pair of windows; null where the objective is not looked at by a rule that has it. */
export const burnOver = ({ objective, burns }: JudgedSlo, pair: BurnWindow): SloBurn | null =>
  burns[objective.pairs.findIndex((known) => isSamePair(known, pair))] ?? null

const judgeSlo = (
  objective: Objective,
  { objectiveId, fromUs, counts }: SloCounter,
  { startUs, endUs }: { readonly startUs: number; readonly endUs: number },
): JudgedSlo => {
  const { slo, pairs, spans, limits } = objective
  const period = periodAt(slo.period, startUs, endUs)
  const limitsNow = limits?.get(period.days) ?? null
  const sums = spans.map((spanUs) => countsOver(counts, endUs, spanUs))
  const burning = pairs.map((pair, index) =>
    burnOf(slo.id, pair, limitsNow?.[index] ?? null, (spanUs) => sums[spans.indexOf(spanUs)]!),
  )
  const state: SloState = {
    slo: slo.id,
    objectiveId,
    targetPpm: slo.targetPpm,
    fromUs: Math.max(fromUs, period.startUs),
    counts: countsSince(counts, period.startUs, endUs),
    hour: countsSince(counts, startUs, endUs),
    burning: worstOf(burning),
  }
  return { objective, state, burns: burning }
}

/** Beginning, and length in days, of the period that ends with a window, or of the month that it lies in. */
const periodAt = (
  period: Objective['slo']['period'],
  startUs: number,
  endUs: number,
): { readonly startUs: number; readonly days: number } => {
  if (period.kind === 'rolling')
    return {
      // Whole hours, and the running one on top.
      startUs: endUs - (endUs % hourUs) - period.days * dayUs,
      days: period.days,
    }
  const month = monthOf(startUs)
  return { startUs: month.startUs, days: (month.endUs - month.startUs) / dayUs }
}

const burnOf = (
  slo: string,
  { severity, longUs, shortUs }: BurnWindow,
  limit: BurnRatio | null,
  over: (spanUs: number) => SloCounts,
): SloBurn => {
  const long = over(longUs)
  const short = over(shortUs)
  const isBurning = limit === null ? null : burns(long, short, limit)
  return { slo, severity, longUs, shortUs, long, short, isBurning }
}

const worstOf = (burning: readonly SloBurn[]): Severity | null =>
  severities.find((severity) =>
    burning.some((burn) => burn.isBurning === true && burn.severity === severity),
  ) ?? null
