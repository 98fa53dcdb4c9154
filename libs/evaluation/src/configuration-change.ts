import type { Id } from '@tidemark/model'
import { inForce, type Activations } from './activations.ts'
import type { EvaluatorState } from './evaluator-state.ts'
import { withActivated, type PendingFact } from './pending-facts.ts'
import { cachedPlan } from './plan-cache.ts'
import { configurationOf, planOf, type Plan } from './plan.ts'

/** What is in force for a window, or which configuration is missing to know. */
export type Governing =
  | { readonly kind: 'known'; readonly plan: Plan; readonly activations: Activations }
  | { readonly kind: 'missing'; readonly configurationId: Id }

/** Of the window that starts then, on which these facts act. Changes nothing but what was prepared. */
export const governing = (
  state: EvaluatorState,
  facts: readonly PendingFact[],
  windowStartUs: number,
): Governing => {
  const { options, plans } = state
  const activations = withActivated(state.activations, facts, options.layout)
  const { configurationId, rest } = inForce(activations, windowStartUs)
  if (configurationId === null || configurationId === state.plan.configurationId)
    return { kind: 'known', plan: state.plan, activations: rest }
  const plan = cachedPlan(plans, configurationId, () => {
    const configuration = configurationOf(options, configurationId)
    return configuration && planOf(options, configuration)
  })
  return plan === null
    ? { kind: 'missing', configurationId }
    : { kind: 'known', plan, activations: rest }
}

/** Goes by another plan from the next window on. Returns the one before; null where it is the same. */
export const changePlan = (state: EvaluatorState, plan: Plan): Plan | null => {
  const before = state.plan
  if (before === plan) return null
  state.plan = plan
  state.unregistered = 0
  for (const service of state.services.keys())
    if (!plan.registered.has(service)) state.unregistered++
  return before
}
