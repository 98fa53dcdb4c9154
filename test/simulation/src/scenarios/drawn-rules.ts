import {
  defaultRuleFields,
  severities,
  type BurnWindow,
  type Rule,
  type Slo,
} from '@tidemark/model'
import type { Draws } from '../faults/random.ts'
import { serviceMatchers } from './drawn-matchers.ts'

const minuteUs = 60_000_000
const hourUs = 60 * minuteUs

export const some = <T>(
  draw: Draws,
  low: number,
  high: number,
  make: (i: number) => T,
): readonly T[] => Array.from({ length: draw.between(low, high) }, (_, i) => make(i))

export const rulesOf = (draw: Draws, slos: readonly Slo[]): readonly Rule[] => [
  { ...defaultRuleFields, kind: 'health', id: 'health' },
  ...some(draw, 3, 8, (i) => ({ ...ruleOf(draw, slos), id: `rule-${i}` })),
]

export const ruleOf = (draw: Draws, slos: readonly Slo[]): Rule => {
  const severity = draw.pick(severities)
  const fields = {
    ...{
      id: '',
      severity,
      summary: null,
      runbook: draw.pick([null, 'https://runbooks.example.org']),
    },
    match: draw.chance(0.3) ? serviceMatchers(draw) : [],
    labels: draw.chance(0.3) ? [{ name: 'area', value: draw.pick(['money', 'text']) }] : [],
    forUs: draw.pick([0, 0, 1, 2]) * minuteUs,
    keepFiringForUs: draw.pick([0, 0, 0, 1, 3]) * minuteUs,
  }
  const named = slos.length === 0 || draw.chance(0.6) ? null : [draw.pick(slos).id]
  switch (
    draw.pick(['threshold', 'threshold', 'absence', 'burn-rate', 'budget', 'scorecard'] as const)
  ) {
    case 'threshold':
      return { ...fields, kind: 'threshold', ...thresholdOf(draw) }
    case 'absence':
      return { ...fields, kind: 'absence' }
    case 'burn-rate': {
      const { severity: _, ...others } = fields
      return {
        ...others,
        kind: 'burn-rate',
        slos: named,
        windows: some(draw, 1, 3, () => pairOf(draw)),
      }
    }
    case 'budget': {
      const remainingBelowPpm = draw.pick([900_000, 500_000, 0, -1_000_000])
      return { ...fields, kind: 'budget', slos: named, remainingBelowPpm }
    }
    case 'scorecard':
      return {
        ...fields,
        kind: 'scorecard',
        when: draw.pick([
          { card: 'cost', above: 'budget' },
          { card: 'cost', above: 'forecast' },
          { card: 'reliability', scoreBelow: 70 },
          { card: 'governance', worseThan: 'compliant' },
          { card: 'governance', worseThan: 'partial' },
        ] as const),
      }
  }
}

const thresholdOf = (draw: Draws) => {
  const operator = draw.pick(['>', '>', '>', '>=', '<', '<='] as const)
  return draw.chance(0.5)
    ? {
        signal: draw.pick(['error_rate', 'availability'] as const),
        ...{ operator, value: draw.pick([0, 50_000, 250_000, 500_000, 950_000, 1_000_000]) },
      }
    : {
        signal: draw.pick(['p50', 'p95', 'p99', 'p999'] as const),
        ...{ operator, value: draw.pick([1000, 40_000, 100_000, 255_999, 500_000]) },
      }
}

/** Of minutes, and of hours that reach over gaps. */
const pairOf = (draw: Draws): BurnWindow => {
  const [longUs, shortUs] = draw.pick([
    [10 * minuteUs, 2 * minuteUs],
    [30 * minuteUs, 5 * minuteUs],
    [6 * hourUs, hourUs],
    [12 * hourUs, hourUs],
    [24 * hourUs, 7 * hourUs],
  ] as const)
  const budgetPpm = draw.pick([1000, 10_000, 100_000])
  return { ...{ longUs, shortUs, budgetPpm }, severity: draw.pick(severities) }
}
