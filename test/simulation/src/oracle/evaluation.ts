import type { Layout } from '@tidemark/model'
import type { ClosedRow } from './aggregates.ts'
import { alertAfter, alertIdOf, fingerprintOf, neverFired, type Alert } from './alerts.ts'
import { healthAfter, newHealth, type Health } from './health.ts'
import { judgedWindows, type JudgedWindow, type PartitionSources } from './judged-windows.ts'
import { byText, sum } from './lists.ts'
import { partitionOf } from './partition-of.ts'
import { inputsOf, signalsOf } from './signals.ts'
import { severestNewest, type FiringAlert, type ServiceRow, type Slice } from './slices.ts'

/** What the evaluator must make of one partition: the fields of its events by topic, in order. */
export type EvaluationOracle = {
  readonly assessments: readonly object[]
  readonly alerts: readonly object[]
  readonly slices: readonly Slice[]
}

type Followed = {
  readonly horizon: readonly ClosedRow[]
  readonly used: ReadonlySet<ClosedRow['type']>
  readonly lastSeenUs: number
  readonly silentUs: number
  readonly health: Health
  readonly alerts: ReadonlyMap<string, Alert>
}

type Ignored = { readonly endUs: number; readonly service: string; readonly events: number }

export const evaluationOracle = (
  layout: Layout,
  partition: number,
  sources: PartitionSources,
): EvaluationOracle => {
  const { configuration, partitions } = layout
  const named = configuration.services.map(({ service }) => service)
  const expected = named.filter((service) => partitionOf(service, partitions) === partition)
  const followed = new Map<string, Followed>()
  const ignored: Ignored[] = []
  const assessments: object[] = []
  const alerts: object[] = []
  const slices: Slice[] = []
  for (const window of judgedWindows(layout, sources)) {
    const { endUs, rows } = window
    const rowsOf = (service: string): readonly ClosedRow[] =>
      rows.filter((row) => row.service === service && !row.overflow)
    const follow = (service: string): void => {
      const nothing = { horizon: [], used: new Set<never>(), silentUs: 0, alerts: new Map() }
      followed.set(service, { ...nothing, lastSeenUs: endUs, health: newHealth(endUs) })
    }
    const ignore = (service: string, of: readonly ClosedRow[]): void => {
      if (of.length > 0)
        ignored.push({ endUs, service, events: sum(of.map(({ placed }) => placed.length)) })
    }
    if (!window.isOpening)
      for (const service of expected) if (!followed.has(service)) follow(service)
    for (const row of rows) if (row.overflow) ignore('overflow', [row])
    const senders = rows.filter(({ overflow }) => !overflow).map(({ service }) => service)
    for (const service of [...new Set(senders)].sort(byText)) {
      if (followed.has(service)) continue
      const unnamed = [...followed.keys()].filter((other) => !named.includes(other))
      const hasRoom =
        configuration.unregistered === 'register' && unnamed.length < configuration.unregisteredMax
      if (named.includes(service) || hasRoom) follow(service)
      else ignore(service, rowsOf(service))
    }
    const serviceRows: ServiceRow[] = []
    const firing: FiringAlert[] = []
    for (const service of [...followed.keys()].sort(byText)) {
      const place = { layout, partition, service, isExpected: expected.includes(service) }
      const judged = judge(place, followed.get(service)!, rowsOf(service), window)
      alerts.push(...judged.told)
      if (judged.after === null) {
        followed.delete(service)
        continue
      }
      followed.set(service, judged.after)
      serviceRows.push(judged.row)
      firing.push(...firingOf(service, judged.after, layout))
      const span = { windowStartUs: endUs - layout.windowUs, windowEndUs: endUs }
      assessments.push({ type: 'ServiceAssessed', ...span, ...judged.row, inputs: judged.inputs })
    }
    const recent = ignored.filter((one) => one.endUs > endUs - configuration.horizonUs)
    slices.push({
      ...{ partition, windowEndUs: endUs, previousWindowEndUs: slices.at(-1)?.windowEndUs ?? null },
      ...{ rows: serviceRows, alertCount: firing.length, alerts: severestNewest(firing) },
      ignored: recent.map(({ service, events }) => ({ service, events })),
      positions: (['requests', 'health-checks', 'facts'] as const).map((topic, i) => ({
        ...{ topic, partition, position: window.positions[i]! },
      })),
    })
  }
  return { assessments, alerts, slices }
}

type Place = {
  readonly layout: Layout
  readonly partition: number
  readonly service: string
  readonly isExpected: boolean
}

type Judgement = {
  readonly told: readonly object[]
  readonly row: ServiceRow
  readonly inputs: readonly object[]
  /** Null: it is followed no longer. */
  readonly after: Followed | null
}

const judge = (
  { layout, partition, service, isExpected }: Place,
  before: Followed,
  sent: readonly ClosedRow[],
  { endUs, watchedUs, watched }: JudgedWindow,
): Judgement => {
  const { configuration, windowUs } = layout
  const used = new Set([...before.used, ...sent.map(({ type }) => type)])
  const needed =
    used.size > 0 ? [...used] : (['RequestWindowClosed', 'HealthWindowClosed'] as const)
  const isSilence = needed.every((type) => watched[type])
  const horizon = [...before.horizon, ...sent].filter(
    ({ windowEndUs }) => windowEndUs > endUs - configuration.horizonUs,
  )
  const silentUs = sent.length > 0 ? 0 : before.silentUs + (isSilence ? windowUs : 0)
  const lastSeenUs = sent.length > 0 ? endUs : before.lastSeenUs
  const signals = signalsOf(horizon, layout)
  const inputs = inputsOf(horizon, partition)
  const health = healthAfter(before.health, signals, endUs, configuration)
  const { status, sinceUs, stale } = health
  const alerts = new Map<string, Alert>()
  const told: object[] = []
  const tell = (type: string, rule: string, alert: Alert, more: object): void => {
    const fingerprint = fingerprintOf(rule, service)
    told.push({
      ...{ type, rule, service, fingerprint, severity: alert.severity, episode: alert.episode },
      alertId: alertIdOf(fingerprint, alert.raisedAtUs - windowUs),
      ...{ windowEndUs: endUs, raisedAtUs: alert.raisedAtUs, inputs, ...more },
    })
  }
  const isForgotten = !isExpected && endUs - lastSeenUs >= configuration.forgetAfterUs
  for (const rule of configuration.rules) {
    const earlier = before.alerts.get(rule.id) ?? neverFired
    if (isForgotten) {
      const ended = { reason: 'service_removed', resolvedAtUs: endUs }
      if (earlier.severity !== null) tell('AlertResolved', rule.id, earlier, ended)
      continue
    }
    const silence = isExpected ? { sends: sent.length > 0, silentUs } : null
    const view = { status, stale, signals, silence }
    const step = alertAfter(earlier, rule, view, { endUs, watchedUs }, configuration)
    alerts.set(rule.id, step.alert)
    const previousStatus = rule.kind === 'health' ? before.health.status : status
    const evidence = { previousStatus, status, signals }
    if (step.told === 'AlertRaised') tell(step.told, rule.id, step.alert, { evidence })
    else if (step.told === 'AlertSeverityChanged')
      tell(step.told, rule.id, step.alert, { evidence, previousSeverity: earlier.severity })
    else if (step.told === 'AlertResolved')
      tell(step.told, rule.id, earlier, { evidence, reason: 'recovered', resolvedAtUs: endUs })
  }
  const registered = configuration.services.find((one) => one.service === service)
  return {
    ...{ told, inputs },
    row: {
      ...{ service, status, sinceUs, stale, signals },
      ...{ registered: registered !== undefined, team: registered?.team ?? null },
    },
    after: isForgotten ? null : { horizon, used, lastSeenUs, silentUs, health, alerts },
  }
}

const firingOf = (service: string, { alerts }: Followed, { windowUs }: Layout) =>
  [...alerts].flatMap(([rule, { severity, raisedAtUs }]): readonly FiringAlert[] => {
    if (severity === null) return []
    const fingerprint = fingerprintOf(rule, service)
    const alertId = alertIdOf(fingerprint, raisedAtUs - windowUs)
    return [{ rule, service, severity, raisedAtUs, fingerprint, alertId }]
  })
