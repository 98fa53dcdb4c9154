import { isoOf } from '@tidemark/model'
import type { Episode } from './episode.ts'
import { pagesPerDayMicro, ppmOf, precisionOf, recallOf } from './ratio.ts'
import type { RuleScore, Score, Truth } from './score.ts'
import type { Spread } from './spread.ts'

/** A score as `tidemark score --json` prints it: integers and ISO times; ratios in parts per million, rounded down; absent is null. */
export const scoreJson = ({ slackUs, observedUs, rules, total, missed, falseAlerts }: Score) => ({
  slackUs,
  observedUs,
  total: ruleJson(total, observedUs),
  rules: rules.map(({ rule, ...score }) => ({ rule, ...ruleJson(score, observedUs) })),
  missed: missed.map(truthJson),
  falseAlerts: falseAlerts.map(episodeJson),
})

/** A line of the truth track. */
export const truthJson = ({ service, fault, fromUs, toUs, detect }: Truth) => ({
  service,
  fault,
  from: isoOf(fromUs),
  to: isoOf(toUs),
  detect,
})

const ruleJson = (score: RuleScore, observedUs: number) => {
  const perDay = pagesPerDayMicro(score, observedUs)
  return {
    episodes: {
      true: score.trueEpisodes,
      false: score.falseEpisodes,
      unresolved: score.unresolved,
      resolvedEarly: score.resolvedEarly,
    },
    precisionPpm: ppmOf(precisionOf(score)),
    faults: score.faults,
    detected: score.detected,
    recallPpm: ppmOf(recallOf(score)),
    timeToDetect: score.timeToDetect && spreadJson(score.timeToDetect),
    timeToResolve: score.timeToResolve && spreadJson(score.timeToResolve),
    pages: score.pages,
    pagesPerDayMicro: perDay === null ? null : Number(perDay),
  }
}

const spreadJson = ({ count, minUs, medianUs, maxUs }: Spread) => ({
  count,
  minUs,
  medianUs,
  maxUs,
})

const episodeJson = ({ alertId, rule, service, summary, ...episode }: Episode) => ({
  alertId,
  rule,
  service,
  severity: episode.steps.at(-1)!.severity,
  raisedAt: isoOf(episode.raisedAtUs),
  resolvedAt: episode.resolvedAtUs === null ? null : isoOf(episode.resolvedAtUs),
  summary,
})
