import type { RegisteredService } from '@tidemark/model'
import { serviceLabels, type Labels } from './alerting/labels.ts'
import { alertSubjectsOf, type AlertSubject } from './alerting/rules.ts'
import type { Plan } from './plan.ts'
import { noObjectives, objectivesOf, type Objective } from './slo/objectives.ts'
import type { TrackerSettings } from './tracker.ts'

/** What a configuration says of one service: looked up once, not in every window. */
export type ServicePlan = {
  /** Null: the configuration does not name it. */
  readonly registered: RegisteredService | null
  /** Whether its events belong in this partition, so that its silence is judged here. */
  readonly isExpected: boolean
  readonly labels: Labels
  readonly tracking: TrackerSettings
  /** Only registered services of this partition have any. */
  readonly objectives: readonly Objective[]
  /** What may be told of it, in the order of the configuration. */
  readonly alerts: readonly AlertSubject[]
}

/** Those of the services that a plan was asked for: as many as are followed. */
export type ServicePlans = Map<string, ServicePlan>

export const servicePlanOf = (plan: Plan, service: string): ServicePlan => {
  const known = plan.services.get(service)
  if (known !== undefined) return known
  const made = newServicePlan(plan, service)
  plan.services.set(service, made)
  return made
}

/** For a service that is followed no longer. */
export const forgetServicePlan = (plan: Plan, service: string): void => {
  plan.services.delete(service)
}

const newServicePlan = (plan: Plan, service: string): ServicePlan => {
  const { configuration, rules } = plan
  const { improveAfterWindows, downFailuresMin, staleAfterUs } = configuration
  const registered = plan.registered.get(service) ?? null
  const isExpected = plan.expected.has(service)
  const labels = serviceLabels(service, registered)
  const objectives = isExpected ? objectivesOf(plan.objectives, service) : noObjectives
  const health = registered?.health ?? configuration.health
  return {
    registered,
    isExpected,
    labels,
    tracking: { health, improveAfterWindows, downFailuresMin, staleAfterUs },
    objectives,
    alerts: alertSubjectsOf(
      rules,
      labels,
      objectives.map(({ slo }) => slo.id),
      isExpected,
    ),
  }
}
