import {
  isoOf,
  type AlertEvent,
  type AlertEvidence,
  type AlertMarks,
  type Quantile,
  type Signals,
} from '@tidemark/model'
import {
  complianceText,
  counted,
  countText,
  durationText,
  latencyText,
  multipleText,
  percentText,
  permilleText,
  ppmText,
  spanText,
} from '../format.ts'
import { budgetRemaining, permille } from '../slo/budget.ts'
import type { AlertHistory } from './alert-history.ts'
import { alertJson } from './alert-json.ts'
import { unpainted, type Painter } from './section.ts'
import { markWords, severityTone } from './sections/alerts.ts'
import { silenceJson, type Silence } from './silences.ts'
import { burnOf } from './slo-figures.ts'
import { textTable } from './text-table.ts'

/** An alert and what it names. */
export type AlertStory = {
  readonly history: AlertHistory
  /** Of the ids that ever silenced it, those that are known; others stand in the configuration. */
  readonly silences: readonly Silence[]
  /** The alerts that ever inhibited it, as far as they are known. */
  readonly inhibitors: readonly AlertHistory[]
}

/** As `tidemark alert ID --json` prints it. */
export const storyJson = ({ history, silences, inhibitors }: AlertStory, nowUs: number) => ({
  ...alertJson(history),
  silences: silences.map((silence) => silenceJson(silence, nowUs)),
  inhibitors: inhibitors.map(({ first, latest, resolved }) => ({
    alertId: first.alertId,
    rule: first.rule,
    severity: latest.severity,
    raisedAt: isoOf(first.raisedAtUs),
    resolvedAt: resolved && isoOf(resolved.resolvedAtUs),
    summary: latest.summary,
  })),
})

/** The whole story of one alert, for a terminal. Ends with a line break. */
export const storyText = (story: AlertStory, width = 120, paint: Painter = unpainted): string => {
  const { history } = story
  const lines = [
    ...headLines(history, paint),
    '',
    'What happened',
    ...transitionLines(history, width),
    '',
    ...evidenceLines(history),
    '',
    'Rests on',
    ...inputLines(history, width),
    ...namedLines(story),
  ]
  return `${lines.join('\n')}\n`
}

/** What hid it, was it answered: all ids that its events name. */
export const silencesNamed = ({ events }: AlertHistory): readonly string[] => [
  ...new Set(events.flatMap(({ silencedBy }) => silencedBy)),
]
export const inhibitorsNamed = ({ events }: AlertHistory): readonly string[] => [
  ...new Set(events.flatMap(({ inhibitedBy }) => (inhibitedBy === null ? [] : [inhibitedBy]))),
]

const headLines = (history: AlertHistory, paint: Painter): readonly string[] => {
  const { first, latest, newest, resolved } = history
  const severity = paint(severityTone(newest.severity), newest.severity)
  const state =
    resolved === null
      ? 'firing'
      : `resolved after ${spanText(resolved.resolvedAtUs - first.raisedAtUs)} (${resolved.reason.replaceAll('_', ' ')})`
  const marks = resolved === null ? markWords(newest) : []
  const labels = newest.labels.map(({ name, value }) => `${name}=${JSON.stringify(value)}`)
  return [
    `${severity}  ${latest.summary}`,
    `Alert ${first.alertId}, episode ${first.episode} of ${first.fingerprint}: ${[state, ...marks].join(', ')}`,
    ...(labels.length === 0 ? [] : [`Labels: ${labels.join(', ')}`]),
    ...(newest.runbook === null ? [] : [`Runbook: ${newest.runbook}`]),
  ]
}

const transitionLines = ({ events }: AlertHistory, width: number): readonly string[] =>
  textTable(
    [
      { title: 'AT', text: ({ at }) => at },
      { title: 'EVENT', text: ({ what }) => what },
      { title: 'SEVERITY', text: ({ severity }) => severity },
      { title: 'TOLD', text: ({ told }) => told },
    ],
    events.map((event, at) => ({
      at: isoOf(event.windowEndUs),
      what: eventWords[event.type],
      severity: event.severity,
      told: toldBy(event, events[at - 1]),
    })),
    width,
  )

const eventWords = {
  AlertRaised: 'raised',
  AlertSeverityChanged: 'severity changed',
  AlertAcknowledged: 'acknowledged',
  AlertEscalated: 'escalated',
  AlertMarked: 'marked',
  AlertResolved: 'resolved',
} as const satisfies { readonly [T in AlertEvent['type']]: string }

/** What an event says that the one before did not. */
const toldBy = (event: AlertEvent, before: AlertEvent | undefined): string => {
  const changes = changesOf(event, before)
  switch (event.type) {
    case 'AlertRaised':
    case 'AlertSeverityChanged':
    case 'AlertResolved':
      return [event.summary, ...changes].join('; ')
    case 'AlertAcknowledged':
    case 'AlertEscalated':
    case 'AlertMarked':
      return changes.length === 0 ? 'the same as before' : changes.join('; ')
  }
}

const changesOf = (event: AlertEvent, before: AlertMarks | undefined): readonly string[] => {
  const silenced = event.silencedBy.filter((id) => before?.silencedBy.includes(id) !== true)
  const unsilenced = (before?.silencedBy ?? []).filter((id) => !event.silencedBy.includes(id))
  return [
    ...(event.flapping === (before?.flapping ?? false)
      ? []
      : [event.flapping ? 'flapping: it changes too often to tell each change' : 'flapping ended']),
    ...silenced.map((id) => `silenced by ${id}`),
    ...unsilenced.map((id) => `no longer silenced by ${id}`),
    ...(event.inhibitedBy === (before?.inhibitedBy ?? null)
      ? []
      : [
          event.inhibitedBy === null
            ? 'no longer inhibited'
            : `inhibited by alert ${event.inhibitedBy}`,
        ]),
    ...answerChange(event, before),
    ...(event.escalation > (before?.escalation ?? 0)
      ? [`step ${event.escalation}: nobody had answered`]
      : []),
  ]
}

const answerChange = (event: AlertEvent, before: AlertMarks | undefined): readonly string[] => {
  const given = event.acknowledgement
  const known = before?.acknowledgement ?? null
  if (given === null) return known === null ? [] : ['the answer ended']
  if (known?.atUs === given.atUs && known.untilUs === given.untilUs && known.by === given.by)
    return []
  const until = given.untilUs === null ? '' : ` until ${isoOf(given.untilUs)}`
  const note = given.note === null ? '' : `: ${given.note}`
  return [`answered by ${given.by ?? 'somebody'}${until}${note}`]
}

const evidenceLines = ({ latest }: AlertHistory): readonly string[] => {
  const { evidence, windowStartUs, windowEndUs } = latest
  const { previousStatus, status } = evidence
  return [
    `Evidence of the window ${isoOf(windowStartUs)} to ${isoOf(windowEndUs)}`,
    `  status      ${previousStatus === status ? status : `${previousStatus} -> ${status}`}`,
    ...signalLines(evidence.signals),
    ...conditionLines(evidence),
    ...evidence.reasons.map((reason) => `  because     ${reason}`),
    ...(evidence.incomplete
      ? ['  incomplete  records of this time were lost before they were read']
      : []),
    `  rule        ${evidence.ruleId}`,
    `  in force    configuration ${evidence.configurationId}`,
  ]
}

const signalLines = ({ errorRate, availability, latency }: Signals): readonly string[] => [
  `  error rate  ${errorRate === null ? 'absent' : `${percentText(errorRate.failed, errorRate.total)} (${countText(errorRate.failed)} of ${countText(errorRate.total)})`}`,
  `  checks      ${availability === null ? 'absent' : `${percentText(availability.passed, availability.total)} passed (${countText(availability.passed)} of ${countText(availability.total)})`}`,
  ...(latency === null
    ? ['  latency     absent']
    : (['p50', 'p95', 'p99', 'p999'] as const).map(
        (name) => `  ${name.padEnd(10)}  ${boundsText(latency[name])}`,
      )),
  ...(latency === null
    ? []
    : [`  slowest     ${latencyText(latency.maxUs)} of ${counted(latency.count, 'request')}`]),
]

/** The exact order statistic lies between the bounds. */
const boundsText = ({ valueUs, lowUs, highUs }: Quantile): string =>
  `${latencyText(valueUs)} (${countText(lowUs)} to ${countText(highUs)} us)`

const conditionLines = ({ condition, burn, budget }: AlertEvidence): readonly string[] => [
  ...(condition === null ? [] : [`  fires when  ${conditionText(condition)}`]),
  ...(burn === null
    ? []
    : [
        `  burn        ${burnText(burn.long, burn.targetPpm)} over ${durationText(burn.longUs)} and ${burnText(burn.short, burn.targetPpm)} over ${durationText(burn.shortUs)}, target ${ppmText(burn.targetPpm)}`,
      ]),
  ...(budget === null
    ? []
    : [
        `  budget      ${leftText(budget)} left, below ${ppmText(budget.remainingBelowPpm)}; compliance ${complianceText(budget.counts.valid - budget.counts.bad, Math.max(1, budget.counts.valid))} of ${ppmText(budget.targetPpm)}`,
      ]),
]

const conditionText = ({
  signal,
  operator,
  value,
  forUs,
}: NonNullable<AlertEvidence['condition']>): string => {
  const limit =
    signal === 'error_rate' || signal === 'availability' ? ppmText(value) : latencyText(value)
  return `${signal} ${operator} ${limit}${forUs === 0 ? '' : ` for ${durationText(forUs)}`}`
}

const burnText = (counts: { valid: number; bad: number }, targetPpm: number): string => {
  const burn = burnOf(counts, targetPpm)
  const figures = `${countText(counts.bad)} of ${countText(counts.valid)}`
  return burn === null ? figures : `${multipleText(burn.part, burn.whole)} (${figures})`
}

const leftText = ({ counts, targetPpm }: NonNullable<AlertEvidence['budget']>): string => {
  const remaining = budgetRemaining(counts, targetPpm)
  return remaining === null ? 'nothing known' : permilleText(permille(remaining))
}

const inputLines = ({ latest }: AlertHistory, width: number): readonly string[] =>
  textTable(
    [
      { title: 'TOPIC', text: ({ topic }) => topic },
      { title: 'PARTITION', align: 'right', text: ({ partition }) => `${partition}` },
      { title: 'FIRST', align: 'right', text: ({ firstOffset }) => `${firstOffset}` },
      { title: 'LAST', align: 'right', text: ({ lastOffset }) => `${lastOffset}` },
      { title: 'RECORDS', align: 'right', text: ({ records }) => countText(records) },
      { title: 'EVENTS', align: 'right', text: ({ events }) => countText(events) },
      { title: 'DIGEST', text: ({ digest }) => digest },
    ],
    latest.inputs,
    width,
  )

const namedLines = ({ history, silences, inhibitors }: AlertStory): readonly string[] => {
  const known = new Set(silences.map(({ id }) => id))
  const configured = silencesNamed(history).filter((id) => !known.has(id))
  const lines = [
    ...silences.map(
      ({ id, matchers, by, note, fromUs, toUs }) =>
        `Silence ${id}: ${matchers} from ${isoOf(fromUs)} to ${isoOf(toUs)}, by ${by ?? 'somebody'}${note === null ? '' : `: ${note}`}`,
    ),
    ...configured.map((id) => `Silence ${id}: of the configuration`),
    ...inhibitors.map(
      ({ first, latest }) => `Inhibitor ${first.alertId}: ${first.rule}, ${latest.summary}`,
    ),
  ]
  return lines.length === 0 ? [] : ['', ...lines]
}
