import type {
  FactApplied,
  HealthWindowClosed,
  PartitionAdvanced,
  RecordRejected,
  RequestWindowClosed,
} from './aggregates.ts'
import type { AlertEvent } from './alerts.ts'
import type { Fact, LossAccepted } from './facts.ts'
import type { FleetSlice, PlatformReported, ServiceAssessed } from './fleet.ts'
import type { Id } from './identity.ts'
import type { HealthChecked, RequestBatch, RequestObserved, Tick } from './inputs.ts'
import type { TopicName } from './topics.ts'

// Times in `...Us` are microseconds since the epoch, in `...Ms` milliseconds. Offsets, counts and times are safe integers. Each type
// has its schema under schemas/ by the same name; a test holds the two together.

/** The layout, once, as the first record of `catalog`. */
export type LayoutProvisioned = {
  readonly type: 'LayoutProvisioned'
  readonly layoutId: Id
  /** Canonical JSON of the layout. */
  readonly layout: string
}

/** A piece of a configuration in `catalog`, which all its parts together are. */
export type ConfigurationStored = {
  readonly type: 'ConfigurationStored'
  readonly configurationId: Id
  readonly part: number
  readonly parts: number
  /** Of the configuration's canonical JSON. */
  readonly text: string
}

export type InputEvent = RequestObserved | RequestBatch | HealthChecked | Fact | LossAccepted | Tick
export type AggregateEvent =
  RequestWindowClosed | HealthWindowClosed | FactApplied | PartitionAdvanced
export type CatalogEvent = LayoutProvisioned | ConfigurationStored
export type DerivedEvent =
  AggregateEvent | RecordRejected | ServiceAssessed | AlertEvent | FleetSlice | PlatformReported
export type TidemarkEvent = InputEvent | DerivedEvent | CatalogEvent
export type EventType = TidemarkEvent['type']

/** The topic of each event; a topic takes no others (`Tick` is taken by every input topic). */
export const topicOfEvent = {
  RequestObserved: 'requests',
  RequestBatch: 'requests',
  HealthChecked: 'health-checks',
  ConfigurationActivated: 'facts',
  SilenceCreated: 'facts',
  SilenceExpired: 'facts',
  AcknowledgementGiven: 'facts',
  CostRecorded: 'facts',
  DeploymentFinished: 'facts',
  IncidentOpened: 'facts',
  IncidentClosed: 'facts',
  GovernanceEvidence: 'facts',
  BudgetCorrected: 'facts',
  LossAccepted: 'facts',
  Tick: 'facts',
  RequestWindowClosed: 'aggregates',
  HealthWindowClosed: 'aggregates',
  FactApplied: 'aggregates',
  PartitionAdvanced: 'aggregates',
  RecordRejected: 'rejected',
  ServiceAssessed: 'assessments',
  AlertRaised: 'alerts',
  AlertSeverityChanged: 'alerts',
  AlertAcknowledged: 'alerts',
  AlertEscalated: 'alerts',
  AlertMarked: 'alerts',
  AlertResolved: 'alerts',
  FleetSlice: 'fleet',
  PlatformReported: 'platform-reports',
  LayoutProvisioned: 'catalog',
  ConfigurationStored: 'catalog',
} as const satisfies { readonly [E in EventType]: TopicName }

/** Record key of an event: derived from it alone. Null for ticks. */
export const keyOfEvent = (event: TidemarkEvent): string | null => {
  switch (event.type) {
    case 'Tick':
      return null
    case 'LossAccepted':
      return `${event.topic}/${event.partition}`
    case 'ConfigurationActivated':
      return 'configuration'
    case 'SilenceCreated':
      return event.id
    case 'SilenceExpired':
      return event.silenceId
    case 'FactApplied':
      return keyOfEvent(event.fact)
    case 'PartitionAdvanced':
      return event.topic
    case 'RecordRejected':
      return `${event.cause.topic}/${event.cause.partition}/${event.cause.offset}`
    case 'FleetSlice':
      return `${event.partition}`
    case 'PlatformReported':
      return 'platform'
    case 'LayoutProvisioned':
      return 'layout'
    case 'ConfigurationStored':
      return `configuration/${event.configurationId}/${event.part}`
    default:
      return event.service
  }
}
