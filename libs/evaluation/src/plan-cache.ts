import type { Id } from '@tidemark/model'
import type { Plan } from './plan.ts'

/** Plans by the id of their configuration; owned by an evaluator. */
export type PlanCache = Map<Id, Plan>

/** One that is in force, one before it, one that waits. */
const plansMax = 3

export const planCache = (plan: Plan): PlanCache => new Map([[plan.configurationId, plan]])

/** The plan in the cache, or the one that `make` gives; null where it gives none. */
export const cachedPlan = (plans: PlanCache, id: Id, make: () => Plan | null): Plan | null => {
  const plan = plans.get(id) ?? make()
  if (plan === null) return null
  // The one that was used last stands last.
  plans.delete(id)
  plans.set(id, plan)
  for (const oldest of plans.keys()) {
    if (plans.size <= plansMax) break
    plans.delete(oldest)
  }
  return plan
}
