import { unreachable, type Fact, type IgnoredTraffic, type ServiceFact } from '@tidemark/model'
import type { EvaluatorState } from './evaluator-state.ts'
import { followed } from './following.ts'
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
      case 'SilenceExpired':
        break
      default: {
        const service = followed(state, fact.service, windowEndUs)
        if (service === null) ignored.push({ service: fact.service, events: 1 })
        else state.services.set(fact.service, withServiceFact(service, fact))
      }
    }
  }
  return ignored
}

const withServiceFact = (service: ServiceState, fact: ServiceFact): ServiceState => {
  switch (fact.type) {
    case 'AcknowledgementGiven':
    case 'CostRecorded':
    case 'DeploymentFinished':
    case 'IncidentOpened':
    case 'IncidentClosed':
    case 'GovernanceEvidence':
    case 'BudgetCorrected':
      return service
    default:
      return unreachable(fact)
  }
}
