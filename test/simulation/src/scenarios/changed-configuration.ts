import type { Configuration, Rule, Slo } from '@tidemark/model'
import type { Draws } from '../faults/random.ts'
import { configurationOf } from './drawn-configuration.ts'
import { serviceMatchers } from './drawn-matchers.ts'
import { targets } from './drawn-objectives.ts'
import { ruleOf, rulesOf } from './drawn-rules.ts'
import type { Stretch } from './timeline.ts'

const minuteUs = 60_000_000

/** The next version of a configuration: a few things are another way. */
export const changedConfiguration = (
  before: Configuration,
  draw: Draws,
  stretches: readonly Stretch[],
): Configuration => {
  const other = configurationOf(draw, stretches)
  const take = <K extends keyof Configuration>(name: K, probability: number) =>
    draw.chance(probability) ? { [name]: other[name] } : {}
  const slos = draw.chance(0.5) ? before.slos.flatMap((slo) => changedSlo(slo, draw)) : before.slos
  const kept = draw.chance(0.2) ? other.slos : slos
  return {
    ...before,
    ...take('services', 0.5),
    ...take('unregistered', 0.2),
    ...take('unregisteredMax', 0.2),
    ...take('silences', 0.3),
    ...take('maintenance', 0.3),
    ...take('inhibition', 0.3),
    ...take('escalation', 0.3),
    ...take('requestsMin', 0.2),
    ...take('absentAfterUs', 0.2),
    ...take('health', 0.2),
    slos: kept,
    rules: draw.chance(0.2)
      ? rulesOf(draw, kept)
      : before.rules.flatMap((rule) => changedRule(rule, draw, kept)),
  }
}

const changedSlo = (slo: Slo, draw: Draws): readonly Slo[] => {
  const { indicator } = slo
  if (draw.chance(0.2)) return []
  if (draw.chance(0.3)) return [{ ...slo, targetPpm: draw.pick(targets) }]
  return 'thresholdUs' in indicator && draw.chance(0.3)
    ? [{ ...slo, indicator: { ...indicator, thresholdUs: indicator.thresholdUs * 2 } }]
    : [slo]
}

const changedRule = (rule: Rule, draw: Draws, slos: readonly Slo[]): readonly Rule[] => {
  if (draw.chance(0.15)) return []
  if (draw.chance(0.1)) return [{ ...ruleOf(draw, slos), id: rule.id }]
  if (draw.chance(0.15)) return [{ ...rule, forUs: draw.between(0, 3) * minuteUs }]
  return draw.chance(0.1) ? [{ ...rule, match: serviceMatchers(draw) }] : [rule]
}
