import { describe, expect, it } from '@jest/globals'
import { contentId, type Severity } from '@tidemark/model'
import fc from 'fast-check'
import { pagesPerDayMicro, precisionOf, recallOf } from './ratio.ts'
import { scoreJson } from './score-json.ts'
import { scoreOf, type RuleScore, type Score, type ScoredRun, type Truth } from './score.ts'
import { historiesOf, type EpisodeSpec } from './testing/histories.ts'

const second = 1_000_000

const fault = (from: number, to: number, more: Partial<Truth> = {}): Truth => ({
  service: 'checkout',
  fault: 'down',
  fromUs: from * second,
  toUs: to * second,
  detect: 'critical',
  ...more,
})

/** A run of an hour with a slack of 100 s. */
const runOf = (truth: readonly Truth[], ...specs: readonly EpisodeSpec[]): ScoredRun => ({
  fromUs: 0,
  toUs: 3600 * second,
  truth,
  alerts: historiesOf(...specs),
  rules: [],
})
const score = (truth: readonly Truth[], ...specs: readonly EpisodeSpec[]): Score =>
  scoreOf([runOf(truth, ...specs)], { slackUs: 100 * second })

const page = (from: number, to: number | null, more: Partial<EpisodeSpec> = {}): EpisodeSpec => ({
  steps: [[from, 'page']],
  resolvedAt: to,
  ...more,
})

const nothing: RuleScore = {
  trueEpisodes: 0,
  falseEpisodes: 0,
  faults: 0,
  detected: 0,
  timeToDetect: null,
  timeToResolve: null,
  resolvedEarly: 0,
  unresolved: 0,
  pages: 0,
}
const once = (us: number) => ({ count: 1, minUs: us, medianUs: us, maxUs: us })

describe('scoreOf', () => {
  it('has neither precision nor recall where nothing was wrong and nothing was told', () => {
    const { total, rules, missed, falseAlerts } = score([])
    expect(total).toEqual(nothing)
    expect([precisionOf(total), recallOf(total)]).toEqual([null, null])
    expect([rules, missed, falseAlerts]).toEqual([[], [], []])
  })

  it('has a recall of 0 and no precision where nothing was told of what was wrong', () => {
    const { total, missed } = score([fault(100, 200)])
    expect(total).toEqual({ ...nothing, faults: 1 })
    expect([precisionOf(total), recallOf(total)]).toEqual([null, { part: 0, whole: 1 }])
    expect(missed).toEqual([fault(100, 200)])
  })

  it('has a precision of 0 and no recall where something was told and nothing was wrong', () => {
    const { total, falseAlerts } = score([], page(100, 200))
    expect(total).toEqual({ ...nothing, falseEpisodes: 1, pages: 1 })
    expect([precisionOf(total), recallOf(total)]).toEqual([{ part: 0, whole: 1 }, null])
    expect(falseAlerts.map(({ summary }) => summary)).toEqual(['episode 0'])
  })

  it('measures from the begin of a fault to its raise, and from its end to its resolve', () => {
    expect(score([fault(100, 200)], page(130, 270)).total).toEqual({
      ...nothing,
      trueEpisodes: 1,
      faults: 1,
      detected: 1,
      timeToDetect: once(30 * second),
      timeToResolve: once(70 * second),
      pages: 1,
    })
  })

  it.each([
    ['is up before it begins and resolved with it', page(50, 100), false],
    ['is up before it begins and a moment into it', page(50, 101), true],
    ['is raised as it begins', page(100, 110), true],
    ['is raised at the end of the slack', page(300, 310), true],
    ['is raised after the slack', page(301, 310), false],
    ['is about another service', page(110, 190, { service: 'search' }), false],
  ])('says whether an episode matches that %s', (_, episode, isTrue) => {
    const { total } = score([fault(100, 200)], episode)
    expect([total.trueEpisodes, total.falseEpisodes]).toEqual(isTrue ? [1, 0] : [0, 1])
  })

  it('takes an episode about what is no outage for a false one, and no such fault for missed', () => {
    const skew = fault(100, 200, { fault: 'clock-skew', detect: null })
    const { total, missed } = score([skew], page(130, 270))
    expect(total).toEqual({ ...nothing, falseEpisodes: 1, pages: 1 })
    expect(missed).toEqual([])
  })

  it('detects a fault when its severity is reached, and not before', () => {
    const growing: EpisodeSpec = {
      steps: [
        [110, 'warning'],
        [140, 'critical'],
        [150, 'warning'],
      ],
      resolvedAt: 250,
    }
    const timeOf = (detect: Severity) =>
      score([fault(100, 200, { detect })], growing).total.timeToDetect
    expect(timeOf('warning')).toEqual(once(10 * second))
    expect(timeOf('critical')).toEqual(once(40 * second))
    expect(timeOf('page')).toBeNull()
    const { total, missed } = score([fault(100, 200, { detect: 'page' })], growing)
    // It is true all the same: it was about something that was wrong.
    expect(total).toMatchObject({ trueEpisodes: 1, falseEpisodes: 0, faults: 1, detected: 0 })
    expect(missed).toHaveLength(1)
  })

  it('does not count a severity that was over when the fault began, or came after the slack', () => {
    const falling: EpisodeSpec = {
      steps: [
        [50, 'page'],
        [100, 'warning'],
        [301, 'page'],
      ],
      resolvedAt: 400,
    }
    expect(score([fault(100, 200)], falling).total).toMatchObject({ trueEpisodes: 1, detected: 0 })
  })

  it('counts an episode that is up already as a detection without delay', () => {
    expect(score([fault(100, 200)], page(50, 250)).total.timeToDetect).toEqual(once(0))
  })

  it('leaves an open episode out of the times to resolve, and counts it', () => {
    expect(score([fault(100, 200)], page(130, null)).total).toMatchObject({
      trueEpisodes: 1,
      detected: 1,
      timeToResolve: null,
      unresolved: 1,
    })
  })

  it('counts an episode apart that says "resolved" while the fault lasts', () => {
    expect(score([fault(100, 200)], page(120, 150), page(160, 240)).total).toMatchObject({
      trueEpisodes: 2,
      detected: 1,
      timeToDetect: once(20 * second),
      timeToResolve: once(40 * second),
      resolvedEarly: 1,
    })
  })

  it('lets one episode tell faults that overlap, and resolves it with the last of them', () => {
    const both = [fault(100, 300), fault(200, 400, { fault: 'latency', detect: 'warning' })]
    expect(score(both, page(130, 450)).total).toEqual({
      ...nothing,
      trueEpisodes: 1,
      faults: 2,
      detected: 2,
      timeToDetect: { count: 2, minUs: 0, medianUs: 0, maxUs: 30 * second },
      timeToResolve: once(50 * second),
      pages: 1,
    })
  })

  it('detects a fault once in total and once per rule, however many rules tell it', () => {
    const told = score(
      [fault(100, 200, { detect: 'warning' })],
      page(120, 280),
      { rule: 'error-rate', steps: [[160, 'warning']], resolvedAt: 230 },
      { rule: 'error-rate', steps: [[240, 'warning']], resolvedAt: 250 },
    )
    expect(told.total).toMatchObject({
      trueEpisodes: 3,
      detected: 1,
      timeToDetect: once(20 * second),
      timeToResolve: { count: 3, minUs: 30 * second, medianUs: 50 * second, maxUs: 80 * second },
      pages: 1,
    })
    expect(told.rules.map(({ rule }) => rule)).toEqual(['error-rate', 'health'])
    expect(told.rules[0]).toMatchObject({
      trueEpisodes: 2,
      faults: 1,
      detected: 1,
      timeToDetect: once(60 * second),
      pages: 0,
    })
  })

  it('has a line for a rule that told nothing', () => {
    const run = { ...runOf([fault(100, 200)], page(120, 280)), rules: ['health', 'absence'] }
    const { rules } = scoreOf([run], { slackUs: 0 })
    expect(rules.map(({ rule, detected, faults }) => [rule, detected, faults])).toEqual([
      ['absence', 0, 1],
      ['health', 1, 1],
    ])
  })

  it('leaves out what is outside of the run', () => {
    const run = {
      ...runOf(
        [fault(0, 100), fault(500, 600), fault(50, 150), fault(499, 700)],
        page(20, 100),
        page(510, 520),
        page(110, 260),
      ),
      ...{ fromUs: 100 * second, toUs: 500 * second },
    }
    const { total, missed, observedUs } = scoreOf([run], { slackUs: 100 * second })
    expect(total).toMatchObject({ trueEpisodes: 1, falseEpisodes: 0, faults: 2, detected: 1 })
    expect(missed).toEqual([fault(499, 700)])
    expect(observedUs).toBe(400 * second)
  })

  it('counts a page only where somebody was paged', () => {
    const pagesWith = (marks: EpisodeSpec['marks']) =>
      score([], page(100, 200, { marks: marks ?? {} })).total.pages
    expect(pagesWith({})).toBe(1)
    expect(pagesWith({ silencedBy: ['a'] })).toBe(0)
    expect(pagesWith({ inhibitedBy: contentId('another') })).toBe(0)
    const { total, observedUs } = score([], page(100, 200))
    expect(pagesPerDayMicro(total, observedUs)).toBe(24_000_000n)
    expect(pagesPerDayMicro(total, 0)).toBeNull()
  })

  it('sums up over runs', () => {
    const runs = [
      runOf([fault(100, 200)], page(130, 270)),
      runOf([fault(100, 200)], page(700, 800)),
    ]
    const { total, missed, falseAlerts, observedUs } = scoreOf(runs, { slackUs: 100 * second })
    expect(total).toMatchObject({ trueEpisodes: 1, falseEpisodes: 1, faults: 2, detected: 1 })
    expect([missed.length, falseAlerts.length, observedUs]).toEqual([1, 1, 7200 * second])
  })

  it('agrees with arithmetic on sets, whatever is wrong and told', () => {
    const moment = fc.nat(400)
    const anyService = fc.constantFrom('checkout', 'search')
    const anySeverity = fc.constantFrom<Severity>('page', 'critical', 'warning')
    const anyFault = fc
      .tuple(anyService, moment, fc.integer({ min: 1, max: 200 }), fc.option(anySeverity))
      .map(([service, from, length, detect]) => fault(from, from + length, { service, detect }))
    const anyEpisode = fc
      .tuple(
        anyService,
        fc.constantFrom('a', 'b'),
        moment,
        fc.integer({ min: 1, max: 300 }),
        anySeverity,
      )
      .map(([service, rule, from, length, severity]): EpisodeSpec => {
        return { service, rule, steps: [[from, severity]], resolvedAt: from + length }
      })
    const ranks = { page: 3, critical: 2, warning: 1 }
    fc.assert(
      fc.property(
        fc.array(anyFault, { maxLength: 6 }),
        fc.array(anyEpisode, { maxLength: 6 }),
        (faults, episodes) => {
          const { total, rules } = score(faults, ...episodes)
          const outages = faults.filter(({ detect }) => detect !== null)
          // Second by second: the moments at which an episode is up, and those at which one may be about a fault.
          const upAt = ({ steps, resolvedAt }: EpisodeSpec): readonly number[] =>
            Array.from({ length: resolvedAt! - steps[0]![0] }, (_, n) => steps[0]![0] + n)
          const isAbout = (episode: EpisodeSpec, { service, fromUs, toUs }: Truth): boolean =>
            episode.service === service &&
            upAt(episode).some((at) => at >= fromUs / second && at <= toUs / second + 100)
          const told = episodes.filter((episode) => outages.some((one) => isAbout(episode, one)))
          const detected = outages.filter((one) =>
            episodes.some(
              (episode) =>
                isAbout(episode, one) && ranks[episode.steps[0]![1]] >= ranks[one.detect!],
            ),
          )
          expect(total).toMatchObject({
            trueEpisodes: told.length,
            falseEpisodes: episodes.length - told.length,
            faults: outages.length,
            detected: detected.length,
          })
          const sumOf = (field: 'trueEpisodes' | 'falseEpisodes' | 'pages'): number =>
            rules.reduce((sum, rule) => sum + rule[field], 0)
          expect(sumOf('trueEpisodes')).toBe(total.trueEpisodes)
          expect(sumOf('falseEpisodes')).toBe(total.falseEpisodes)
          expect(sumOf('pages')).toBe(total.pages)
        },
      ),
    )
  })
})

describe('scoreJson', () => {
  it('is in integers and ISO times, and null where something is absent', () => {
    const truth = [fault(100, 200), fault(2000, 2100)]
    const json = scoreJson(score(truth, page(130, 270), page(3000, null, { rule: 'absence' })))
    expect(json).toEqual({
      slackUs: 100 * second,
      observedUs: 3600 * second,
      total: {
        episodes: { true: 1, false: 1, unresolved: 0, resolvedEarly: 0 },
        precisionPpm: 500_000,
        faults: 2,
        detected: 1,
        recallPpm: 500_000,
        timeToDetect: once(30 * second),
        timeToResolve: once(70 * second),
        pages: 2,
        pagesPerDayMicro: 48_000_000,
      },
      rules: [
        {
          rule: 'absence',
          episodes: { true: 0, false: 1, unresolved: 0, resolvedEarly: 0 },
          precisionPpm: 0,
          faults: 2,
          detected: 0,
          recallPpm: 0,
          timeToDetect: null,
          timeToResolve: null,
          pages: 1,
          pagesPerDayMicro: 24_000_000,
        },
        {
          rule: 'health',
          episodes: { true: 1, false: 0, unresolved: 0, resolvedEarly: 0 },
          precisionPpm: 1_000_000,
          faults: 2,
          detected: 1,
          recallPpm: 500_000,
          timeToDetect: once(30 * second),
          timeToResolve: once(70 * second),
          pages: 1,
          pagesPerDayMicro: 24_000_000,
        },
      ],
      missed: [
        {
          service: 'checkout',
          fault: 'down',
          from: '1970-01-01T00:33:20Z',
          to: '1970-01-01T00:35:00Z',
          detect: 'critical',
        },
      ],
      falseAlerts: [
        {
          alertId: contentId('alert-1'),
          rule: 'absence',
          service: 'checkout',
          severity: 'page',
          raisedAt: '1970-01-01T00:50:00Z',
          resolvedAt: null,
          summary: 'episode 1',
        },
      ],
    })
  })
})
