import { inputTopics, invariant, type Id, type InputTopic, type Stretch } from '@tidemark/model'
import type { AlertState } from './alerting/episode.ts'
import { restoredSilences, savedSilences, type SavedSilences } from './alerting/silences.ts'
import { base64Of, bytesOfBase64 } from './base64.ts'
import type { DocumentDraft, Documents } from './documents.ts'
import {
  evaluatorState,
  sortedNames,
  type EvaluatorState,
  type IgnoredWindow,
} from './evaluator-state.ts'
import { fifoOf, itemsOf, push } from './fifo.ts'
import type { PendingFact } from './pending-facts.ts'
import { configurationOf, planOf, type EvaluatorOptions } from './plan.ts'
import type { Scorecard } from './scorecard/scorecard.ts'
import type { ServiceState, SloCounters } from './service-state.ts'
import type { OperationTally, RequestDetail, RequestTally, ServiceWindow } from './signals.ts'
import { countsOfText, ringOfText, textOfCounts, textOfRing } from './slo/counts-text.ts'
import type { SloCounter } from './slo/slo-counter.ts'
import type { Advance, SourceProgress } from './source-progress.ts'

/**
 * The evaluator's state between two records as documents: one with the positions, one for each pending window, and the services in 64
 * shards, so that a commit writes only those that changed. Taking them is cheap and holds on to the values of this moment; with many
 * services writing them is not, and may go on while the evaluator does.
 */
export const snapshotOf = (state: EvaluatorState): readonly DocumentDraft[] => {
  const { nextEndUs, previousEndUs, skippedUs, ignored, activations } = state
  const facts = itemsOf(state.facts)
  const sources = Object.fromEntries(
    inputTopics.map((topic) => [topic, savedSource(state.sources[topic])]),
  )
  const { configurationId } = state.plan
  const head = {
    ...{ nextEndUs, previousEndUs, skippedUs, ignored, sources },
    ...{ configurationId, activations, silences: savedSilences(state.silences) },
  }
  return [
    { name: 'head', value: () => head },
    ...(facts.length === 0 ? [] : [{ name: 'facts', value: () => facts }]),
    ...[...state.pending].map(([endUs, { rows, overflowEvents }]) => {
      const taken = [...rows]
      const value = (): SavedPending => savedPending(endUs, taken, overflowEvents)
      return { name: `pending.${endUs}`, value }
    }),
    ...[...shardsOf(state)].map(([shard, services]) => ({
      name: `services.${shard}`,
      value: () => services.map(savedService),
    })),
  ]
}

/** The state that `snapshotOf` saved, under the same options; the catalog has to give out the configuration that was in force. */
export const restoredState = (options: EvaluatorOptions, documents: Documents): EvaluatorState => {
  const { configurationId, ...head } = documents.get('head') as SavedHead
  const configuration = configurationOf(options, configurationId)
  invariant(configuration !== null, `configuration ${configurationId}: not loaded`)
  const state = evaluatorState(options, planOf(options, configuration))
  restoreHead(state, head)
  for (const [name, value] of documents) {
    if (name === 'head') continue
    if (name === 'facts')
      for (const fact of value as readonly PendingFact[]) push(state.facts, fact)
    else if (name.startsWith('pending.')) restorePending(state, value as SavedPending)
    else restoreServices(state, value as readonly SavedService[])
  }
  return state
}

type SavedHead = Pick<
  EvaluatorState,
  'nextEndUs' | 'previousEndUs' | 'skippedUs' | 'activations'
> & {
  readonly configurationId: Id
  readonly ignored: readonly IgnoredWindow[]
  readonly sources: { readonly [T in InputTopic]: SavedSource }
  readonly silences: SavedSilences
}

type SavedSource = Omit<SourceProgress, 'advances' | 'stretches'> & {
  readonly advances: readonly Advance[]
  readonly stretches: readonly Stretch[]
}

type SavedPending = {
  readonly endUs: number
  readonly overflowEvents: number
  readonly rows: readonly (readonly [service: string, window: SavedWindow])[]
}

type SavedService = Omit<ServiceState, 'horizon' | 'alerts' | 'slos' | 'card'> & {
  readonly slos: SavedCounters
  readonly card: SavedCard
  readonly horizon: readonly SavedWindow[]
  readonly alerts: readonly (readonly [key: string, alert: AlertState])[]
}

type SavedCounters = Omit<SloCounters, 'counters'> & {
  readonly counters: readonly (Omit<SloCounter, 'counts'> & { readonly counts: string })[]
}
type SavedCard = Omit<Scorecard, 'checks'> & { readonly checks: string }

type SavedWindow = Omit<ServiceWindow, 'requests'> & { readonly requests: SavedTally | null }
type SavedTally = Omit<RequestTally, 'histogram' | 'detail'> & {
  readonly histogram: string
  readonly detail: SavedDetail | null
}
type SavedDetail = Omit<RequestDetail, 'operations'> & {
  readonly operations: readonly (Omit<OperationTally, 'histogram'> & {
    readonly histogram: string
  })[]
}

const savedSource = (source: SourceProgress): SavedSource => ({
  ...source,
  advances: itemsOf(source.advances),
  stretches: itemsOf(source.stretches),
})

// The order of a map is the order of arrival; sorted, equal states have equal bytes.
const savedPending = (
  endUs: number,
  rows: readonly (readonly [service: string, window: ServiceWindow])[],
  overflowEvents: number,
): SavedPending => ({
  endUs,
  overflowEvents,
  rows: rows
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([service, window]) => [service, savedWindow(window)]),
})

const savedService = (state: ServiceState): SavedService => ({
  ...state,
  slos: {
    ...state.slos,
    counters: state.slos.counters.map((counter) => ({
      ...counter,
      counts: textOfCounts(counter.counts),
    })),
  },
  card: { ...state.card, checks: textOfRing(state.card.checks) },
  horizon: state.horizon.map(savedWindow),
  alerts: [...state.alerts],
})

const savedWindow = (window: ServiceWindow): SavedWindow => ({
  ...window,
  requests: window.requests && {
    ...window.requests,
    histogram: base64Of(window.requests.histogram),
    detail: window.requests.detail && {
      ...window.requests.detail,
      operations: window.requests.detail.operations.map((operation) => ({
        ...operation,
        histogram: base64Of(operation.histogram),
      })),
    },
  },
})

const restoredWindow = (window: SavedWindow): ServiceWindow => ({
  ...window,
  requests: window.requests && {
    ...window.requests,
    histogram: bytesOfBase64(window.requests.histogram),
    detail: window.requests.detail && {
      ...window.requests.detail,
      operations: window.requests.detail.operations.map((operation) => ({
        ...operation,
        histogram: bytesOfBase64(operation.histogram),
      })),
    },
  },
})

const restoreHead = (
  state: EvaluatorState,
  { sources, silences, ...head }: Omit<SavedHead, 'configurationId'>,
): void => {
  Object.assign(state, head, { silences: restoredSilences(silences) })
  for (const topic of inputTopics) {
    const { advances, stretches, ...progress } = sources[topic]
    Object.assign(state.sources[topic], progress, {
      advances: fifoOf(advances),
      stretches: fifoOf(stretches),
    })
  }
}

const restorePending = (
  state: EvaluatorState,
  { endUs, rows, overflowEvents }: SavedPending,
): void => {
  const windows = rows.map(([service, window]) => [service, restoredWindow(window)] as const)
  state.pending.set(endUs, { rows: new Map(windows), overflowEvents })
}

const restoreServices = (state: EvaluatorState, services: readonly SavedService[]): void => {
  for (const saved of services) {
    state.services.set(saved.service, {
      ...saved,
      slos: {
        ...saved.slos,
        counters: saved.slos.counters.map((counter) => ({
          ...counter,
          counts: countsOfText(counter.counts),
        })),
      },
      card: { ...saved.card, checks: ringOfText(saved.card.checks) },
      horizon: saved.horizon.map(restoredWindow),
      alerts: new Map(saved.alerts),
    })
    if (!state.plan.registered.has(saved.service)) state.unregistered++
  }
}

const shardCount = 64

const shardsOf = (state: EvaluatorState): ReadonlyMap<string, readonly ServiceState[]> => {
  const shards = new Map<string, ServiceState[]>()
  for (const name of sortedNames(state)) {
    const shard = String(shardOf(name)).padStart(2, '0')
    const services = shards.get(shard) ?? []
    services.push(state.services.get(name) as ServiceState)
    shards.set(shard, services)
  }
  return shards
}

/** FNV-1a of the name's characters. */
const shardOf = (name: string): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return (hash >>> 0) % shardCount
}
