import type { EvaluatorState } from './evaluator-state.ts'
import { newService, type ServiceState } from './service-state.ts'

/** One that the configuration has come to ignore with this window is followed no longer, though it has yet to end. */
export const isFollowed = (state: EvaluatorState, service: string): boolean =>
  state.services.has(service) && !isToBeIgnored(state, service)

/**
 * The state of a service of which something has come in a window: one that is followed, or is from now on, as far as configuration and cap
 * allow. Null where it is ignored.
 */
export const followed = (
  state: EvaluatorState,
  service: string,
  windowEndUs: number,
): ServiceState | null => {
  if (isToBeIgnored(state, service)) return null
  const known = state.services.get(service)
  if (known !== undefined) return known
  const { registered, configuration } = state.plan
  const isAdmitted = registered.has(service) || state.unregistered < configuration.unregisteredMax
  return isAdmitted ? follow(state, newService(service, windowEndUs)) : null
}

export const follow = (state: EvaluatorState, service: ServiceState): ServiceState => {
  if (!state.plan.registered.has(service.service)) state.unregistered++
  state.services.set(service.service, service)
  state.names = null
  return service
}

const isToBeIgnored = ({ plan }: EvaluatorState, service: string): boolean =>
  plan.configuration.unregistered === 'ignore' && !plan.registered.has(service)
