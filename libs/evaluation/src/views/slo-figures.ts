import type { Id, ServiceAssessed, Severity, SloBurn, SloCounts, SloState } from '@tidemark/model'
import { budgetRemaining, type Ratio } from '../slo/budget.ts'

/** Events of an objective in one hour. */
export type SloHour = SloCounts & {
  readonly service: string
  readonly slo: string
  readonly objectiveId: Id
  readonly hourStartUs: number
}

/** Where an objective stands, how fast its budget goes, and how it went hour by hour. */
export type SloFigures = {
  readonly service: string
  /** End of the window that it was judged in. */
  readonly asOfUs: number
  readonly state: SloState
  readonly burns: readonly BurnFigures[]
  /** Of the last 24 hours and the running one, together. */
  readonly lastDay: SloCounts
  /** Share of the whole budget that the last day took; null where there is no budget. */
  readonly burnedPerDay: Ratio | null
  /** How long the rest lasts at the rate of the last day; 0: exhausted; null: nothing burns, or there is no budget. */
  readonly lastsUs: number | null
  /** The newest last, one for each hour, also where nothing came. */
  readonly hours: readonly SloCounts[]
}

/** How many times faster than allowed the budget burns over two windows; null without events. */
export type BurnFigures = {
  readonly severity: Severity
  readonly longUs: number
  readonly shortUs: number
  readonly long: Ratio | null
  readonly short: Ratio | null
  readonly isBurning: boolean | null
}

export const hourUs = 3_600_000_000

/** Start of the hour that the window ending at `windowEndUs` lies in. */
export const hourOf = (windowEndUs: number): number =>
  Math.floor((windowEndUs - 1) / hourUs) * hourUs

/** All objectives of a service, in the order of the configuration. `hours` may hold others as well; `hoursMax` are given back. */
export const sloFigures = (
  assessed: ServiceAssessed,
  hours: readonly SloHour[],
  hoursMax: number,
): readonly SloFigures[] => {
  const { service, windowEndUs, slos, burns } = assessed
  return slos.map((state): SloFigures => {
    const own = new Map(
      hours
        .filter((hour) => hour.service === service && hour.objectiveId === state.objectiveId)
        .map((hour) => [hour.hourStartUs, hour]),
    )
    const runningUs = hourOf(windowEndUs)
    own.set(runningUs, {
      service,
      slo: state.slo,
      objectiveId: state.objectiveId,
      hourStartUs: runningUs,
      ...state.hour,
    })
    const line = lastHours(own, runningUs, Math.max(hoursMax, dayHours + 1))
    const lastDay = sumOf(line.slice(-(dayHours + 1)))
    return {
      service,
      asOfUs: windowEndUs,
      state,
      burns: burns.filter(({ slo }) => slo === state.slo).map((burn) => burnFigures(burn, state)),
      lastDay,
      burnedPerDay: burnedOf(lastDay, state),
      lastsUs: lastsUsOf(lastDay, state, windowEndUs),
      hours: line.slice(-hoursMax),
    }
  })
}

const dayHours = 24
const million = 1_000_000n

const lastHours = (
  own: ReadonlyMap<number, SloCounts>,
  runningUs: number,
  count: number,
): readonly SloCounts[] =>
  Array.from({ length: count }, (_, at) => {
    const { valid = 0, bad = 0 } = own.get(runningUs - (count - 1 - at) * hourUs) ?? {}
    return { valid, bad }
  })

export const sumOf = (hours: readonly SloCounts[]): SloCounts =>
  hours.reduce((sum, { valid, bad }) => ({ valid: sum.valid + valid, bad: sum.bad + bad }), {
    valid: 0,
    bad: 0,
  })

/** Error ratio / (1 - target): 1 spends the budget in exactly the period. Source: domain.md section 4. */
export const burnOf = ({ valid, bad }: SloCounts, targetPpm: number): Ratio | null =>
  valid === 0 || targetPpm >= 1_000_000
    ? null
    : { part: BigInt(bad) * million, whole: BigInt(valid) * BigInt(1_000_000 - targetPpm) }

const burnFigures = (burn: SloBurn, { targetPpm }: SloState): BurnFigures => ({
  severity: burn.severity,
  longUs: burn.longUs,
  shortUs: burn.shortUs,
  long: burnOf(burn.long, targetPpm),
  short: burnOf(burn.short, targetPpm),
  isBurning: burn.isBurning,
})

/** Of the budget that all events of the period allow. */
const burnedOf = (lastDay: SloCounts, { counts, targetPpm }: SloState): Ratio | null =>
  counts.valid === 0 || targetPpm >= 1_000_000
    ? null
    : {
        part: BigInt(lastDay.bad) * million,
        whole: BigInt(counts.valid) * BigInt(1_000_000 - targetPpm),
      }

/** Rest of the budget divided by what the last day took, over the time that this day has lasted so far. */
const lastsUsOf = (lastDay: SloCounts, state: SloState, asOfUs: number): number | null => {
  const remaining = budgetRemaining(state.counts, state.targetPpm)
  const burned = burnedOf(lastDay, state)
  if (remaining === null || burned === null) return null
  if (remaining.part <= 0n) return 0
  if (burned.part <= 0n) return null
  const sinceUs = Math.max(hourOf(asOfUs) - dayHours * hourUs, state.fromUs)
  const us =
    (remaining.part * burned.whole * BigInt(asOfUs - sinceUs)) / (remaining.whole * burned.part)
  return us > maxUs ? null : Number(us)
}

/** Ten years: longer is never. */
const maxUs = BigInt(3650 * dayHours * hourUs)
