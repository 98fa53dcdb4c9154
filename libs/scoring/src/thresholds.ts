import { precisionOf, recallOf, type Ratio } from './ratio.ts'
import type { Score } from './score.ts'

/** What a score must reach; null: whatever it is. */
export type ScoreThresholds = {
  readonly recallMinPpm: number | null
  readonly precisionMinPpm: number | null
  /** Of the slowest detection. */
  readonly timeToDetectMaxUs: number | null
  /** In millionths of a page. */
  readonly pagesPerDayMaxMicro: number | null
}

export type ScoreThreshold = keyof ScoreThresholds

/**
 * The thresholds that the total of a score does not reach, in exact arithmetic. What is absent reaches every threshold: where nothing
 * was to be detected nothing was missed.
 */
export const thresholdsMissed = (
  { total, observedUs }: Score,
  thresholds: ScoreThresholds,
): readonly ScoreThreshold[] => {
  const { recallMinPpm, precisionMinPpm, timeToDetectMaxUs, pagesPerDayMaxMicro } = thresholds
  const missed: ScoreThreshold[] = []
  if (isBelow(recallOf(total), recallMinPpm)) missed.push('recallMinPpm')
  if (isBelow(precisionOf(total), precisionMinPpm)) missed.push('precisionMinPpm')
  const { timeToDetect } = total
  if (timeToDetectMaxUs !== null && timeToDetect !== null && timeToDetect.maxUs > timeToDetectMaxUs)
    missed.push('timeToDetectMaxUs')
  const pages = BigInt(total.pages) * dayUs * million
  if (pagesPerDayMaxMicro !== null && pages > BigInt(pagesPerDayMaxMicro) * BigInt(observedUs))
    missed.push('pagesPerDayMaxMicro')
  return missed
}

const dayUs = 86_400_000_000n
const million = 1_000_000n

const isBelow = (ratio: Ratio, minPpm: number | null): boolean =>
  ratio !== null &&
  minPpm !== null &&
  BigInt(ratio.part) * million < BigInt(minPpm) * BigInt(ratio.whole)
