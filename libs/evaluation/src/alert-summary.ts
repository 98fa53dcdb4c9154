import { unreachable, type Configuration, type Rule, type Signals } from '@tidemark/model'
import { durationText, latencyText, percentText, ppmText } from './format.ts'
import type { HealthTracker } from './tracker.ts'

/** What a summary tells, besides what happened. */
export type SummaryFacts = {
  readonly service: string
  readonly tracker: HealthTracker
  readonly signals: Signals
  readonly used: { readonly requests: boolean; readonly checks: boolean }
}

/** One line for people: service, status and the numbers. */
export const summaryOf = (
  rule: Rule,
  change: 'raised' | 'severity' | 'resolved',
  facts: SummaryFacts,
  configuration: Configuration,
): string => {
  switch (rule.kind) {
    case 'health':
      return change === 'resolved' ? recoveredText(facts) : healthText(facts)
    case 'threshold':
      return thresholdText(rule, change, facts)
    case 'absence':
      return change === 'resolved'
        ? `${facts.service}: sends again`
        : `${facts.service}: no ${sourcesText(facts)} for ${durationText(configuration.absentAfterUs)}`
    case 'burn-rate':
    case 'budget':
    case 'scorecard':
      return `${facts.service}: ${rule.id}`
    default:
      return unreachable(rule)
  }
}

/** For the alerts of a service that is followed no longer. */
export const forgottenText = (service: string, forgetAfterUs: number): string =>
  `${service}: forgotten, nothing came for ${durationText(forgetAfterUs)}`

const healthText = ({ service, tracker, signals }: SummaryFacts): string => {
  if (tracker.status === 'down')
    return `${service}: service DOWN, ${availabilityText(signals) ?? 'availability absent'}`
  return `${service}: ${requestsText(signals) ?? `${tracker.status}, its signals are absent`}`
}

const recoveredText = ({ service, signals }: SummaryFacts): string => {
  const figures = requestsText(signals) ?? availabilityText(signals)
  return figures === null ? `${service}: recovered` : `${service}: recovered, ${figures}`
}

/** Null while errors and latency are absent. */
const requestsText = ({ errorRate, latency }: Signals): string | null => {
  const figures = [
    ...(errorRate === null ? [] : [`error_rate=${percentText(errorRate.failed, errorRate.total)}`]),
    ...(latency === null ? [] : [`p99=${latencyText(latency.p99.valueUs)}`]),
  ]
  const count = errorRate?.total ?? latency?.count
  return count === undefined ? null : `${figures.join(' ')} (n=${count})`
}

const availabilityText = ({ availability }: Signals): string | null =>
  availability &&
  `availability=${percentText(availability.passed, availability.total)} (n=${availability.total})`

const thresholdText = (
  { signal, operator, value, forUs }: Extract<Rule, { readonly kind: 'threshold' }>,
  change: 'raised' | 'severity' | 'resolved',
  { service, signals: { errorRate, availability, latency } }: SummaryFacts,
): string => {
  const isRatio = signal === 'error_rate' || signal === 'availability'
  const limit = `${operator} ${isRatio ? ppmText(value) : latencyText(value)}`
  const condition =
    change === 'resolved'
      ? `no longer ${limit}`
      : `${limit}${forUs > 0 ? ` for ${durationText(forUs)}` : ''}`
  const figure = (text: string, count: number): string =>
    `${service}: ${signal}=${text} ${condition} (n=${count})`
  if (signal === 'error_rate' && errorRate !== null)
    return figure(percentText(errorRate.failed, errorRate.total), errorRate.total)
  if (signal === 'availability' && availability !== null)
    return figure(percentText(availability.passed, availability.total), availability.total)
  if (!isRatio && latency !== null)
    return figure(latencyText(latency[signal].valueUs), latency.count)
  return `${service}: ${signal} ${condition}`
}

/** What a silent service used to send; both where it never sent anything. */
const sourcesText = ({ used }: SummaryFacts): string => {
  if (used.requests && !used.checks) return 'requests'
  return used.checks && !used.requests ? 'health checks' : 'requests or health checks'
}
