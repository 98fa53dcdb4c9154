import type { AlertHistory } from '@tidemark/evaluation'
import { compareUtf8, type Severity } from '@tidemark/model'
import { episodeOf, reachedUs, type Episode } from './episode.ts'
import { spreadOf, type Spread } from './spread.ts'

/** A line of the truth track: something was wrong with a service in `[fromUs, toUs)`. */
export type Truth = {
  readonly service: string
  readonly fault: string
  readonly fromUs: number
  readonly toUs: number
  /** The least severity by which it should be detected; null: it is no outage, and an alert about it is a false one. */
  readonly detect: Severity | null
}

/** A stretch of stream time of which every window was judged, what was wrong in it, and what was told at the ends of its windows. */
export type ScoredRun = {
  readonly fromUs: number
  readonly toUs: number
  readonly truth: readonly Truth[]
  readonly alerts: readonly AlertHistory[]
  /** Ids of the rules that were in force, so that those that told nothing have a score too. */
  readonly rules: readonly string[]
}

export type ScoreOptions = {
  /** So long after the end of a fault an alert may still be about it: signals look back over the horizon, and rules wait. */
  readonly slackUs: number
}

/** The horizon, the `for` of the default rules, and a window for each to end in. */
export const slackUsDefault = 140_000_000

/** How well one rule, or all of them together, told what was wrong. Sums over all runs. */
export type RuleScore = {
  /** Episodes that match a fault that should be detected. */
  readonly trueEpisodes: number
  /** Episodes that match none. */
  readonly falseEpisodes: number
  /** Faults that should be detected, whatever the rule is made for. */
  readonly faults: number
  /** Those of them that an episode told with at least their severity. */
  readonly detected: number
  /** From the begin of a detected fault to the first moment at which it was told with at least its severity. */
  readonly timeToDetect: Spread | null
  /** From the end of the last fault that an episode matches to its resolve, of those that resolved after that end. */
  readonly timeToResolve: Spread | null
  /** True episodes that resolved while a fault that they match lasted. */
  readonly resolvedEarly: number
  /** True episodes that were up when the run ended. */
  readonly unresolved: number
  /** Episodes that paged somebody, true or false. */
  readonly pages: number
}

export type Score = {
  readonly slackUs: number
  /** Stream time of all runs together. */
  readonly observedUs: number
  /** Sorted by rule. */
  readonly rules: readonly ({ readonly rule: string } & RuleScore)[]
  readonly total: RuleScore
  /** In the order of the runs, then of their truth. */
  readonly missed: readonly Truth[]
  /** In the order of the runs, then of their raise. */
  readonly falseAlerts: readonly Episode[]
}

/**
 * Holds alerts against the truth. An episode matches a fault when it is about the same service and was up at some time between the
 * begin of the fault and its end + slack. Several episodes may match one fault, and one several faults: each fault is detected once,
 * each episode is true once. Faults and episodes outside of their run are left out.
 */
export const scoreOf = (runs: readonly ScoredRun[], { slackUs }: ScoreOptions): Score => {
  const judged = runs.map((run) => judgedRun(run, slackUs))
  const rules = new Set(
    judged.flatMap(({ rules, episodes }) => [...rules, ...episodes.map(ruleOf)]),
  )
  return {
    slackUs,
    observedUs: runs.reduce((sum, { fromUs, toUs }) => sum + Math.max(0, toUs - fromUs), 0),
    rules: [...rules]
      .sort(compareUtf8)
      .map((rule) => ({ rule, ...scoreIn(judged, (episode) => ruleOf(episode) === rule) })),
    total: scoreIn(judged, () => true),
    missed: judged.flatMap(({ faults, episodes }) =>
      faults.filter((fault) => detectedAt(fault, episodes, slackUs) === null),
    ),
    falseAlerts: judged.flatMap(({ episodes }) =>
      episodes.filter(isFalse).map(({ episode }) => episode),
    ),
  }
}

type JudgedRun = {
  readonly rules: readonly string[]
  /** Faults that should be detected. */
  readonly faults: readonly Fault[]
  readonly episodes: readonly MatchedEpisode[]
  readonly slackUs: number
}

type Fault = Truth & { readonly detect: Severity }

type MatchedEpisode = { readonly episode: Episode; readonly faults: readonly Fault[] }

const judgedRun = (run: ScoredRun, slackUs: number): JudgedRun => {
  const { fromUs, toUs } = run
  const faults = run.truth.filter(
    (fault): fault is Fault => fault.detect !== null && fault.fromUs < toUs && fault.toUs > fromUs,
  )
  const episodes = run.alerts
    .map(episodeOf)
    .filter((episode) => isUp(episode, fromUs, toUs))
    .map((episode) => ({
      episode,
      faults: faults.filter((fault) => matches(episode, fault, slackUs)),
    }))
  return { rules: run.rules, faults, episodes, slackUs }
}

const matches = (episode: Episode, { service, fromUs, toUs }: Fault, slackUs: number): boolean =>
  episode.service === service && isUp(episode, fromUs, toUs + slackUs)

/** Up at some time from `fromUs` to `untilUs`, both included. It is up from its raise, and no longer at its resolve. */
const isUp = ({ raisedAtUs, resolvedAtUs }: Episode, fromUs: number, untilUs: number): boolean =>
  raisedAtUs <= untilUs && (resolvedAtUs === null || resolvedAtUs > fromUs)

const ruleOf = ({ episode }: MatchedEpisode): string => episode.rule
const isFalse = ({ faults }: MatchedEpisode): boolean => faults.length === 0

const scoreIn = (
  runs: readonly JudgedRun[],
  counts: (episode: MatchedEpisode) => boolean,
): RuleScore => {
  const chosen = runs.map((run) => ({ ...run, episodes: run.episodes.filter(counts) }))
  const episodes = chosen.flatMap((run) => run.episodes)
  const told = episodes.filter((episode) => !isFalse(episode))
  const detections = chosen.flatMap((run) =>
    run.faults.flatMap((fault) => {
      const atUs = detectedAt(fault, run.episodes, run.slackUs)
      return atUs === null ? [] : [atUs - fault.fromUs]
    }),
  )
  const resolves = told.flatMap(({ episode: { resolvedAtUs }, faults }) =>
    resolvedAtUs === null ? [] : [resolvedAtUs - lastEndUs(faults)],
  )
  return {
    trueEpisodes: told.length,
    falseEpisodes: episodes.length - told.length,
    faults: chosen.reduce((sum, { faults }) => sum + faults.length, 0),
    detected: detections.length,
    timeToDetect: spreadOf(detections),
    timeToResolve: spreadOf(resolves.filter((us) => us >= 0)),
    resolvedEarly: resolves.filter((us) => us < 0).length,
    unresolved: told.filter(({ episode }) => episode.resolvedAtUs === null).length,
    pages: episodes.filter(({ episode }) => episode.paged).length,
  }
}

/** The first moment at which an episode that matches a fault was as severe as it should be; null: none was. */
const detectedAt = (
  fault: Fault,
  episodes: readonly MatchedEpisode[],
  slackUs: number,
): number | null =>
  episodes.reduce<number | null>((earliestUs, { episode, faults }) => {
    if (!faults.includes(fault)) return earliestUs
    const atUs = reachedUs(episode, fault.detect, fault.fromUs, fault.toUs + slackUs)
    return atUs === null || (earliestUs !== null && earliestUs <= atUs) ? earliestUs : atUs
  }, null)

const lastEndUs = (faults: readonly Fault[]): number => Math.max(...faults.map(({ toUs }) => toUs))
