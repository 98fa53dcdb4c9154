import type { HistogramShape, Indicator, Slo, SloPeriod } from '@tidemark/model'
import type { ClosedRow, Placed } from './aggregates.ts'
import { idOf } from './configurations.ts'
import { slotLowOf } from './latencies.ts'
import { sum } from './lists.ts'
import { hourUs, minuteUs, dayUs, monthOf } from './spans.ts'

export type Counts = { readonly valid: number; readonly bad: number }

/** All that was ever counted for an objective: nothing is added up before somebody asks. */
export type Objective = {
  readonly id: string
  /** Start of the first window that was counted. */
  readonly sinceUs: number
  readonly windows: readonly (Counts & { readonly startUs: number })[]
  readonly corrections: ReadonlyMap<string, Counts & { readonly atUs: number }>
}

/** Of a service, an indicator and a period: its target and its name may change. */
export const objectiveIdOf = (service: string, { indicator, period }: Slo): string =>
  idOf([service, indicator, period])

/** What a service has: its own, and those for everybody of whose ids it has none, in the order of the configuration. */
export const slosOf = (service: string, slos: readonly Slo[]): readonly Slo[] => {
  const own = slos.filter((slo) => slo.service === service)
  return slos
    .filter(
      (slo) => own.includes(slo) || (slo.service === null && own.every(({ id }) => id !== slo.id)),
    )
    .slice(0, 50)
}

/** What the events of a window are for an objective. */
export const countsIn = (
  rows: readonly ClosedRow[],
  indicator: Indicator,
  { highestUs }: HistogramShape,
): Counts => {
  const isUptime = indicator.kind === 'uptime'
  const placed = rows
    .filter(({ type }) => (type === 'HealthWindowClosed') === isUptime)
    .flatMap((row) => row.placed)
    .filter((each) => isValid(each, indicator))
  return {
    valid: placed.length,
    bad: placed.filter((each) => isBad(each, indicator, highestUs)).length,
  }
}

const isValid = ({ name }: Placed, indicator: Indicator): boolean =>
  indicator.kind !== 'job-latency' || (name !== null && fitsGlob(name, indicator.operations))

const fitsGlob = (name: string, glob: string): boolean => {
  const pieces = glob.split('*').map((piece) => piece.replaceAll(/[\\^$.|?+()[\]{}/-]/g, '\\$&'))
  return new RegExp(`^${pieces.join('.*')}$`, 'su').test(name)
}

const isBad = ({ event }: Placed, indicator: Indicator, highestUs: number): boolean => {
  switch (indicator.kind) {
    case 'uptime':
      return !event.ok
    case 'availability':
      return indicator.badStatuses === null
        ? !event.ok
        : indicator.badStatuses.some(({ from, to }) => from <= event.status && event.status <= to)
    case 'latency':
    case 'job-latency':
      // The slot that holds the threshold counts as under.
      return slotLowOf(Math.min(event.latencyUs, highestUs)) > slotLowOf(indicator.thresholdUs)
  }
}

/** The last so much time before a window's end: whole steps of a minute, or above six hours of an hour, and the running one. */
export const countsOver = (objective: Objective, endUs: number, spanUs: number): Counts => {
  const stepUs = spanUs <= 6 * hourUs ? minuteUs : hourUs
  const steps = Math.floor(endUs / stepUs) - Math.ceil(spanUs / stepUs)
  return countsSince(objective, steps * stepUs, endUs, stepUs)
}

/** Of the objective's period, with its beginning. */
export const countsOfPeriod = (
  objective: Objective,
  period: SloPeriod,
  { startUs, endUs }: { readonly startUs: number; readonly endUs: number },
): { readonly counts: Counts; readonly fromUs: number } => {
  const fromUs =
    period.kind === 'rolling'
      ? Math.floor(endUs / hourUs) * hourUs - period.days * dayUs
      : monthOf(startUs).fromUs
  return {
    counts: countsSince(objective, fromUs, endUs, hourUs),
    fromUs: Math.max(fromUs, objective.sinceUs),
  }
}

/** Of the hour that the window lies in. */
export const countsOfHour = (
  objective: Objective,
  { startUs, endUs }: { readonly startUs: number; readonly endUs: number },
): Counts => countsSince(objective, startUs - (startUs % hourUs), endUs, hourUs)

const countsSince = (
  { windows, corrections }: Objective,
  fromUs: number,
  endUs: number,
  stepUs: number,
): Counts => {
  const inside = [
    ...windows.filter(({ startUs }) => startUs >= fromUs && startUs < endUs),
    ...[...corrections.values()].filter(({ atUs }) => {
      const stepStartUs = atUs - (atUs % stepUs)
      return stepStartUs >= fromUs && stepStartUs < endUs
    }),
  ]
  // Corrections may take back more than there was; and what is bad is one of the valid.
  const valid = Math.max(0, sum(inside.map((each) => each.valid)))
  return { valid, bad: Math.min(valid, Math.max(0, sum(inside.map(({ bad }) => bad)))) }
}
