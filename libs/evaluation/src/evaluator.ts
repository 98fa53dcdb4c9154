import {
  canonicalJson,
  contentId,
  type AggregateEvent,
  type AlertEvent,
  type FleetSlice,
  type Id,
  type Output,
  type ServiceAssessed,
  type SloBurn,
  type WindowCause,
} from '@tidemark/model'
import type { AlertDraft } from './alerting/alert-events.ts'
import { firingAlerts, severestNewest } from './alerting/fleet-alerts.ts'
import { nextDue, openWindow } from './due-window.ts'
import { take, type EvaluatorState, type Judging } from './evaluator-state.ts'
import { alertBytesMax, bytesMaxOf, firstThatFit, grouped } from './event-bytes.ts'
import { mergeIgnored } from './ignored-traffic.ts'
import { judgeService, type Judgement } from './judge-service.ts'
import { forgetServicePlan, servicePlanOf } from './service-plan.ts'
import type { ServiceState } from './service-state.ts'

export type Emit = (output: Output) => void

/** Rows of one part of a slice; fewer where one record would not hold them. */
export const rowsPerPart = 500

/** Takes one event and judges everything that it makes due. */
export const evaluate = (state: EvaluatorState, event: AggregateEvent, emit: Emit): void => {
  take(state, event)
  judge(state, Infinity, emit)
}

/**
 * Judges what is due, in (window end, service) order: about `units` services or rows. Returns the units left over, which are positive
 * only when nothing more is due. Nothing that it emits depends on how the sources' events were interleaved or on how the work was
 * cut.
 */
export const judge = (state: EvaluatorState, units: number, emit: Emit): number => {
  let left = units
  while (left > 0) {
    state.judging ??= openWindow(state)
    const { judging } = state
    if (judging === null) return left
    left -=
      judging.nextService < judging.names.length
        ? judgeNext(state, judging, emit)
        : emitPart(state, judging, emit)
  }
  return left
}

/** Whether `judge` has something to do: between two records it has not. */
export const hasWork = (state: EvaluatorState): boolean =>
  state.judging !== null || nextDue(state) !== null

const forget = (state: EvaluatorState, service: string): void => {
  if (!state.plan.registered.has(service)) state.unregistered--
  state.services.delete(service)
  forgetServicePlan(state.plan, service)
  state.names = null
}

/** One service; one unit. */
const judgeNext = (state: EvaluatorState, judging: Judging, emit: Emit): number => {
  const service = judging.names[judging.nextService++] as string
  const before = state.services.get(service) as ServiceState
  const sent = judging.sent.get(service) ?? null
  const judgement = judgeService(state.plan, before, sent, judging.window)
  for (const draft of judgement.alerts) emitAlert(state, judging, draft, emit)
  if (judgement.kind === 'forgotten') {
    forget(state, service)
    return 1
  }
  state.services.set(service, judgement.state)
  judging.rows.push(judgement.row)
  const subjects = servicePlanOf(state.plan, service).alerts
  judging.firing.push(...firingAlerts(service, subjects, judgement.state.alerts))
  emitAssessed(state, judging, judgement, emit)
  return 1
}

const emitAlert = (
  state: EvaluatorState,
  judging: Judging,
  draft: AlertDraft,
  emit: Emit,
): void => {
  const id = idOf(draft.type, draft.alertId, judging.window.windowEndUs)
  const event: AlertEvent = { ...draft, cause: nextCause(state, judging), id }
  emit({ topic: 'alerts', event })
}

type AssessedService = Extract<Judgement, { readonly kind: 'assessed' }>

const emitAssessed = (
  state: EvaluatorState,
  judging: Judging,
  { row, incomplete, inputs, burns }: AssessedService,
  emit: Emit,
): void => {
  const { windowEndUs } = judging.window
  const { partition, windowUs } = state.plan
  const event: ServiceAssessed = {
    type: 'ServiceAssessed',
    cause: nextCause(state, judging),
    id: idOf('ServiceAssessed', partition, row.service, windowEndUs),
    windowStartUs: windowEndUs - windowUs,
    windowEndUs,
    ...row,
    incomplete,
    inputs,
    burns: allFit(burns) ? burns : firstThatFit(burns, burnBytesMax),
  }
  emit({ topic: 'assessments', event })
}

/** One part of the slice; the last one ends the window. As many units as it has rows. */
const emitPart = (state: EvaluatorState, judging: Judging, emit: Emit): number => {
  const { partition, windowUs } = state.plan
  const { windowEndUs } = judging.window
  const part = judging.nextPart++
  const first = part === 0 ? firstPartOf(state, judging) : onlyRows
  judging.parts ??= grouped(judging.rows, rowsPerPart, bytesMaxOf(first) + bytesBeside)
  const rows = judging.parts[part] ?? []
  const event: FleetSlice = {
    type: 'FleetSlice',
    cause: nextCause(state, judging),
    id: idOf('FleetSlice', partition, windowEndUs, part),
    partition,
    windowStartUs: windowEndUs - windowUs,
    windowEndUs,
    previousWindowEndUs: state.previousEndUs,
    part,
    parts: judging.parts.length,
    rows,
    ...first,
  }
  emit({ topic: 'fleet', event })
  if (part + 1 === judging.parts.length) {
    state.previousEndUs = windowEndUs
    state.nextEndUs = windowEndUs + windowUs
    state.judging = null
  }
  return Math.max(1, rows.length)
}

type BesideRows = Pick<FleetSlice, 'alertCount' | 'alerts' | 'ignored' | 'positions'>

const onlyRows: BesideRows = { alertCount: 0, alerts: [], ignored: [], positions: [] }
/** What the burns of one service may take: two hundred rules may look at fifty objectives over ten pairs of windows each. */
const burnBytesMax = 300_000
/** Numbers and severity of a burn; a bound that is quickly told, since nearly always all of them fit. */
const burnBytesBeside = 150
const allFit = (burns: readonly SloBurn[]): boolean => {
  let bytes = 0
  for (const { slo } of burns) bytes += burnBytesBeside + 3 * slo.length
  return bytes <= burnBytesMax
}
/** For cause, id and numbers of a slice. */
const bytesBeside = 1000

const firstPartOf = (state: EvaluatorState, { firing, positions }: Judging): BesideRows => ({
  alertCount: firing.length,
  alerts: firstThatFit(severestNewest(firing), alertBytesMax),
  ignored: mergeIgnored(state.ignored.flatMap((window) => window.rows)),
  positions,
})

const nextCause = ({ plan }: EvaluatorState, judging: Judging): WindowCause => ({
  partition: plan.partition,
  windowEndUs: judging.window.windowEndUs,
  index: judging.nextIndex++,
})

const idOf = (...what: readonly (string | number)[]): Id => contentId(canonicalJson(what))
