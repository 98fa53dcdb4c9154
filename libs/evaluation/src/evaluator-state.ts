import {
  closedThrough,
  compareUtf8,
  invariant,
  unreachable,
  type AggregateEvent,
  type FleetAlert,
  type FleetRow,
  type HealthWindowClosed,
  type Id,
  type IgnoredTraffic,
  type InputPosition,
  type InputTopic,
  type RequestWindowClosed,
} from '@tidemark/model'
import { noActivations, type Activations } from './activations.ts'
import {
  noCreatedSilences,
  type ActiveSilences,
  type CreatedSilences,
} from './alerting/silences.ts'
import { fifoOf, push, type Fifo } from './fifo.ts'
import type { PendingFact } from './pending-facts.ts'
import { planCache, type PlanCache } from './plan-cache.ts'
import { planOf, type EvaluatorOptions, type Plan } from './plan.ts'
import type { JudgedWindow, ServiceState } from './service-state.ts'
import type { ServiceWindow } from './signals.ts'
import { advance, isNews, newProgress, type SourceProgress } from './source-progress.ts'

/**
 * What the evaluator of one partition remembers. It is owned by whoever made it and changed in place by `take` and `judge`, for with
 * ten thousand services a copy for each event would cost more than the judgement; what it holds of one service is a value that is
 * replaced.
 */
export type EvaluatorState = {
  readonly options: EvaluatorOptions
  /** Of the configuration that is in force. */
  plan: Plan
  /** Those that were made lately, so that a configuration that comes back need not be prepared again. */
  readonly plans: PlanCache
  activations: Activations
  /** A configuration without which the next window cannot be judged; null: none is missing. */
  awaited: Id | null
  /** That act on windows to come, in the order of their source: as many as it is ahead of the slowest one. */
  readonly facts: Fifo<PendingFact>
  readonly sources: { readonly [T in InputTopic]: SourceProgress }
  /** End of the next window to judge; null before every source has a clock. */
  nextEndUs: number | null
  /** End of the last window that was judged. */
  previousEndUs: number | null
  /** Windows that were skipped because nobody watched, in microseconds. */
  skippedUs: number
  readonly services: Map<string, ServiceState>
  /** Names of `services` in order; null when one came or went. */
  names: readonly string[] | null
  /** Services that the configuration does not name; at most `unregisteredMax`. */
  unregistered: number
  /** Closed windows that are not judged yet, by their end: as many as the fastest source is ahead of the slowest. */
  readonly pending: Map<number, PendingWindow>
  /** Traffic of the horizon that was not judged. */
  ignored: readonly IgnoredWindow[]
  /** Made by facts. */
  silences: CreatedSilences
  /** Silences that held at the end of the last window; null: not known, which is as good. */
  active: ActiveSilences | null
  /** The window that is being judged, between two slices of work. */
  judging: Judging | null
}

export type PendingWindow = {
  readonly rows: Map<string, ServiceWindow>
  /** Events of the services above the aggregator's cap, which nobody can judge. */
  overflowEvents: number
}

export type IgnoredWindow = { readonly endUs: number; readonly rows: readonly IgnoredTraffic[] }

export type Judging = {
  readonly window: JudgedWindow
  readonly sent: ReadonlyMap<string, ServiceWindow>
  readonly names: readonly string[]
  readonly positions: readonly InputPosition[]
  /** What the next service, part of the slice and output are numbered. */
  nextService: number
  nextPart: number
  nextIndex: number
  readonly rows: FleetRow[]
  /** Cut into parts once all services are judged. */
  parts: readonly (readonly FleetRow[])[] | null
  readonly firing: FleetAlert[]
}

/** The evaluator of a partition before the first event. */
export const evaluatorState = (
  options: EvaluatorOptions,
  plan = planOf(options),
): EvaluatorState => ({
  options,
  plan,
  plans: planCache(plan),
  activations: noActivations,
  awaited: null,
  facts: fifoOf<PendingFact>([]),
  sources: { requests: newProgress(), 'health-checks': newProgress(), facts: newProgress() },
  nextEndUs: null,
  previousEndUs: null,
  skippedUs: 0,
  services: new Map(),
  names: null,
  unregistered: 0,
  pending: new Map(),
  ignored: [],
  silences: noCreatedSilences,
  active: null,
  judging: null,
})

/**
 * Takes the next event of the partition's `aggregates`; a repeat changes nothing. An event of another partition, or one that cannot
 * stand where it does, is an InvariantError.
 */
export const take = (state: EvaluatorState, event: AggregateEvent): void => {
  const { plan, sources } = state
  const { topic, partition } = event.cause
  invariant(
    partition === plan.partition,
    `evaluator of partition ${plan.partition}: ${event.type} of ${topic}/${partition}`,
  )
  if (!isNews(sources[topic], event.cause)) return
  switch (event.type) {
    case 'RequestWindowClosed':
      takeRow(state, event, event.total, { requests: requestTally(event) })
      return
    case 'HealthWindowClosed':
      takeRow(state, event, event.passed + event.failed, { checks: checkTally(event) })
      return
    case 'FactApplied':
      push(state.facts, { clockMs: event.clockMs, fact: event.fact })
      return
    case 'PartitionAdvanced':
      advance(sources[topic], event, plan.windowUs, plan.graceUs)
      state.nextEndUs ??= firstWindowEnd(state)
      return
    default:
      return unreachable(event)
  }
}

/** The names of the services that are followed, in order. */
export const sortedNames = (state: EvaluatorState): readonly string[] =>
  (state.names ??= [...state.services.keys()].sort(compareUtf8))

/** End of the newest window that every source has closed. */
export const closedByAll = ({ sources, plan }: EvaluatorState): number => {
  const clocks = Object.values(sources).map(({ clockMs }) => clockMs ?? -Infinity)
  return closedThrough(Math.min(...clocks), plan.windowUs, plan.graceUs)
}

const takeRow = (
  state: EvaluatorState,
  { service, overflow, windowEndUs }: RequestWindowClosed | HealthWindowClosed,
  events: number,
  tally: Pick<ServiceWindow, 'requests'> | Pick<ServiceWindow, 'checks'>,
): void => {
  invariant(
    state.nextEndUs === null || windowEndUs >= state.nextEndUs,
    `window ${windowEndUs} us of ${service}: closed after it was judged`,
  )
  let window = state.pending.get(windowEndUs)
  if (window === undefined) {
    window = { rows: new Map(), overflowEvents: 0 }
    state.pending.set(windowEndUs, window)
  }
  if (overflow) {
    window.overflowEvents += events
    return
  }
  const row = window.rows.get(service) ?? { endUs: windowEndUs, requests: null, checks: null }
  window.rows.set(service, { ...row, ...tally })
}

const requestTally = (event: RequestWindowClosed): ServiceWindow['requests'] => ({
  total: event.total,
  failed: event.failed,
  overRange: event.overRange,
  latencyUsMax: event.latencyUsMax,
  histogram: event.histogram,
  incomplete: event.incomplete,
  input: event.input,
  detail: {
    statuses: event.statuses,
    operations: event.operations
      .filter(({ overflow }) => !overflow)
      .map(({ operation, total, overRange, latencyUsMax, histogram }) => {
        return { operation, total, overRange, latencyUsMax, histogram }
      }),
  },
})

const checkTally = ({
  passed,
  failed,
  incomplete,
  input,
}: HealthWindowClosed): ServiceWindow['checks'] => ({ passed, failed, incomplete, input })

/**
 * End of the newest window that was closed already when the partition's first source began: known when all have begun, and the same in
 * whatever order they did. Nothing of it is judged, but its empty slice says from where on this partition has something to say, also
 * when that is nothing at all: whoever joins the partitions need not wait for it. Null where no window comes before the first.
 */
export const openingEnd = ({ plan, sources }: EvaluatorState): number | null => {
  const clocks = Object.values(sources).map(({ firstClockMs }) => firstClockMs ?? Infinity)
  const endUs = closedThrough(Math.min(...clocks), plan.windowUs, plan.graceUs)
  return endUs > 0 ? endUs : null
}

const firstWindowEnd = (state: EvaluatorState): number | null =>
  Object.values(state.sources).some(({ firstClockMs }) => firstClockMs === null)
    ? null
    : (openingEnd(state) ?? state.plan.windowUs)
