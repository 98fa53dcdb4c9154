import {
  canonicalJson,
  contentId,
  type AcknowledgementGiven,
  type Configuration,
  type Fact,
  type Layout,
  type Matcher,
  type Rule,
} from '@tidemark/model'

// The life of alerts once more, slowly: lists of results, every label matched in every window, by JavaScript's own regular expressions. It
// shares no code with the evaluator's.

/** What a rule says of a window: a severity, `clear`, or null where nothing can be said. */
export type PlainVerdict = string | null

export type PlainAlert = {
  pendingSince: number | null
  /** Severity of the condition while it fires. */
  firing: string | null
  clearSince: number | null
  /** Whether the condition fired, in windows that said something. */
  readonly results: boolean[]
  flapping: boolean
  episodes: number
  up: PlainEpisode | null
}

type PlainEpisode = {
  readonly id: string
  severity: string
  readonly raisedAt: number
  silencedBy: string
  inhibitedBy: string
  answer: { readonly text: string; readonly untilUs: number | null } | null
  escalation: number
  waitedUs: number
  /** After the window before: a step comes next if nobody answers. */
  waits: boolean
}

/** What is the same for all alerts of a service in a window. */
export type PlainMoment = {
  readonly layout: Layout
  readonly service: string
  readonly end: number
  readonly watchedUs: number
  /** That act on this window or on one before. */
  readonly facts: readonly Fact[]
  /** Those of them that act on this one for the first time. */
  readonly news: readonly Fact[]
}

export const newPlainAlert = (): PlainAlert => ({
  ...{ pendingSince: null, firing: null, clearSince: null, results: [], flapping: false },
  ...{ episodes: 0, up: null },
})

export const isMatched = (matchers: readonly Matcher[], labels: Record<string, string>): boolean =>
  matchers.every(({ label, operator, value }) => {
    const text = labels[label] ?? ''
    if (operator === '=' || operator === '!=') return (text === value) === (operator === '=')
    return new RegExp(`^(?:${value})$`, 'su').test(text) === (operator === '=~')
  })

/** Ids of maintenance, or of silences, that hold for these labels at a window's end. */
export const idsHolding = (
  kind: 'silences' | 'maintenance',
  { layout: { configuration }, end, facts }: PlainMoment,
  labels: Record<string, string>,
): readonly string[] => {
  const planned = configuration[kind]
  const isOver = (id: string): boolean =>
    facts.some((fact) => fact.type === 'SilenceExpired' && fact.silenceId === id)
  const made = facts.flatMap((fact) =>
    fact.type === 'SilenceCreated' &&
    fact.maintenance === (kind === 'maintenance') &&
    !isOver(fact.id)
      ? [{ ...fact, matchers: plainMatchers(fact.matchers) }]
      : [],
  )
  return [...planned, ...made]
    .filter(({ fromUs, toUs }) => fromUs <= end && end < toUs)
    .filter(({ matchers }) => isMatched(matchers, labels))
    .map(({ id }) => id)
}

/** Of the one form that tests use: `label="value"` with one of the operators. */
const plainMatchers = (text: string): readonly Matcher[] => {
  const [, label = '', operator = '=', value = ''] = /^(\w+)(=~|!=|!~|=)"(.*)"$/.exec(text) ?? []
  return [{ label, operator: operator as Matcher['operator'], value }]
}

/** One window of one alert, its marks aside: what is told of it, `null`: nothing. */
export const plainTurn = (
  alert: PlainAlert,
  rule: Rule,
  verdict: PlainVerdict,
  { service, end, watchedUs, layout }: PlainMoment,
): string | null => {
  stepCondition(alert, rule, verdict, watchedUs)
  const wasFlapping = alert.flapping
  if (verdict !== null) {
    alert.results.push(alert.firing !== null)
    const share = changeShare(alert.results)
    alert.flapping = wasFlapping ? share >= 0.2 : share > 0.3
  }
  const { firing, up, flapping } = alert
  if (up === null) {
    if (firing === null) return null
    alert.episodes++
    const fingerprint = contentId(canonicalJson([rule.id, service]))
    alert.up = {
      id: contentId(canonicalJson([fingerprint, end - layout.windowUs])),
      ...{ severity: firing, raisedAt: end, silencedBy: '', inhibitedBy: '', answer: null },
      ...{ escalation: 0, waitedUs: 0, waits: false },
    }
    return 'AlertRaised'
  }
  const order = ['page', 'critical', 'warning']
  const isWorse = firing !== null && order.indexOf(firing) < order.indexOf(up.severity)
  if (firing !== null && (flapping ? isWorse : firing !== up.severity)) {
    up.severity = firing
    return 'AlertSeverityChanged'
  }
  if (flapping) return wasFlapping ? null : 'AlertMarked'
  if (firing === null)
    return wasFlapping ? 'AlertResolved flapping_ended' : 'AlertResolved recovered'
  return wasFlapping ? 'AlertMarked' : null
}

const stepCondition = (
  alert: PlainAlert,
  { forUs, keepFiringForUs }: Rule,
  verdict: PlainVerdict,
  watchedUs: number,
): void => {
  if (alert.firing === null) {
    if (verdict === null || verdict === 'clear') alert.pendingSince = null
    else {
      alert.pendingSince ??= watchedUs
      if (watchedUs - alert.pendingSince < forUs) return
      Object.assign(alert, { firing: verdict, pendingSince: null, clearSince: null })
    }
    return
  }
  if (verdict !== 'clear') {
    alert.clearSince = null
    alert.firing = verdict ?? alert.firing
    return
  }
  alert.clearSince ??= watchedUs
  if (watchedUs - alert.clearSince >= keepFiringForUs) alert.firing = null
}

/** Of the last 21 results, which were clear before the first, by weights of 0.8 to 1.2; rounded, since 20 % is no sum of floats. */
const changeShare = (results: readonly boolean[]): number => {
  const last = [...Array<boolean>(21).fill(false), ...results].slice(-21)
  let sum = 0
  for (let at = 1; at < 21; at++) if (last[at] !== last[at - 1]) sum += 0.8 + (0.4 * (at - 1)) / 19
  return Math.round((sum / 20) * 1e9) / 1e9
}

type Turned = { readonly rule: Rule; readonly alert: PlainAlert; readonly turn: string | null }

/** The alerts of a service after their turns, in the order of the rules: marks, and everything that is told, as lines. */
export const plainMarks = (
  turned: readonly Turned[],
  moment: PlainMoment,
  serviceLabels: Record<string, string>,
): readonly string[] => {
  const { layout, service, end } = moment
  const maintenance = idsHolding('maintenance', moment, serviceLabels)
  const labelsOf = ({ rule, alert }: Turned): Record<string, string> => ({
    ...Object.fromEntries(rule.labels.map(({ name, value }) => [name, value])),
    ...serviceLabels,
    ...{ rule: rule.id, alertname: rule.id, severity: alert.up?.severity ?? '' },
  })
  const isOver = ({ turn }: Turned): boolean => turn?.startsWith('AlertResolved') === true
  const firing = turned.filter((each) => each.alert.up !== null && !isOver(each))
  const lines: string[] = []
  for (const each of turned) {
    const { rule, alert, turn } = each
    const { up } = alert
    if (up === null) continue
    const labels = labelsOf(each)
    const silencedBy = [...new Set([...idsHolding('silences', moment, labels), ...maintenance])]
    const hiding = silencedBy.sort().join(' ')
    const inhibitor = firing.find((other) =>
      layout.configuration.inhibition.some(
        ({ source, target }) =>
          isMatched(target, labels) &&
          !isMatched(source, labels) &&
          isMatched(source, labelsOf(other)),
      ),
    )
    const inhibitedBy = inhibitor?.alert.up?.id ?? ''
    const isNews = hiding !== up.silencedBy || inhibitedBy !== up.inhibitedBy
    Object.assign(up, { silencedBy: hiding, inhibitedBy })
    const isAnswered = stepAnswer(up, turn, moment)
    const isEscalated = stepEscalation(up, isOver(each), layout)
    const line = (type: string): string =>
      `${end} ${type} ${rule.id} ${service} ${up.severity} #${alert.episodes} ${up.raisedAt} ${plainMarksText(
        { ...up, flapping: alert.flapping, answer: up.answer?.text ?? '' },
      )}`
    if (turn !== null || isNews) lines.push(line(turn ?? 'AlertMarked'))
    if (isOver(each)) alert.up = null
    else {
      if (isAnswered) lines.push(line('AlertAcknowledged'))
      if (isEscalated) lines.push(line('AlertEscalated'))
    }
  }
  return lines
}

export const plainMarksText = (marks: {
  readonly flapping: boolean
  readonly silencedBy: string
  readonly inhibitedBy: string
  readonly answer: unknown
  readonly escalation: number
}): string =>
  `${marks.flapping ? 'flapping ' : ''}silenced [${marks.silencedBy}] inhibited [${marks.inhibitedBy}] answer [${String(marks.answer)}] step ${marks.escalation}`

/** Whether somebody has answered, or an answer has ended. */
const stepAnswer = (up: PlainEpisode, turn: string | null, { news, end }: PlainMoment): boolean => {
  let isAnswered = false
  for (const { alertId, by, note, untilUs } of news.filter(isAnswer)) {
    const text = `${by} ${note} ${untilUs}`
    const isIdle = untilUs !== null && untilUs <= end
    if (turn === 'AlertRaised' || alertId !== up.id || isIdle || up.answer?.text === text) continue
    up.answer = { text, untilUs }
    isAnswered = true
  }
  const { answer } = up
  const untilUs = answer?.untilUs ?? null
  if (untilUs === null || untilUs > end) return isAnswered
  Object.assign(up, { answer: null, escalation: 0, waitedUs: 0, waits: false })
  return true
}

const isAnswer = (fact: Fact): fact is AcknowledgementGiven => fact.type === 'AcknowledgementGiven'

/** Whether a step is taken. What it has waited since the window before counts by how it stood there. */
const stepEscalation = (up: PlainEpisode, isOver: boolean, layout: Layout): boolean => {
  if (up.waits) up.waitedUs += layout.windowUs
  const next = (): Configuration['escalation'][number] | undefined =>
    up.answer === null && up.silencedBy === '' && up.inhibitedBy === ''
      ? layout.configuration.escalation
          .slice(up.escalation)
          .find(({ severities }) => (severities as readonly string[]).includes(up.severity))
      : undefined
  const step = next()
  const isDue = !isOver && step !== undefined && up.waitedUs >= step.afterUs
  if (isDue) up.escalation = layout.configuration.escalation.indexOf(step) + 1
  up.waits = next() !== undefined
  return isDue
}
