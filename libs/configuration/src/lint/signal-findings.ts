import { effectiveThresholdUs, slotLowUsOf } from '@tidemark/histogram'
import type { Configuration, HealthThresholds, HistogramShape, Rule } from '@tidemark/model'
import { isLatency, signalConditionText, type SignalCondition } from '../quantity/condition.ts'
import { durationTextOf } from '../quantity/duration.ts'
import { ratioText } from '../quantity/ratio.ts'
import { error, errorIf, warningIf, type Finding } from './finding.ts'

type ThresholdRule = Extract<Rule, { readonly kind: 'threshold' }>

/** Threshold rules whose condition is always or never true. */
export const conditionFindings = (
  rules: readonly Rule[],
  shape: HistogramShape,
): readonly Finding[] =>
  rules.flatMap((rule) => {
    if (rule.kind !== 'threshold') return []
    const message = conditionFault(rule, shape)
    return message === null ? [] : [error(['rules', rule.id, 'when'], message)]
  })

const conditionFault = (rule: ThresholdRule, shape: HistogramShape): string | null => {
  const text = signalConditionText(rule)
  if (isLatency(rule.signal)) {
    if (rule.value > shape.highestUs || rule.value < shape.lowestUs)
      return `${text}: outside the range of the histogram, ${durationTextOf(shape.lowestUs)} to ${durationTextOf(shape.highestUs)}`
    const highestLowUs = slotLowUsOf(shape.highestUs)
    return sense(rule, text, [0, highestLowUs], 'latencies')
  }
  return sense(rule, text, [0, 1_000_000], 'ratios')
}

/** What a condition comes to on values of `min` to `max`. */
const sense = (
  { operator, value }: SignalCondition,
  text: string,
  [min, max]: readonly [min: number, max: number],
  what: 'latencies' | 'ratios',
): string | null => {
  const holds = (signal: number): boolean => {
    switch (operator) {
      case '>':
        return signal > value
      case '>=':
        return signal >= value
      case '<':
        return signal < value
      case '<=':
        return signal <= value
    }
  }
  const show = what === 'ratios' ? ratioText : durationTextOf
  const range = `it is within ${show(min)} and ${show(max)}`
  if (!holds(min) && !holds(max)) return `${text} can never be true: ${range}`
  // The last slot is open above, so no latency is surely below.
  const isOpen = what === 'latencies' && (operator === '<' || operator === '<=')
  return holds(min) && holds(max) && !isOpen ? `${text} is always true: ${range}` : null
}

/** Every table of thresholds, that of all services first. */
export const healthTables = ({
  health,
  services,
}: Configuration): readonly (readonly [path: readonly string[], health: HealthThresholds])[] => [
  [['thresholds'], health],
  ...services.flatMap((service) =>
    service.health === null
      ? []
      : [[['services', service.service, 'thresholds'], service.health] as const],
  ),
]

/** Thresholds of health that nothing reaches, that are left before they are entered, or that stand in another's way. */
export const healthFindings = (
  configuration: Configuration,
  { highestUs }: HistogramShape,
): readonly Finding[] =>
  healthTables(configuration).flatMap(([path, { degraded, critical, down }]) => [
    ...Object.entries({ degraded, critical }).flatMap(([status, thresholds]) => {
      const { errorRateAbovePpm, errorRateExitPpm, p99AboveUs, p99ExitUs } = thresholds
      const at = [...path, status]
      return [
        ...errorIf(
          p99AboveUs > highestUs || effectiveThresholdUs(p99AboveUs) >= highestUs,
          [...at, 'p99'],
          `${durationTextOf(p99AboveUs)}: outside the range of the histogram, up to ${durationTextOf(highestUs)}, so nothing is above it`,
        ),
        ...warningIf(
          errorRateAbovePpm >= 1_000_000,
          [...at, 'errorRate'],
          `no error rate is above ${ratioText(errorRateAbovePpm)}: no service is ever ${status} by it`,
        ),
        ...errorIf(
          errorRateExitPpm > errorRateAbovePpm,
          [...at, 'exit', 'errorRate'],
          `${status} is left below ${ratioText(errorRateExitPpm)}, which is past where it is entered, above ${ratioText(errorRateAbovePpm)}`,
        ),
        ...errorIf(
          p99ExitUs > p99AboveUs,
          [...at, 'exit', 'p99'],
          `${status} is left below ${durationTextOf(p99ExitUs)}, which is past where it is entered, above ${durationTextOf(p99AboveUs)}`,
        ),
      ]
    }),
    ...errorIf(
      down.availabilityExitPpm < down.availabilityBelowPpm,
      [...path, 'down', 'exit', 'availability'],
      `down is left at ${ratioText(down.availabilityExitPpm)}, which is past where it is entered, below ${ratioText(down.availabilityBelowPpm)}`,
    ),
    ...warningIf(
      down.availabilityBelowPpm <= 0,
      [...path, 'down', 'availability'],
      'no availability is below 0%: no service is ever down',
    ),
    ...warningIf(
      critical.errorRateAbovePpm < degraded.errorRateAbovePpm,
      [...path, 'critical', 'errorRate'],
      `critical above ${ratioText(critical.errorRateAbovePpm)} comes before degraded above ${ratioText(degraded.errorRateAbovePpm)}`,
    ),
    ...warningIf(
      critical.p99AboveUs < degraded.p99AboveUs,
      [...path, 'critical', 'p99'],
      `critical above ${durationTextOf(critical.p99AboveUs)} comes before degraded above ${durationTextOf(degraded.p99AboveUs)}`,
    ),
  ])
