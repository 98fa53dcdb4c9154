import { invariant, unreachable, type Rule, type Severity, type Signals } from '@tidemark/model'
import type { Assessment } from '../assessment.ts'
import { durationText, latencyText, percentText, ppmText } from '../format.ts'
import type { JudgedSlo } from '../slo/judge-slos.ts'
import { cardFigures } from './card-figures.ts'
import type { AlertSubject } from './rules.ts'
import { budgetFigures, burnFigures } from './slo-figures.ts'
import { sloOf } from './verdict.ts'

/** What a rule has measured, for people: absent is null. */
export type Figures = {
  /** `12.4%`, `312ms`. */
  readonly value: string | null
  /** What it is compared with: `> 200ms`. */
  readonly limit: string | null
  /** Events that it rests on. */
  readonly count: number | null
  /** All of it in one line: service, status and the numbers. */
  readonly words: string
}

/** `severity`: of the episode; `isOver`: the words are those of its end. */
export const figuresOf = (
  subject: AlertSubject,
  assessment: Assessment,
  severity: Severity,
  isOver: boolean,
): Figures => {
  const { rule } = subject.prepared
  const { service } = assessment.state
  switch (rule.kind) {
    case 'health':
      return healthFigures(assessment, isOver)
    case 'threshold':
      return thresholdFigures(rule, assessment, isOver)
    case 'absence':
      return absenceFigures(assessment, isOver)
    case 'burn-rate':
      return burnFigures(service, rule, judgedSlo(subject, assessment), severity, isOver)
    case 'budget':
      return budgetFigures(service, rule, judgedSlo(subject, assessment), isOver)
    case 'scorecard':
      return cardFigures(rule.when, assessment, isOver)
    default:
      return unreachable(rule)
  }
}

const judgedSlo = ({ key, slo }: AlertSubject, assessment: Assessment): JudgedSlo => {
  const judged = sloOf(assessment, slo)
  invariant(judged !== null, `alert ${key}: it has figures, but its objective was not judged`)
  return judged
}

const healthFigures = ({ state, status, signals }: Assessment, isOver: boolean): Figures => {
  const { service } = state
  const requests = requestsFigures(signals)
  const checks = checksFigures(signals)
  const known = status === 'down' ? checks : (requests ?? (isOver ? checks : null))
  const text = known && `${known.value} (n=${known.count})`
  const words = isOver
    ? `${service}: recovered${text === null ? '' : `, ${text}`}`
    : status === 'down'
      ? `${service}: service DOWN, ${text ?? 'availability absent'}`
      : `${service}: ${text ?? `${status}, its signals are absent`}`
  return { value: known?.value ?? null, limit: null, count: known?.count ?? null, words }
}

type Known = { readonly value: string; readonly count: number }

/** Null while errors and latency are absent. */
const requestsFigures = ({ errorRate, latency }: Signals): Known | null => {
  const figures = [
    ...(errorRate === null ? [] : [`error_rate=${percentText(errorRate.failed, errorRate.total)}`]),
    ...(latency === null ? [] : [`p99=${latencyText(latency.p99.valueUs)}`]),
  ]
  const count = errorRate?.total ?? latency?.count
  return count === undefined ? null : { value: figures.join(' '), count }
}

const checksFigures = ({ availability }: Signals): Known | null =>
  availability && {
    value: `availability=${percentText(availability.passed, availability.total)}`,
    count: availability.total,
  }

const thresholdFigures = (
  { signal, operator, value, forUs }: Extract<Rule, { readonly kind: 'threshold' }>,
  { state, signals: { errorRate, availability, latency } }: Assessment,
  isOver: boolean,
): Figures => {
  const isRatio = signal === 'error_rate' || signal === 'availability'
  const limit = `${operator} ${isRatio ? ppmText(value) : latencyText(value)}`
  const lasting = forUs > 0 ? ` for ${durationText(forUs)}` : ''
  const condition = isOver ? `no longer ${limit}` : `${limit}${lasting}`
  const measured = (text: string, count: number): Figures => ({
    value: text,
    limit,
    count,
    words: `${state.service}: ${signal}=${text} ${condition} (n=${count})`,
  })
  if (signal === 'error_rate' && errorRate !== null)
    return measured(percentText(errorRate.failed, errorRate.total), errorRate.total)
  if (signal === 'availability' && availability !== null)
    return measured(percentText(availability.passed, availability.total), availability.total)
  if (!isRatio && latency !== null)
    return measured(latencyText(latency[signal].valueUs), latency.count)
  const words = `${state.service}: ${signal} ${condition}`
  return { value: null, limit, count: null, words }
}

const absenceFigures = (
  { state, silence, plan: { configuration } }: Assessment,
  isOver: boolean,
): Figures => {
  const { service, used } = state
  const limit = durationText(configuration.absentAfterUs)
  // Both where it never sent anything.
  const sources =
    used.requests === used.checks
      ? 'requests or health checks'
      : used.requests
        ? 'requests'
        : 'health checks'
  return {
    value: silence && durationText(silence.silentUs),
    limit,
    count: null,
    words: isOver ? `${service}: sends again` : `${service}: no ${sources} for ${limit}`,
  }
}
