import type { GovernanceCheck } from './configuration.ts'
import type { Id } from './identity.ts'
import type { InputTopic } from './topics.ts'

// What is not traffic but counts. Nothing of it is ever edited: a later fact takes the place of an earlier one.

/** What every fact has: its identity, a UUID; when it happened, or was said; and who said it. */
export type FactFields = {
  readonly id: string
  readonly atUs: number
  readonly by: string | null
  readonly note: string | null
}

/** From the later of `effectiveFromUs` and this record on, a configuration of `catalog` is in force. One record in each partition. */
export type ConfigurationActivated = FactFields & {
  readonly type: 'ConfigurationActivated'
  readonly configurationId: Id
  /** Start of an aligned window. */
  readonly effectiveFromUs: number
}

/**
 * Alerts that match are recorded as silenced at window ends of `[fromUs, toUs)`; with `maintenance`, the services that match are under
 * maintenance. One record in each partition; `id` names the silence.
 */
export type SilenceCreated = FactFields & {
  readonly type: 'SilenceCreated'
  /** As Alertmanager writes them. */
  readonly matchers: string
  readonly fromUs: number
  readonly toUs: number
  readonly maintenance: boolean
}

/** A silence ends before its time. One record in each partition. */
export type SilenceExpired = FactFields & {
  readonly type: 'SilenceExpired'
  readonly silenceId: string
}

/** Somebody answers an alert: until it is resolved, or, as a snooze, until `untilUs`. */
export type AcknowledgementGiven = FactFields & {
  readonly type: 'AcknowledgementGiven'
  readonly service: string
  readonly alertId: Id
  readonly untilUs: number | null
}

/** What a service has cost in a calendar month (UTC) so far, up to `throughUs`; a later one takes its place. */
export type CostRecorded = FactFields & {
  readonly type: 'CostRecorded'
  readonly service: string
  readonly monthStartUs: number
  readonly throughUs: number
  /** ISO 4217. */
  readonly currency: string
  /** In minor units of the currency; negative where credits exceed charges. */
  readonly amountMinor: number
}

/** A deployment was finished at `atUs`. */
export type DeploymentFinished = FactFields & {
  readonly type: 'DeploymentFinished'
  readonly service: string
  /** Names it; one that comes again takes the place of the earlier. */
  readonly deployment: string
}

/** An incident began at `atUs`. */
export type IncidentOpened = FactFields & {
  readonly type: 'IncidentOpened'
  readonly service: string
  readonly incident: string
  /** The alert whose episode it is, beside which it is not counted. */
  readonly alertId: Id | null
}

/** An incident ended at `atUs`. */
export type IncidentClosed = FactFields & {
  readonly type: 'IncidentClosed'
  readonly service: string
  readonly incident: string
}

export const evidenceResults = ['passed', 'failed', 'skipped'] as const
export type EvidenceResult = (typeof evidenceResults)[number]

/** What was found at one governance check; counts instead of what the configuration says, until it expires. */
export type GovernanceEvidence = FactFields & {
  readonly type: 'GovernanceEvidence'
  readonly service: string
  readonly check: GovernanceCheck
  readonly result: EvidenceResult
  /** Null: it does not expire. A skip always does. */
  readonly untilUs: number | null
}

/** Takes events out of an objective's counts, or adds some, in the hour that holds `atUs`. */
export type BudgetCorrected = FactFields & {
  readonly type: 'BudgetCorrected'
  readonly service: string
  readonly slo: string
  readonly valid: number
  readonly bad: number
}

/**
 * Somebody has accepted that the aggregator goes on behind records that the log removed before they were read: those of
 * `[fromOffset, toOffset)` of an input partition. A record of the same partition of `facts`; counts as no event.
 */
export type LossAccepted = {
  readonly type: 'LossAccepted'
  readonly topic: InputTopic
  readonly partition: number
  /** The first record that was still wanted. */
  readonly fromOffset: number
  /** The oldest record that was kept. */
  readonly toOffset: number
  readonly by: string | null
  readonly note: string | null
}

/** A fact about one service, keyed by it. */
export type ServiceFact =
  | AcknowledgementGiven
  | CostRecorded
  | DeploymentFinished
  | IncidentOpened
  | IncidentClosed
  | GovernanceEvidence
  | BudgetCorrected

/** A fact that stands in every partition. */
export type ControlFact = ConfigurationActivated | SilenceCreated | SilenceExpired

/** What the evaluator hears of, as `FactApplied`. */
export type Fact = ServiceFact | ControlFact

const serviceFactTypes = {
  AcknowledgementGiven: true,
  CostRecorded: true,
  DeploymentFinished: true,
  IncidentOpened: true,
  IncidentClosed: true,
  GovernanceEvidence: true,
  BudgetCorrected: true,
} as const satisfies { readonly [T in ServiceFact['type']]: true }

const controlFactTypes = {
  ConfigurationActivated: true,
  SilenceCreated: true,
  SilenceExpired: true,
} as const satisfies { readonly [T in ControlFact['type']]: true }

export const factTypes = Object.keys({
  ...serviceFactTypes,
  ...controlFactTypes,
}) as readonly Fact['type'][]

export const isFact = (event: { readonly type: string }): event is Fact =>
  (factTypes as readonly string[]).includes(event.type)

export const isControlFact = (fact: Fact): fact is ControlFact => fact.type in controlFactTypes
