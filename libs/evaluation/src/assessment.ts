import type { HealthStatus, InputRange } from '@tidemark/model'
import type { Observed } from './alerting/verdict.ts'
import type { Cards } from './cards.ts'
import type { Maintenance } from './maintenance.ts'
import type { Plan } from './plan.ts'
import type { ServicePlan } from './service-plan.ts'
import type { JudgedWindow, ServiceState } from './service-state.ts'

/** A service at the end of a window, when its status and its cards are decided and its alerts are not. */
export type Assessment = Observed &
  Cards & {
    readonly plan: Plan
    readonly service: ServicePlan
    readonly window: JudgedWindow
    readonly state: ServiceState
    readonly previousStatus: HealthStatus
    readonly maintenance: Maintenance
    /** A window that the signals rest on is incomplete. */
    readonly incomplete: boolean
    readonly inputs: readonly InputRange[]
  }
