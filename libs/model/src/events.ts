import type { Digest, InputRange } from './digest.ts'
import type { HealthStatus, Severity, Signals } from './health.ts'
import type { Id } from './identity.ts'
import type { SignalName } from './layout.ts'
import type { Ledger, RejectReason } from './ledger.ts'
import type { InputTopic, TopicName } from './topics.ts'

// Times in `...Us` are microseconds since the epoch, in `...Ms` milliseconds. Offsets, counts and times are safe integers. Each type
// has its schema under schemas/ by the same name; a test holds the two together.

/** One request. `operation` is empty where the producer gave none; `id` is a UUID, or null: then repeats are not noticed. */
export type RequestObserved = {
  readonly type: 'RequestObserved'
  readonly id: string | null
  readonly service: string
  readonly operation: string
  readonly atUs: number
  readonly latencyUs: number
  readonly status: number
  readonly success: boolean
}

/**
 * Many requests of one service, in columns of equal length. Event i happened at `baseUs + deltaUs[i]`, in
 * `operations[operation[i]]`, failed if `failures` (ascending indexes) names i; its identity is (batchId, i).
 */
export type RequestBatch = {
  readonly type: 'RequestBatch'
  readonly batchId: string
  readonly service: string
  readonly baseUs: number
  readonly operations: readonly string[]
  readonly deltaUs: readonly number[]
  readonly latencyUs: readonly number[]
  readonly status: readonly number[]
  readonly operation: readonly number[]
  readonly failures: readonly number[]
}

/** One health check. `check` is empty where the producer gave none. */
export type HealthChecked = {
  readonly type: 'HealthChecked'
  readonly id: string | null
  readonly service: string
  readonly check: string
  readonly atUs: number
  readonly passed: boolean
  readonly latencyUs: number | null
  readonly reason: string | null
}

/** A control record without key and content: only its timestamp matters. */
export type Tick = { readonly type: 'Tick' }

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

/** What the aggregator's records are caused by: the `index`-th output of an input record. */
export type InputCause = {
  readonly topic: InputTopic
  readonly partition: number
  readonly offset: number
  readonly index: number
}

/** What the evaluator's and reporter's records are caused by: the `index`-th output of a window. */
export type WindowCause = {
  readonly partition: number
  readonly windowEndUs: number
  readonly index: number
}

export type StatusCount = { readonly status: number; readonly events: number }

/** Counters and latencies of one operation, or of the merge of all. */
export type RequestCounts = {
  readonly total: number
  readonly failed: number
  /** Sorted by status; the sum is `total` (I3). */
  readonly statuses: readonly StatusCount[]
  /** Latencies above the histogram's range: recorded in its last slot and counted here. */
  readonly overRange: number
  /** Exact; null at total 0. */
  readonly latencyUsMax: number | null
  /** Uncompressed HdrHistogram V2; its slots add up to `total` (I3). */
  readonly histogram: Uint8Array
}

export type OperationCounts = RequestCounts & {
  /** Empty: the producer gave none. */
  readonly operation: string
  /** True for the one row that holds the operations above the cap; its name is empty. */
  readonly overflow: boolean
}

/** A service's requests in one window, emitted once when it closes. */
export type RequestWindowClosed = RequestCounts & {
  readonly type: 'RequestWindowClosed'
  readonly cause: InputCause
  readonly id: Id
  readonly service: string
  /** True for the one row that holds the services above the cap; its name is `overflow`. */
  readonly overflow: boolean
  readonly windowStartUs: number
  readonly windowEndUs: number
  /** Sorted by name; their totals add up to `total`. */
  readonly operations: readonly OperationCounts[]
  /** False when the window held more identities than the cap: repeats may then have counted. */
  readonly identityChecked: boolean
  /** True when the log had removed records, before they were read, that may have held events of this window. */
  readonly incomplete: boolean
  readonly input: InputRange
}

export type CheckCounts = {
  /** Empty: the producer gave none. */
  readonly check: string
  readonly overflow: boolean
  readonly passed: number
  readonly failed: number
}

/** A service's health checks in one window, emitted once when it closes. */
export type HealthWindowClosed = {
  readonly type: 'HealthWindowClosed'
  readonly cause: InputCause
  readonly id: Id
  readonly service: string
  readonly overflow: boolean
  readonly windowStartUs: number
  readonly windowEndUs: number
  readonly passed: number
  readonly failed: number
  readonly checks: readonly CheckCounts[]
  readonly identityChecked: boolean
  readonly incomplete: boolean
  readonly input: InputRange
}

export type Stretch = { readonly fromMs: number; readonly toMs: number }
export type LateCount = { readonly service: string; readonly events: number }

/**
 * The clock of an input partition passed the close of a window (or is known for the first time). Written after the windows that the
 * same record closed, before its own events are placed.
 */
export type PartitionAdvanced = {
  readonly type: 'PartitionAdvanced'
  readonly cause: InputCause
  readonly id: Id
  readonly topic: InputTopic
  readonly partition: number
  readonly clockMs: number
  /** Offset of the causing record: the ledger counts everything below it. */
  readonly position: number
  readonly ledger: Ledger
  /** A stretch without any record, longer than one window and three tick intervals; `fromMs` 0: nothing came before. */
  readonly unwatched: Stretch | null
  /** Late events since the last `PartitionAdvanced`, by service, sorted. */
  readonly late: readonly LateCount[]
}

/** An input record, or some of its events, that could not be counted. */
export type RecordRejected = {
  readonly type: 'RecordRejected'
  readonly cause: InputCause
  readonly id: Id
  readonly reason: RejectReason
  readonly detail: string
  /** Which events of the record, by index; empty: the whole record, which counts as one event. */
  readonly indexes: readonly number[]
  readonly timestampMs: number
  /** Key and value as they were, cut at the layout's limit; `bytes` is their true length. */
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly valueBytes: number
}

/** Position of an input partition, as its first `PartitionAdvanced` past a window's close gave it. */
export type InputPosition = {
  readonly topic: InputTopic
  readonly partition: number
  readonly position: number
}

/** Judgement of one service at the end of one window. */
export type ServiceAssessed = FleetRow & {
  readonly type: 'ServiceAssessed'
  readonly cause: WindowCause
  readonly id: Id
  readonly windowStartUs: number
  readonly windowEndUs: number
  /** True when a window of the horizon is incomplete. */
  readonly incomplete: boolean
  readonly inputs: readonly InputRange[]
}

/** Value in parts per million for ratios, microseconds for latencies. */
export type AlertCondition = {
  readonly signal: SignalName
  readonly operator: '>' | '<'
  readonly value: number
  readonly forUs: number
}

export type AlertEvidence = {
  readonly ruleId: Id
  readonly configurationId: Id
  /** Status of the service before and after; for threshold rules both are the current one. */
  readonly previousStatus: HealthStatus
  readonly status: HealthStatus
  /** The horizon's signals with bounds and counts. */
  readonly signals: Signals
  /** True when a window of the horizon is incomplete: the signals rest on what was left of it. */
  readonly incomplete: boolean
  /** Threshold rules only. */
  readonly condition: AlertCondition | null
}

export type AlertFields = {
  readonly cause: WindowCause
  readonly id: Id
  readonly alertId: Id
  readonly fingerprint: Id
  /** Numbered from 1 per fingerprint. */
  readonly episode: number
  readonly rule: string
  readonly service: string
  readonly severity: Severity
  readonly windowStartUs: number
  readonly windowEndUs: number
  /** End of the window that raised it. */
  readonly raisedAtUs: number
  readonly summary: string
  readonly evidence: AlertEvidence
  readonly inputs: readonly InputRange[]
}

export type AlertRaised = AlertFields & { readonly type: 'AlertRaised' }
export type AlertSeverityChanged = AlertFields & {
  readonly type: 'AlertSeverityChanged'
  readonly previousSeverity: Severity
}
export type AlertResolved = AlertFields & {
  readonly type: 'AlertResolved'
  readonly reason: 'recovered' | 'rule_removed' | 'service_removed' | 'flapping_ended'
  readonly resolvedAtUs: number
}
export type AlertEvent = AlertRaised | AlertSeverityChanged | AlertResolved

export type FleetRow = {
  readonly service: string
  readonly status: HealthStatus
  readonly sinceUs: number
  /** The signal that caused the status is absent; the status is held. */
  readonly stale: boolean
  readonly registered: boolean
  readonly team: string | null
  readonly signals: Signals
}

export type FleetAlert = {
  readonly alertId: Id
  readonly fingerprint: Id
  readonly rule: string
  readonly service: string
  readonly severity: Severity
  readonly raisedAtUs: number
  readonly summary: string
}

/** Traffic of services that the configuration says to ignore. */
export type IgnoredTraffic = { readonly service: string; readonly events: number }

/** One evaluator partition at the end of one window, in `parts` of at most 500 rows. */
export type FleetSlice = {
  readonly type: 'FleetSlice'
  readonly cause: WindowCause
  readonly id: Id
  readonly partition: number
  readonly windowStartUs: number
  readonly windowEndUs: number
  /** Window end of this partition's slice before this one; null: the first. Windows between were unwatched. */
  readonly previousWindowEndUs: number | null
  readonly part: number
  readonly parts: number
  /** Sorted by service. */
  readonly rows: readonly FleetRow[]
  /** Part 0 only, here and below: firing alerts, their true number and the 20 most severe newest. */
  readonly alertCount: number
  readonly alerts: readonly FleetAlert[]
  readonly ignored: readonly IgnoredTraffic[]
  readonly positions: readonly InputPosition[]
}

export type StatusSummary = { readonly [S in HealthStatus]: number }

/** The whole platform at the end of one window. */
export type PlatformReported = {
  readonly type: 'PlatformReported'
  readonly cause: WindowCause
  readonly id: Id
  readonly asOfUs: number
  readonly overallHealth: HealthStatus
  readonly serviceCount: number
  readonly summary: StatusSummary
  readonly alertCount: number
  readonly alerts: readonly FleetAlert[]
  readonly alertsOmitted: number
  /** The 1,000 worst, worst first, then by name. */
  readonly services: readonly FleetRow[]
  readonly servicesOmitted: number
  readonly ignored: readonly IgnoredTraffic[]
  readonly positions: readonly InputPosition[]
}

/** The layout, once, as the first record of `catalog`. */
export type LayoutProvisioned = {
  readonly type: 'LayoutProvisioned'
  readonly layoutId: Id
  /** Canonical JSON of the layout. */
  readonly layout: string
}

export type InputEvent = RequestObserved | RequestBatch | HealthChecked | LossAccepted | Tick
export type AggregateEvent = RequestWindowClosed | HealthWindowClosed | PartitionAdvanced
export type DerivedEvent =
  AggregateEvent | RecordRejected | ServiceAssessed | AlertEvent | FleetSlice | PlatformReported
export type TidemarkEvent = InputEvent | DerivedEvent | LayoutProvisioned
export type EventType = TidemarkEvent['type']

/** The topic of each event; a topic takes no others (`Tick` is taken by every input topic). */
export const topicOfEvent = {
  RequestObserved: 'requests',
  RequestBatch: 'requests',
  HealthChecked: 'health-checks',
  LossAccepted: 'facts',
  Tick: 'facts',
  RequestWindowClosed: 'aggregates',
  HealthWindowClosed: 'aggregates',
  PartitionAdvanced: 'aggregates',
  RecordRejected: 'rejected',
  ServiceAssessed: 'assessments',
  AlertRaised: 'alerts',
  AlertSeverityChanged: 'alerts',
  AlertResolved: 'alerts',
  FleetSlice: 'fleet',
  PlatformReported: 'platform-reports',
  LayoutProvisioned: 'catalog',
} as const satisfies { readonly [E in EventType]: TopicName }

/** Record key of an event: derived from it alone. Null for ticks. */
export const keyOfEvent = (event: TidemarkEvent): string | null => {
  switch (event.type) {
    case 'Tick':
      return null
    case 'LossAccepted':
      return `${event.topic}/${event.partition}`
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
    default:
      return event.service
  }
}

export type { Digest }
