import { effectiveThresholdUs } from '@tidemark/histogram'
import { sloKey } from '@tidemark/evaluation'
import type { Configuration } from '@tidemark/model'
import { isLatency } from '../quantity/condition.ts'
import { healthTables } from './signal-findings.ts'

/** What a threshold of latency comes to in the histogram: the slot that holds it counts as at or under. */
export type EffectiveThreshold = {
  readonly path: readonly string[]
  readonly writtenUs: number
  readonly effectiveUs: number
}

export const effectiveThresholds = (
  configuration: Configuration,
  highestUs: number,
): readonly EffectiveThreshold[] => {
  const written: (readonly [path: readonly string[], us: number])[] = [
    ...configuration.slos.flatMap((slo) =>
      'thresholdUs' in slo.indicator
        ? [[['slos', sloKey(slo), 'threshold'], slo.indicator.thresholdUs] as const]
        : [],
    ),
    ...configuration.rules.flatMap((rule) =>
      rule.kind === 'threshold' && isLatency(rule.signal)
        ? [[['rules', rule.id, 'when'], rule.value] as const]
        : [],
    ),
    ...healthTables(configuration).flatMap(([path, { degraded, critical }]) => [
      [[...path, 'degraded', 'p99'], degraded.p99AboveUs] as const,
      [[...path, 'critical', 'p99'], critical.p99AboveUs] as const,
    ]),
  ]
  return written
    .filter(([, us]) => us >= 0 && us <= highestUs)
    .map(([path, writtenUs]) => ({
      ...{ path, writtenUs, effectiveUs: effectiveThresholdUs(writtenUs) },
    }))
}
