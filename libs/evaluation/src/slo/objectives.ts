import {
  canonicalJson,
  contentId,
  defaultBurnWindows,
  type BurnWindow,
  type Configuration,
  type HistogramShape,
  type Id,
  type Slo,
  type SloPeriod,
} from '@tidemark/model'
import { dayUs } from '../calendar.ts'
import { burnFactor, burnLimit, type BurnRatio } from './burn.ts'
import { counterOf, type CountWindow } from './indicator.ts'
import { periodDaysMax } from './rolling-counts.ts'

/** Objectives that one service may have; what a configuration names beyond them is left out. */
export const slosPerServiceMax = 50

/** An objective with what follows from the configuration alone. */
export type Objective = {
  readonly slo: Slo
  readonly countsOf: CountWindow
  /** Of the burn-rate rules that look at it, each once; the default ones where no rule does, so that its burn can be read all the same. */
  readonly pairs: readonly BurnWindow[]
  /** Lengths of the pairs' windows, each once: pairs share some, and each is summed up once. */
  readonly spans: readonly number[]
  /** Limits of the pairs, by the days of the period. Null: there is no budget to burn. */
  readonly limits: ReadonlyMap<number, readonly BurnRatio[]> | null
}

export type Objectives = {
  /** Of services that have none of their own. */
  readonly common: readonly Objective[]
  readonly own: ReadonlyMap<string, readonly Objective[]>
}

export const noObjectives: readonly Objective[] = []

/** In the order of the configuration. A service's own objective takes the place of the common one of the same id. */
export const prepareObjectives = (
  { slos, rules }: Pick<Configuration, 'slos' | 'rules'>,
  shape: HistogramShape,
): Objectives => {
  const prepared = slos.map((slo) => prepare(slo, rules, shape))
  const common = prepared.filter(({ slo }) => slo.service === null)
  const names = new Set(slos.flatMap(({ service }) => service ?? []))
  const ofService = (name: string): readonly Objective[] => {
    const ids = new Set(slos.filter(({ service }) => service === name).map(({ id }) => id))
    return prepared
      .filter(({ slo }) => slo.service === name || (slo.service === null && !ids.has(slo.id)))
      .slice(0, slosPerServiceMax)
  }
  return {
    common: common.slice(0, slosPerServiceMax),
    own: new Map([...names].map((name) => [name, ofService(name)])),
  }
}

/** The objectives of a registered service. */
export const objectivesOf = ({ common, own }: Objectives, service: string): readonly Objective[] =>
  own.get(service) ?? common

/**
 * Identity of what is counted for a service: another target goes on with the counts there are, another indicator, threshold or period begins
 * anew.
 */
export const objectiveIdOf = ({ indicator, period }: Slo, service: string): Id =>
  contentId(canonicalJson([service, indicator, period]))

/** Days that an objective's counts are kept. */
export const daysKept = (period: SloPeriod): number =>
  period.kind === 'rolling' ? period.days : periodDaysMax

const prepare = (slo: Slo, rules: Configuration['rules'], shape: HistogramShape): Objective => {
  const pairs = pairsOf(slo, rules)
  const days = slo.period.kind === 'rolling' ? [slo.period.days] : [28, 29, 30, 31]
  const limitsOf = (periodDays: number): readonly BurnRatio[] =>
    pairs.map((pair) => burnLimit(burnFactor(pair, periodDays * dayUs), slo.targetPpm))
  return {
    slo,
    countsOf: counterOf(slo.indicator, shape),
    pairs,
    spans: [...new Set(pairs.flatMap(({ longUs, shortUs }) => [longUs, shortUs]))],
    limits: slo.targetPpm >= 1_000_000 ? null : new Map(days.map((day) => [day, limitsOf(day)])),
  }
}

const pairsOf = ({ id }: Slo, rules: Configuration['rules']): readonly BurnWindow[] => {
  const looking = rules.flatMap((rule) =>
    rule.kind === 'burn-rate' && (rule.slos === null || rule.slos.includes(id)) ? [rule] : [],
  )
  if (looking.length === 0) return defaultBurnWindows
  const pairs: BurnWindow[] = []
  for (const { windows } of looking)
    for (const pair of windows)
      if (!pairs.some((known) => isSamePair(known, pair))) pairs.push(pair)
  return pairs
}

export const isSamePair = (a: BurnWindow, b: BurnWindow): boolean =>
  a.severity === b.severity &&
  a.longUs === b.longUs &&
  a.shortUs === b.shortUs &&
  a.budgetPpm === b.budgetPpm
