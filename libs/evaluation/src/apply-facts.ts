import type { Fact, IgnoredTraffic, ServiceFact } from '@tidemark/model'
import { acknowledge } from './alerting/acknowledgement.ts'
import { applySilence, expireSilence } from './alerting/silences.ts'
import { applyServiceFact } from './cards.ts'
import type { EvaluatorState } from './evaluator-state.ts'
import { followed } from './following.ts'
import type { Plan } from './plan.ts'
import type { ServiceState } from './service-state.ts'

/**
 * Applies the facts that act on the window which ends at `windowEndUs`, in their order, before it is judged. Returns what is ignored of
 * them: facts about services that are not followed.
 */
export const applyFacts = (
  state: EvaluatorState,
  facts: readonly Fact[],
  windowEndUs: number,
): readonly IgnoredTraffic[] => {
  const ignored: IgnoredTraffic[] = []
  for (const fact of facts) {
    switch (fact.type) {
      case 'ConfigurationActivated':
        // It says what is in force, which is settled before.
        break
      case 'SilenceCreated':
        state.silences = applySilence(state.silences, fact, windowEndUs)
        break
      case 'SilenceExpired':
        state.silences = expireSilence(state.silences, fact, windowEndUs)
        break
      default: {
        const service = followed(state, fact.service, windowEndUs)
        if (service === null) ignored.push({ service: fact.service, events: 1 })
        else
          state.services.set(fact.service, withServiceFact(state.plan, service, fact, windowEndUs))
      }
    }
  }
  return ignored
}

const withServiceFact = (
  plan: Plan,
  service: ServiceState,
  fact: ServiceFact,
  windowEndUs: number,
): ServiceState =>
  fact.type === 'AcknowledgementGiven'
    ? { ...service, alerts: acknowledge(service.alerts, fact, windowEndUs) }
    : applyServiceFact(plan, service, fact, windowEndUs - plan.windowUs)
