import type { FleetRow, InputRange, SloBurn } from '@tidemark/model'
import type { AlertDraft } from './alerting/alert-events.ts'
import { stepAlerts } from './alerting/alert-steps.ts'
import { endAlerts } from './alerting/removal.ts'
import { forgottenText, serviceRemovedText } from './alerting/summary.ts'
import type { Assessment } from './assessment.ts'
import { judgeCards } from './cards.ts'
import { isUnderMaintenance, maintenanceAt, type Maintenance } from './maintenance.ts'
import type { Plan } from './plan.ts'
import { withEpisodes } from './scorecard/scorecard.ts'
import { servicePlanOf, type ServicePlan } from './service-plan.ts'
import { withWindow, type JudgedWindow, type ServiceState } from './service-state.ts'
import { inputsOf, isIncomplete, signalsOf, type ServiceWindow } from './signals.ts'
import { newTracker, track, type HealthTracker } from './tracker.ts'

export type Judgement =
  | {
      readonly kind: 'assessed'
      readonly state: ServiceState
      readonly row: FleetRow
      /** A window of the horizon is incomplete. */
      readonly incomplete: boolean
      readonly inputs: readonly InputRange[]
      readonly burns: readonly SloBurn[]
      readonly alerts: readonly AlertDraft[]
    }
  | { readonly kind: 'forgotten'; readonly alerts: readonly AlertDraft[] }

/** Judges a service at the end of a window; `sent` is what it sent in it. */
export const judgeService = (
  plan: Plan,
  before: ServiceState,
  sent: ServiceWindow | null,
  window: JudgedWindow,
): Judgement => {
  const assessment = assess(plan, before, sent, window)
  const farewell = farewellOf(assessment)
  if (farewell !== null) return { kind: 'forgotten', alerts: endAlerts(assessment, farewell) }
  const { state, incomplete, inputs, slos } = assessment
  const { alerts, drafts } = stepAlerts(assessment)
  return {
    kind: 'assessed',
    state: { ...state, alerts, card: withEpisodes(state.card, drafts, window.windowEndUs) },
    row: rowOf(assessment),
    incomplete,
    inputs,
    burns: slos.flatMap(({ burns }) => burns),
    alerts: drafts,
  }
}

const assess = (
  plan: Plan,
  before: ServiceState,
  sent: ServiceWindow | null,
  window: JudgedWindow,
): Assessment => {
  const { windowEndUs } = window
  const service = servicePlanOf(plan, before.service)
  const seen = withWindow(plan, before, sent, window)
  const signals = signalsOf(seen.horizon, plan.configuration, plan.shape)
  const maintenance = maintenanceOf(before, service, window)
  const tracker = isUnderMaintenance(maintenance)
    ? seen.tracker
    : track(trackerBefore(before, windowEndUs), signals, windowEndUs, service.tracking)
  const { state, cards } = judgeCards(plan, { ...seen, tracker, maintenance }, sent, windowEndUs)
  return {
    plan,
    service,
    window,
    state,
    previousStatus: statusOf(before.maintenance, before.tracker),
    status: statusOf(maintenance, tracker),
    maintenance,
    tracker,
    signals,
    silence: service.isExpected ? { sends: sent !== null, silentUs: seen.silentUs } : null,
    ...cards,
    incomplete: isIncomplete(seen.horizon),
    inputs: inputsOf(seen.horizon),
  }
}

const rowOf = (assessment: Assessment): FleetRow => {
  const { state, service, maintenance, tracker, status, signals } = assessment
  const { slos, costs, reliability, governance, standing } = assessment
  return {
    service: state.service,
    status,
    sinceUs: status === 'maintenance' ? maintenance.sinceUs : tracker.sinceUs,
    stale: status !== 'maintenance' && tracker.stale,
    registered: service.registered !== null,
    team: service.registered?.team ?? null,
    tier: service.registered?.tier ?? null,
    signals,
    slos: slos.map((judged) => judged.state),
    costs,
    reliability,
    governance,
    standing,
  }
}

const statusOf = (
  maintenance: Maintenance | null,
  { status }: HealthTracker,
): Assessment['status'] =>
  maintenance !== null && isUnderMaintenance(maintenance) ? 'maintenance' : status

const maintenanceOf = (
  { maintenance }: ServiceState,
  { labels }: ServicePlan,
  { windowEndUs, silences, hasNewSilences, previous }: JudgedWindow,
): Maintenance =>
  maintenance === null || hasNewSilences || previous !== null
    ? maintenanceAt(maintenance, silences.maintenance, labels, windowEndUs)
    : maintenance

/** Behind maintenance nothing is remembered: the first status is that of the window alone. */
const trackerBefore = (
  { maintenance, tracker }: ServiceState,
  windowEndUs: number,
): HealthTracker =>
  maintenance !== null && isUnderMaintenance(maintenance) ? newTracker(windowEndUs) : tracker

/** Why a service is followed no longer, in words; null: it is. */
const farewellOf = ({ plan, service, state, window }: Assessment): string | null => {
  const { configuration } = plan
  const isRemoved = window.previous !== null && configuration.unregistered === 'ignore'
  if (isRemoved && service.registered === null) return serviceRemovedText(state.service)
  const { forgetAfterUs } = configuration
  return !service.isExpected && window.windowEndUs - state.lastSeenUs >= forgetAfterUs
    ? forgottenText(state.service, forgetAfterUs)
    : null
}
