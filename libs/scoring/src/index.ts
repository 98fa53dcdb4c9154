export type { Episode, SeverityStep } from './episode.ts'
export { pagesPerDayMicro, ppmOf, precisionOf, recallOf, type Ratio } from './ratio.ts'
export {
  scoreOf,
  slackUsDefault,
  type RuleScore,
  type Score,
  type ScoredRun,
  type ScoreOptions,
  type Truth,
} from './score.ts'
export { scoreJson, truthJson } from './score-json.ts'
export type { Spread } from './spread.ts'
export { thresholdsMissed, type ScoreThreshold, type ScoreThresholds } from './thresholds.ts'
