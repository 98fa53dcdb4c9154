import type { FleetRow, InputRange, SloBurn } from '@tidemark/model'
import { endAlerts, stepAlerts, type AlertDraft } from './alert-events.ts'
import { judgeCards } from './cards.ts'
import type { Plan } from './plan.ts'
import { withEpisodes } from './scorecard/scorecard.ts'
import { withWindow, type JudgedWindow, type ServiceState } from './service-state.ts'
import { inputsOf, isIncomplete, signalsOf, type ServiceWindow } from './signals.ts'
import { track } from './tracker.ts'

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
  const { configuration, registered } = plan
  const { service } = before
  const { windowEndUs } = window
  const seen = withWindow(plan, before, sent, window)
  const isExpected = plan.expected.has(service)
  const signals = signalsOf(seen.horizon, configuration, plan.shape)
  const inputs = inputsOf(seen.horizon)
  const incomplete = isIncomplete(seen.horizon)
  const silence = isExpected ? { sends: sent !== null, silentUs: seen.silentUs } : null
  const previousStatus = before.tracker.status
  const view = { plan, window, previousStatus, signals, incomplete, inputs, silence }
  const { previous } = window
  if (previous !== null && configuration.unregistered === 'ignore' && !registered.has(service))
    return { kind: 'forgotten', alerts: endAlerts({ ...view, plan: previous, state: seen }) }
  if (!isExpected && windowEndUs - seen.lastSeenUs >= configuration.forgetAfterUs)
    return { kind: 'forgotten', alerts: endAlerts({ ...view, state: seen }) }
  const tracker = track(seen.tracker, signals, windowEndUs, configuration)
  const {
    state,
    cards: { burns, ...cards },
  } = judgeCards(plan, { ...seen, tracker }, sent, windowEndUs)
  const { alerts, drafts } = stepAlerts({ ...view, state })
  return {
    kind: 'assessed',
    state: { ...state, alerts, card: withEpisodes(state.card, drafts, windowEndUs) },
    row: {
      service,
      status: tracker.status,
      sinceUs: tracker.sinceUs,
      stale: tracker.stale,
      registered: registered.has(service),
      team: registered.get(service)?.team ?? null,
      tier: registered.get(service)?.tier ?? null,
      signals,
      ...cards,
    },
    incomplete,
    inputs,
    burns,
    alerts: drafts,
  }
}
