import {
  contentId,
  defaultBurnWindows,
  defaultConfiguration,
  defaultRuleFields,
  noScorecards,
  type CostState,
  type Governance,
  type Operator,
  type Rule,
  type SignalName,
  type SloCounts,
} from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import type { JudgedSlo } from '../slo/judge-slos.ts'
import { signals } from '../testing/signals.ts'
import { newTracker, track } from '../tracker.ts'

import { prepareRules } from './rules.ts'
import { verdictOf, type Observed } from './verdict.ts'

const quiet: Observed = {
  ...{ tracker: newTracker(0), status: 'unknown', signals: signals({}), silence: null, slos: [] },
  costs: [],
  reliability: noScorecards.reliability,
  governance: null,
}

/** `active page`, `clear` or `absent`. */
const said = (rule: Rule, observed: Partial<Observed>, slo: string | null = null): string => {
  const [prepared] = prepareRules({ rules: [rule] })
  const subject = { key: rule.id, prepared: prepared!, slo }
  const verdict = verdictOf(subject, { ...quiet, ...observed }, null, { absentAfterUs: 60 })
  return verdict.kind === 'active' ? `active ${verdict.severity}` : verdict.kind
}

const fields = { ...defaultRuleFields, id: 'rule' }
const threshold = (signal: SignalName, operator: Operator, value: number): Rule => ({
  ...{ ...fields, kind: 'threshold', severity: 'warning' },
  ...{ signal, operator, value },
})

describe('the verdict of a threshold rule', () => {
  it.each([
    ['>', ['clear', 'clear', 'active warning']],
    ['>=', ['clear', 'active warning', 'active warning']],
    ['<', ['active warning', 'clear', 'clear']],
    ['<=', ['active warning', 'active warning', 'clear']],
  ] as const)('compares ratios by %s', (operator, expected) => {
    const errors = (failed: number): string =>
      said(threshold('error_rate', operator, 50_000), {
        signals: signals({ requests: 100, failed }),
      })
    expect([4, 5, 6].map(errors)).toEqual(expected)
    const passed = (count: number): string =>
      said(threshold('availability', operator, 950_000), {
        signals: signals({ checks: 100, passed: count }),
      })
    expect([94, 95, 96].map(passed)).toEqual(expected)
  })

  it('takes a latency to be past its limit when all of its slot is', () => {
    const { latency, ...rest } = signals({ requests: 100 })
    const slot = { lowUs: 100, highUs: 109, valueUs: 109 }
    const observed = { signals: { ...rest, latency: { ...latency!, p999: slot } } }
    const by = (operator: Operator, values: readonly number[]): readonly boolean[] =>
      values.map((value) => said(threshold('p999', operator, value), observed) !== 'clear')
    expect(by('>', [99, 100, 101])).toEqual([true, false, false])
    expect(by('>=', [99, 100, 101])).toEqual([true, true, false])
    expect(by('<', [108, 109, 110])).toEqual([false, false, true])
    expect(by('<=', [108, 109, 110])).toEqual([false, true, true])
  })

  it.each(['error_rate', 'availability', 'p50', 'p95', 'p99', 'p999'] as const)(
    'is absent without %s',
    (signal) => {
      expect(said(threshold(signal, '>', 1), {})).toBe('absent')
      expect(said(threshold(signal, '<', 1), {})).toBe('absent')
    },
  )
})

describe('the verdict of the health rule', () => {
  const rule: Rule = { ...fields, kind: 'health' }
  const of = (figures: Parameters<typeof signals>[0]): string => {
    const tracker = track(newTracker(0), signals(figures), 0, defaultConfiguration)
    return said(rule, { tracker, status: tracker.status, signals: signals(figures) })
  }

  it('follows the status', () => {
    expect(of({ checks: 10 })).toBe('active page')
    expect(of({ requests: 100, failed: 11 })).toBe('active critical')
    expect(of({ requests: 100, failed: 6 })).toBe('active warning')
    expect(of({ requests: 100 })).toBe('clear')
    expect(of({})).toBe('absent')
  })

  it('is absent under maintenance', () => {
    const tracker = track(newTracker(0), signals({ requests: 100 }), 0, defaultConfiguration)
    expect(said(rule, { tracker, status: 'maintenance' })).toBe('absent')
  })
})

describe('the verdict of a burn-rate rule', () => {
  const rule: Rule = { ...fields, kind: 'burn-rate', slos: null, windows: defaultBurnWindows }
  const counts: SloCounts = { valid: 100, bad: 0 }
  const slo = (burning: readonly (boolean | null)[]): JudgedSlo => ({
    objective: {
      slo: {
        ...{ id: 'slo', service: null, targetPpm: 990_000, indicator: { kind: 'uptime' } },
        period: { kind: 'rolling', days: 30 },
      },
      countsOf: () => counts,
      pairs: defaultBurnWindows,
      spans: [],
      limits: null,
    },
    state: {
      ...{ slo: 'slo', objectiveId: contentId('slo'), targetPpm: 990_000 },
      ...{ fromUs: 0, counts, hour: counts, burning: null },
    },
    burns: defaultBurnWindows.map(({ severity, longUs, shortUs }, at) => ({
      ...{ slo: 'slo', severity, longUs, shortUs, long: counts, short: counts },
      isBurning: burning[at] ?? null,
    })),
  })
  const of = (...burning: readonly (boolean | null)[]): string =>
    said(rule, { slos: [slo(burning)] }, 'slo')

  it('has the worst severity that burns', () => {
    expect(of(false, true, true, true)).toBe('active page')
    expect(of(false, false, true, null)).toBe('active warning')
  })

  it('is clear where none burns, and absent where nothing is known', () => {
    expect(of(false, null, null, null)).toBe('clear')
    expect(of(null, null, null, null)).toBe('absent')
    expect(said(rule, { slos: [] }, 'slo')).toBe('absent')
  })

  it('looks at its own pairs of windows only', () => {
    const [, , , last] = defaultBurnWindows
    const own: Rule = { ...rule, windows: [last!] }
    expect(said(own, { slos: [slo([true, true, true, false])] }, 'slo')).toBe('clear')
  })

  it('of a budget compares what is left, exactly', () => {
    const of = (bad: number, remainingBelowPpm: number, targetPpm = 990_000, valid = 10_000) => {
      const budget: Rule = {
        ...{ ...fields, kind: 'budget', severity: 'page', slos: null, remainingBelowPpm },
      }
      const judged = slo([])
      const state = { ...judged.state, targetPpm, counts: { valid, bad } }
      return said(budget, { slos: [{ ...judged, state }] }, 'slo')
    }
    // 100 failures are allowed.
    expect([89, 90, 91].map((bad) => of(bad, 100_000))).toEqual(['clear', 'clear', 'active page'])
    expect([299, 300, 301].map((bad) => of(bad, -2_000_000))).toEqual([
      ...['clear', 'clear', 'active page'],
    ])
    expect(of(5, 100_000, 1_000_000)).toBe('absent')
    expect(of(0, 100_000, 990_000, 0)).toBe('absent')
  })
})

describe('the verdict of a scorecard rule', () => {
  const of = (when: Extract<Rule, { kind: 'scorecard' }>['when'], observed: Partial<Observed>) =>
    said({ ...fields, kind: 'scorecard', severity: 'warning', when }, observed)
  const cost: CostState = {
    ...{ currency: 'EUR', monthStartUs: 0, amountMinor: 100, previousMinor: null, trend: 'stable' },
    ...{ budgetMinor: 100, overBudget: false, forecastMinor: 101, noticePercent: 100 },
  }

  it('compares costs and forecasts with the budget', () => {
    const budget = { card: 'cost', above: 'budget' } as const
    const forecast = { card: 'cost', above: 'forecast' } as const
    expect(of(budget, { costs: [cost] })).toBe('clear')
    expect(of(budget, { costs: [{ ...cost, overBudget: true }] })).toBe('active warning')
    expect(of(forecast, { costs: [cost] })).toBe('active warning')
    expect(of(forecast, { costs: [{ ...cost, forecastMinor: 100 }] })).toBe('clear')
    expect(of(forecast, { costs: [{ ...cost, forecastMinor: null }] })).toBe('absent')
    expect(of(budget, { costs: [{ ...cost, budgetMinor: null }] })).toBe('absent')
    expect(of(budget, {})).toBe('absent')
  })

  it('compares reliability with a score', () => {
    const when = { card: 'reliability', scoreBelow: 70 } as const
    const score = (value: number | null) =>
      of(when, { reliability: { ...noScorecards.reliability, score: value } })
    expect([69, 70, null].map(score)).toEqual(['active warning', 'clear', 'absent'])
  })

  it('compares governance with a status', () => {
    const by = (worseThan: 'compliant' | 'partial', status: Governance['status']) =>
      of({ card: 'governance', worseThan }, { governance: { status, findings: [] } })
    const all = ['compliant', 'partial', 'non_compliant'] as const
    expect(all.map((status) => by('compliant', status))).toEqual([
      ...['clear', 'active warning', 'active warning'],
    ])
    expect(all.map((status) => by('partial', status))).toEqual(['clear', 'clear', 'active warning'])
    expect(of({ card: 'governance', worseThan: 'partial' }, {})).toBe('absent')
  })
})
