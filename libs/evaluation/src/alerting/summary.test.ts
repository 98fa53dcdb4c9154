import { defaultRuleFields, type Configuration, type Fact, type Rule } from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import { alertsIn, inWindow, registered, runWindows } from '../testing/alert-run.ts'
import type { SteadyWindow } from '../testing/steady.ts'

const fields = { ...defaultRuleFields, id: 'rule' }
const services = [
  registered('api', { budget: { currency: 'EUR', amountMinor: 300_000 }, runbook: 'https://r' }),
]
const summaries = (
  rule: Rule,
  windows: readonly SteadyWindow[],
  facts: readonly Fact[] = [],
  changes: Partial<Configuration> = {},
): readonly string[] =>
  alertsIn(
    runWindows(
      { rules: [rule], services, inhibition: [], escalation: [], ...changes },
      windows,
      facts.map((fact) => ({ timestampMs: inWindow(0), fact })),
    ),
  ).map((event) => event.summary)

const well: SteadyWindow = { api: { requests: 100, checks: 10 } }
const bad: SteadyWindow = { api: { requests: 100, failed: 20, checks: 10 } }

describe('the summary of a burn-rate rule', () => {
  const windows = [{ severity: 'page', longUs: 120_000_000, shortUs: 60_000_000, budgetPpm: 20 }]
  const rule = { ...fields, kind: 'burn-rate', slos: ['availability'], windows } as Rule

  it('tells both speeds, the limit and the counts, when it begins and when it ends', () => {
    const outputs = summaries(rule, [bad, ...Array<SteadyWindow>(20).fill(well)])
    expect(outputs).toEqual([
      'api: availability burns 40.0x over 2m and 40.0x over 1m, limit 0.002% of the budget in 2m (target 99.5%, 20 of 100 bad)',
      'api: availability no longer burns too fast, 3.3x over 2m and 0.0x over 1m, limit 0.002% of the budget in 2m (target 99.5%, 20 of 1200 bad)',
    ])
  })

  it('is of the evidence', () => {
    const [raised] = alertsIn(runWindows({ rules: [rule], services }, [bad]))
    expect(raised).toMatchObject({ slo: 'availability', runbook: 'https://r', severity: 'page' })
    expect(raised?.evidence.burn).toEqual({
      ...windows[0],
      targetPpm: 995_000,
      long: { valid: 100, bad: 20 },
      short: { valid: 100, bad: 20 },
    })
  })
})

describe('the summary of a budget rule', () => {
  const rule: Rule = {
    ...{ ...fields, kind: 'budget', severity: 'warning', slos: ['availability'] },
    remainingBelowPpm: 100_000,
  }

  it('tells what is left, also where it is overdrawn', () => {
    expect(summaries(rule, [bad, ...Array<SteadyWindow>(60).fill(well)])).toEqual([
      'api: availability has -3900.0% of its error budget left, under 10% (target 99.5%, 20 of 100 bad)',
      'api: availability has 11.1% of its error budget left, no longer under 10% (target 99.5%, 20 of 4500 bad)',
    ])
  })
})

describe('the summary of a scorecard rule', () => {
  const base = { atUs: 0, by: null, note: null, service: 'api' }
  const cost = (n: number, amountMinor: number): Fact => ({
    ...{ ...base, type: 'CostRecorded', id: `${n}`, monthStartUs: 1_698_796_800_000_000 },
    ...{ throughUs: 1_700_092_800_000_000, currency: 'EUR', amountMinor },
  })

  it('tells the cost and its budget', () => {
    const when = { card: 'cost', above: 'budget' } as const
    const rule: Rule = { ...fields, kind: 'scorecard', severity: 'warning', when }
    const text = 'api: cost 3,500.00 EUR for 2023-11 above its budget of 3,000.00 EUR'
    expect(summaries(rule, [well, well], [cost(1, 350_000)])).toEqual([text])
    const [alert] = alertsIn(
      runWindows(
        { rules: [rule], services },
        [well, well],
        [{ timestampMs: inWindow(0), fact: cost(1, 350_000) }],
      ),
    )
    expect(alert?.evidence.reasons).toEqual([
      '2023-11: 3,500.00 EUR of 3,000.00 EUR, forecast 7,000.00 EUR, stable',
    ])
  })

  it('tells the forecast and its budget', () => {
    const when = { card: 'cost', above: 'forecast' } as const
    const rule: Rule = { ...fields, kind: 'scorecard', severity: 'warning', when }
    expect(summaries(rule, [well, well], [cost(1, 160_000)])).toEqual([
      'api: forecast 3,200.00 EUR for 2023-11 above its budget of 3,000.00 EUR',
    ])
  })

  it('tells the parts of the reliability score', () => {
    const when = { card: 'reliability', scoreBelow: 101 } as const
    const rule: Rule = { ...fields, kind: 'scorecard', severity: 'warning', when }
    expect(summaries(rule, [well])).toEqual([
      'api: reliability 100: uptime 40/40, MTTR not applicable, incidents 20/20, changes not applicable, under 101',
    ])
  })

  it('tells what governance lacks', () => {
    const when = { card: 'governance', worseThan: 'partial' } as const
    const rule: Rule = { ...fields, kind: 'scorecard', severity: 'warning', when }
    const [summary] = summaries(rule, [well])
    expect(summary).toContain('api: governance non-compliant: api missing owner')
  })
})
