import { unreachable, type FleetRow, type ServiceFact } from '@tidemark/model'
import type { Plan } from './plan.ts'
import {
  costsOf,
  governanceAt,
  reliabilityAt,
  withChecks,
  withFact,
} from './scorecard/scorecard.ts'
import { standingOf } from './scorecard/standing.ts'
import { servicePlanOf } from './service-plan.ts'
import type { ServiceState } from './service-state.ts'
import type { ServiceWindow } from './signals.ts'
import { judgeSlos, type JudgedSlo } from './slo/judge-slos.ts'
import { arrangeCounters, correctCounters } from './slo/slo-counter.ts'

/** What objectives and scorecards say of a service at a window's end, before its alerts are stepped. */
export type Cards = Pick<FleetRow, 'costs' | 'reliability' | 'governance' | 'standing'> & {
  /** In the order of the configuration. */
  readonly slos: readonly JudgedSlo[]
}

/** Counts a window of a service, whose state has it already, and judges its cards at the window's end. */
export const judgeCards = (
  plan: Plan,
  seen: ServiceState,
  sent: ServiceWindow | null,
  windowEndUs: number,
): { readonly state: ServiceState; readonly cards: Cards } => {
  const startUs = windowEndUs - plan.windowUs
  const before = arranged(plan, seen, startUs)
  const window = { startUs, endUs: windowEndUs }
  const { counters, slos } = judgeSlos(
    servicePlanOf(plan, seen.service).objectives,
    before.slos.counters,
    sent,
    window,
  )
  const card = withChecks(before.card, sent?.checks ?? null, startUs)
  const registered = plan.registered.get(seen.service) ?? null
  const lastSentUs = seen.used.requests || seen.used.checks ? seen.lastSeenUs : null
  const judged = {
    costs: costsOf(card, registered, windowEndUs),
    reliability: reliabilityAt(card, windowEndUs, lastSentUs),
    governance: registered && governanceAt(card, registered, windowEndUs, lastSentUs),
  }
  return {
    state: { ...before, slos: { ...before.slos, counters }, card },
    cards: {
      slos,
      ...judged,
      standing: standingOf({ slos: slos.map((each) => each.state), ...judged }),
    },
  }
}

/** A fact about a service acts from the start of a window on, under the configuration that is in force there; again it changes nothing. */
export const applyServiceFact = (
  plan: Plan,
  state: ServiceState,
  fact: Exclude<ServiceFact, { readonly type: 'AcknowledgementGiven' }>,
  windowStartUs: number,
): ServiceState => {
  switch (fact.type) {
    case 'BudgetCorrected': {
      const before = arranged(plan, state, windowStartUs)
      const counters = correctCounters(before.slos.counters, fact)
      return { ...before, slos: { ...before.slos, counters } }
    }
    case 'CostRecorded':
    case 'DeploymentFinished':
    case 'IncidentOpened':
    case 'IncidentClosed':
    case 'GovernanceEvidence':
      return { ...state, card: withFact(state.card, fact, windowStartUs) }
    default:
      return unreachable(fact)
  }
}

/** With counters for the objectives of the configuration in force, when they are those of another one. */
const arranged = (plan: Plan, state: ServiceState, windowStartUs: number): ServiceState => {
  const { configurationId } = plan
  if (state.slos.configurationId === configurationId) return state
  const { objectives } = servicePlanOf(plan, state.service)
  const counters = arrangeCounters(state.slos.counters, objectives, state.service, windowStartUs)
  return { ...state, slos: { configurationId, counters } }
}
