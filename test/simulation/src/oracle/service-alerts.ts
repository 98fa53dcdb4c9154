import type { AcknowledgementGiven, Rule } from '@tidemark/model'
import {
  alertAfter,
  alertIdOf,
  fingerprintOf,
  neverFired,
  type Alert,
  type AlertStep,
  type Episode,
  type Subject,
} from './alerts.ts'
import { worstBurn } from './burns.ts'
import { idOf } from './configurations.ts'
import type { JudgedPlace } from './judged-service.ts'
import type { JudgedWindow } from './judged-windows.ts'
import { markedAfter, type Firing, type Moment } from './marks.ts'
import { alertLabels, areMatched, labelList, serviceLabels, type Labels } from './matching.ts'
import type { Cards } from './service-cards.ts'
import type { Followed, Observed, ObservedObjective } from './service.ts'
import type { FiringAlert } from './slices.ts'
import { verdictOf, type View } from './verdicts.ts'

/** Alerts of a service after a window, by key, and the fields of what is told of them, in order. */
export type ServiceAlerts = {
  readonly alerts: ReadonlyMap<string, Alert>
  readonly told: readonly object[]
  readonly firing: readonly FiringAlert[]
}

/** One window further with every rule that looks at a service: first what is gone ends, then the others, in their order. */
export const alertsOf = (
  before: Followed,
  seen: Observed,
  cards: Cards,
  sends: boolean,
  place: JudgedPlace,
  window: JudgedWindow,
): ServiceAlerts => {
  const { endUs } = window
  const judged = subjectsOf(seen.objectives, place)
  const isThere = (key: string, { of }: Alert): boolean =>
    judged.some((one) => one.key === key && one.rule.kind === of?.rule.kind)
  const gone = [...before.alerts].filter(([key, alert]) => !isThere(key, alert))
  // What is left of a rule that is gone is how often it was raised.
  const counted = gone.map(([key, { episode }]) => [key, { ...neverFired, episode }] as const)
  const earlier = new Map([...before.alerts, ...counted])
  const steps = judged.map((one) =>
    stepOf(one, earlier.get(one.key) ?? neverFired, before, seen, cards, sends, place, window),
  )
  const up = steps.flatMap(firingOf(place))
  const marked = steps.map((step) => toldOf(step, up, place, endUs))
  const ended = gone.map(([, alert]) => alert)
  return {
    alerts: new Map([
      ...marked.map(({ alert }, i) => [judged[i]!.key, alert] as const),
      ...counted.filter(([key]) => judged.every((one) => one.key !== key)),
    ]),
    told: [
      ...endedAlerts(ended, 'rule_removed', up, place, endUs),
      ...marked.flatMap(({ events }) => events),
    ],
    firing: marked.flatMap(({ firing }) => firing),
  }
}

/** A rule and, for rules about objectives, one of these. */
type Judged = {
  /** Alerts go on while it stays. */
  readonly key: string
  readonly rule: Rule
  readonly objective: ObservedObjective | null
}

const subjectsOf = (
  objectives: Observed['objectives'],
  { configuration, service, registered, isExpected }: JudgedPlace,
): readonly Judged[] =>
  configuration.rules
    .filter(({ match }) => areMatched(match, serviceLabels(service, registered)))
    // Of a service that nobody expects, silence says nothing.
    .filter(({ kind }) => kind !== 'absence' || isExpected)
    .flatMap((rule): readonly Judged[] =>
      rule.kind === 'burn-rate' || rule.kind === 'budget'
        ? objectives
            .filter(({ slo }) => rule.slos?.includes(slo.id) ?? true)
            .map((objective) => ({ key: idOf([rule.id, objective.slo.id]), rule, objective }))
        : [{ key: idOf([rule.id, null]), rule, objective: null }],
    )

type Stepped = AlertStep & {
  readonly of: Subject
  readonly before: Episode | null
  readonly fingerprint: string
  readonly evidence: object
}

const stepOf = (
  { rule, objective }: Judged,
  earlier: Alert,
  before: Followed,
  { followed, signals }: Observed,
  cards: Cards,
  sends: boolean,
  place: JudgedPlace,
  { endUs, watchedUs }: JudgedWindow,
): Stepped => {
  const { layout, service, configuration, registered, isExpected } = place
  const slo = objective?.slo.id ?? null
  const fingerprint = fingerprintOf(rule.id, service, slo)
  const alertId = alertIdOf(fingerprint, endUs - layout.windowUs)
  const view: View = {
    ...{ ...followed.shown, signals, ...cards, absentAfterUs: configuration.absentAfterUs },
    silence: isExpected ? { sends, silentUs: followed.silentUs } : null,
    objective: objective && {
      ...{ targetPpm: objective.slo.targetPpm, counts: objective.state.counts },
      burns: rule.kind === 'burn-rate' ? objective.burnsOf(rule.windows) : [],
    },
  }
  const verdict = verdictOf(rule, view, earlier.condition.severity)
  const step = alertAfter(earlier, verdict, rule, { endUs, watchedUs, alertId })
  const of = { rule, slo, registered }
  const severity = step.alert.up?.severity ?? null
  return {
    ...{ told: step.told, alert: { ...step.alert, of }, of, before: earlier.up, fingerprint },
    evidence: evidenceOf(rule, before, view, severity, place),
  }
}

const labelsOf = ({ rule, slo, registered }: Subject, severity: string, service: string): Labels =>
  alertLabels(rule, slo, severity, service, registered)

const firingOf =
  ({ service }: JudgedPlace) =>
  ({ alert: { up }, of, before }: Stepped): readonly Firing[] =>
    up === null ? [] : [{ up, before, labels: labelsOf(of, up.severity, service) }]

const momentOf = (place: JudgedPlace, endUs: number): Moment => ({
  ...place,
  ...{ endUs, windowUs: place.layout.windowUs },
  answers: place.news.filter(
    (fact): fact is AcknowledgementGiven => fact.type === 'AcknowledgementGiven',
  ),
})

/** What is told of one alert, with its marks as they are after the window. */
const toldOf = (
  { alert, told, of, before, fingerprint, evidence }: Stepped,
  others: readonly Firing[],
  place: JudgedPlace,
  endUs: number,
): {
  readonly alert: Alert
  readonly events: readonly object[]
  readonly firing: readonly FiringAlert[]
} => {
  const { rule, slo, registered } = of
  const { service } = place
  const moment = momentOf(place, endUs)
  const common = { rule: rule.id, slo, fingerprint, flapping: alert.flapping }
  const fieldsOf = (type: string, { severity, raisedAtUs, alertId, marks }: Episode) => ({
    ...{ ...common, type, alertId, severity, raisedAtUs, ...marks, episode: alert.episode },
    ...{ labels: labelList(labelsOf(of, severity, service)), evidence },
    runbook: rule.runbook ?? registered?.runbook ?? null,
  })
  if (alert.up === null) {
    if (told?.type !== 'AlertResolved') return { alert, events: [], firing: [] }
    const { reason, episode } = told
    const labels = labelsOf(of, episode.severity, service)
    const { up } = markedAfter({ up: episode, before, labels }, others, moment)
    const resolved = { ...fieldsOf(told.type, up), reason, resolvedAtUs: endUs }
    return { alert, events: [resolved], firing: [] }
  }
  const { alertId } = alert.up
  const own = others.find((other) => other.up.alertId === alertId)!
  const { up, told: more, isChanged } = markedAfter(own, others, moment)
  const first = told ?? (isChanged ? ({ type: 'AlertMarked' } as const) : null)
  const { severity, raisedAtUs, marks } = up
  return {
    alert: { ...alert, up },
    events: [
      ...(first === null ? [] : [{ ...fieldsOf(first.type, up), ...first }]),
      ...more.map((type) => fieldsOf(type, up)),
    ],
    firing: [{ ...common, ...{ service, alertId, severity, raisedAtUs }, ...marks }],
  }
}

/** The last that is told of alerts whose rule, objective or service is gone. `others`: that are up after the window. */
export const endedAlerts = (
  alerts: readonly Alert[],
  reason: string,
  others: readonly Firing[],
  place: JudgedPlace,
  endUs: number,
): readonly object[] =>
  alerts.flatMap(({ up: before, of, episode }) => {
    if (before === null || of === null) return []
    const labels = labelsOf(of, before.severity, place.service)
    const { up } = markedAfter({ up: before, before, labels }, others, momentOf(place, endUs))
    const { alertId, severity, raisedAtUs, marks } = up
    return [
      {
        ...{ type: 'AlertResolved', rule: of.rule.id, slo: of.slo, alertId, severity, raisedAtUs },
        ...{ ...marks, episode, labels: labelList(labels), reason, resolvedAtUs: endUs },
      },
    ]
  })

const evidenceOf = (
  rule: Rule,
  before: Followed,
  { status, signals, objective }: View,
  severity: string | null,
  { configurationId }: JudgedPlace,
): object => {
  const burning = worstBurn(objective?.burns ?? [])
  const { targetPpm, counts } = objective ?? {}
  return {
    ...{ ruleId: idOf(rule), configurationId, status, signals, incomplete: false },
    previousStatus: rule.kind === 'health' ? before.shown.status : status,
    condition:
      rule.kind === 'threshold'
        ? {
            ...{ signal: rule.signal, operator: rule.operator, value: rule.value },
            forUs: rule.forUs,
          }
        : null,
    // Where an alert is held up by what no pair says in this window, which one it names is free.
    ...(burning?.window.severity === severity && {
      burn: { ...burning?.window, targetPpm, long: burning?.long, short: burning?.short },
    }),
    ...(rule.kind !== 'burn-rate' && { burn: null }),
    budget:
      rule.kind === 'budget'
        ? { targetPpm, counts, remainingBelowPpm: rule.remainingBelowPpm }
        : null,
  }
}
