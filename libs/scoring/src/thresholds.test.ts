import { describe, expect, it } from '@jest/globals'
import type { RuleScore, Score } from './score.ts'
import { thresholdsMissed, type ScoreThresholds } from './thresholds.ts'

const day = 86_400_000_000
const whatever: ScoreThresholds = {
  recallMinPpm: null,
  precisionMinPpm: null,
  timeToDetectMaxUs: null,
  pagesPerDayMaxMicro: null,
}

const scored = (total: Partial<RuleScore>, observedUs = day): Score => ({
  slackUs: 0,
  observedUs,
  rules: [],
  total: {
    trueEpisodes: 0,
    falseEpisodes: 0,
    faults: 0,
    detected: 0,
    timeToDetect: null,
    timeToResolve: null,
    resolvedEarly: 0,
    unresolved: 0,
    pages: 0,
    ...total,
  },
  missed: [],
  falseAlerts: [],
})

describe('thresholdsMissed', () => {
  it.each<[Partial<RuleScore>, Partial<ScoreThresholds>, readonly string[]]>([
    [{ faults: 3, detected: 2 }, { recallMinPpm: 666_666 }, []],
    [{ faults: 3, detected: 2 }, { recallMinPpm: 666_667 }, ['recallMinPpm']],
    [{ trueEpisodes: 2, falseEpisodes: 1 }, { precisionMinPpm: 666_666 }, []],
    [{ trueEpisodes: 2, falseEpisodes: 1 }, { precisionMinPpm: 666_667 }, ['precisionMinPpm']],
    [{ timeToDetect: { count: 2, minUs: 1, medianUs: 1, maxUs: 9 } }, { timeToDetectMaxUs: 9 }, []],
    [
      { timeToDetect: { count: 2, minUs: 1, medianUs: 1, maxUs: 9 } },
      { timeToDetectMaxUs: 8 },
      ['timeToDetectMaxUs'],
    ],
    [{ pages: 2 }, { pagesPerDayMaxMicro: 2_000_000 }, []],
    [{ pages: 2 }, { pagesPerDayMaxMicro: 1_999_999 }, ['pagesPerDayMaxMicro']],
    [{ pages: 1 }, { pagesPerDayMaxMicro: 0 }, ['pagesPerDayMaxMicro']],
    [{ pages: 0 }, { pagesPerDayMaxMicro: 0 }, []],
  ])('holds %j against %j: %j', (total, thresholds, missed) => {
    expect(thresholdsMissed(scored(total), { ...whatever, ...thresholds })).toEqual(missed)
  })

  it('is content with what is absent', () => {
    const strict: ScoreThresholds = {
      recallMinPpm: 1_000_000,
      precisionMinPpm: 1_000_000,
      timeToDetectMaxUs: 0,
      pagesPerDayMaxMicro: 0,
    }
    expect(thresholdsMissed(scored({}), strict)).toEqual([])
    expect(thresholdsMissed(scored({}, 0), strict)).toEqual([])
  })

  it('names every one that is missed', () => {
    const bad = { faults: 1, falseEpisodes: 1, pages: 1 }
    expect(
      thresholdsMissed(scored(bad), {
        ...whatever,
        ...{ recallMinPpm: 1, precisionMinPpm: 1, pagesPerDayMaxMicro: 0 },
      }),
    ).toEqual(['recallMinPpm', 'precisionMinPpm', 'pagesPerDayMaxMicro'])
  })
})
