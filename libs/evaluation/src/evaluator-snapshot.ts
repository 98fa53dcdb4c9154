import { inputTopics, invariant, type Id, type InputTopic, type Stretch } from '@tidemark/model'
import type { AlertState } from './alerting/episode.ts'
import { restoredSilences, savedSilences, type SavedSilences } from './alerting/silences.ts'
import { byteReader, expectEnd, type ByteReader } from './byte-reader.ts'
import { byteWriter, written } from './byte-writer.ts'
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
import type { ServiceWindow } from './signals.ts'
import { emptyChunk, listOf, putChunk, takeChunk, type Chunk } from './slo/chunk.ts'
import { headOf, ringOf, type RingHead } from './slo/ring-bytes.ts'
import type { RollingCounts } from './slo/rolling-counts.ts'
import type { SloCounter } from './slo/slo-counter.ts'
import type { StepRing } from './slo/step-ring.ts'
import type { Advance, SourceProgress } from './source-progress.ts'

/**
 * The evaluator's state between two records as documents: one with the positions, one for each pending window, the services in 64 shards, and
 * what objectives have counted by steps, which is most of it, in a document for each place of a chunk in its ring. A commit writes only those
 * that changed: of the steps those of the last hour or two. Taking them is cheap and holds on to the values of this moment; with many
 * services writing them is not, and may go on while the evaluator does.
 */
export const snapshotOf = (state: EvaluatorState): readonly DocumentDraft[] => {
  const { nextEndUs, previousEndUs, skippedUs, ignored, activations } = state
  const facts = itemsOf(state.facts)
  const sources = Object.fromEntries(
    inputTopics.map((topic) => [topic, savedSource(state.sources[topic])]),
  )
  const { configurationId } = state.plan
  const shards = shardsOf(state)
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
    ...shards.map(({ name, services }) => ({ name, value: () => services.map(savedService) })),
    ...stepDrafts(shards.flatMap(({ services }) => services)),
  ]
}

/** The state that `snapshotOf` saved, under the same options; the catalog has to give out the configuration that was in force. */
export const restoredState = (options: EvaluatorOptions, documents: Documents): EvaluatorState => {
  const { configurationId, ...head } = documents.get('head') as SavedHead
  const configuration = configurationOf(options, configurationId)
  invariant(configuration !== null, `configuration ${configurationId}: not loaded`)
  const state = evaluatorState(options, planOf(options, configuration))
  restoreHead(state, head)
  const steps = savedSteps(documents)
  for (const name of [...documents.keys()].sort()) {
    const value = documents.get(name)
    if (name === 'facts')
      for (const fact of value as readonly PendingFact[]) push(state.facts, fact)
    else if (name.startsWith('pending.')) restorePending(state, value as SavedPending)
    else if (name.startsWith('services.'))
      restoreServices(state, value as readonly SavedService[], steps)
  }
  for (const column of steps.values()) expectEnd(column)
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
  readonly rows: readonly (readonly [service: string, window: ServiceWindow])[]
}

type SavedService = Omit<ServiceState, 'alerts' | 'slos' | 'card'> & {
  readonly slos: SavedCounters
  readonly card: SavedCard
  readonly alerts: readonly (readonly [key: string, alert: AlertState])[]
}

type SavedCounters = Omit<SloCounters, 'counters'> & { readonly counters: readonly SavedCounter[] }
type SavedCounter = Omit<SloCounter, 'counts'> & {
  readonly counts: { readonly [K in keyof RollingCounts]: RingHead }
}
type SavedCard = Omit<Scorecard, 'checks'> & {
  readonly checks: RingHead & { readonly bytes: Uint8Array }
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
  rows: rows.toSorted(([a], [b]) => (a < b ? -1 : 1)),
})

const savedService = (state: ServiceState): SavedService => ({
  ...state,
  slos: {
    ...state.slos,
    counters: state.slos.counters.map((counter) => ({
      ...counter,
      counts: { minutes: headOf(counter.counts.minutes), hours: headOf(counter.counts.hours) },
    })),
  },
  card: {
    ...state.card,
    checks: { ...headOf(state.card.checks), bytes: chunkBytes(state.card.checks.chunks) },
  },
  alerts: [...state.alerts],
})

const chunkBytes = (chunks: StepRing['chunks']): Uint8Array => {
  const writer = byteWriter()
  for (const chunk of chunks) putChunk(writer, chunk)
  return written(writer)
}

const ringKinds = ['minutes', 'hours'] as const
type RingKind = (typeof ringKinds)[number]

const columnOf = (kind: RingKind, place: number): string =>
  `steps.${kind}.${String(place).padStart(2, '0')}`

/** Of all counters, in the order of the services, the chunks at one place of their rings; none where all of them hold nothing. */
const stepDrafts = (services: readonly ServiceState[]): readonly DocumentDraft[] =>
  ringKinds.flatMap((kind) => {
    const rings = services.flatMap(({ slos }) => slos.counters.map(({ counts }) => counts[kind]))
    const places = rings.reduce((most, { chunks }) => Math.max(most, chunks.length), 0)
    const chunksAt = (place: number): StepRing['chunks'] =>
      rings.flatMap(({ chunks }) => chunks.slice(place, place + 1))
    return Array.from({ length: places }, (_, place) => place)
      .filter((place) => rings.some(({ chunks }) => (chunks[place] ?? emptyChunk) !== emptyChunk))
      .map((place) => ({
        name: columnOf(kind, place),
        value: () => chunkBytes(chunksAt(place)),
      }))
  })

/** By name, each to be read from its beginning, one chunk for each ring that has one at this place. */
type SavedSteps = ReadonlyMap<string, ByteReader>

const savedSteps = (documents: Documents): SavedSteps =>
  new Map(
    [...documents]
      .filter(([name]) => name.startsWith('steps.'))
      .map(([name, bytes]) => [name, byteReader(bytes as Uint8Array)]),
  )

const restoredRing = (steps: SavedSteps, kind: RingKind, head: RingHead): StepRing =>
  ringOf(head, (place) => {
    const column = steps.get(columnOf(kind, place))
    return column === undefined ? emptyChunk : takeChunk(column)
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
  state.pending.set(endUs, { rows: new Map(rows), overflowEvents })
}

const restoreServices = (
  state: EvaluatorState,
  services: readonly SavedService[],
  steps: SavedSteps,
): void => {
  for (const saved of services) {
    const { bytes, ...checks } = saved.card.checks
    const reader = byteReader(bytes)
    state.services.set(saved.service, {
      ...saved,
      slos: {
        ...saved.slos,
        counters: saved.slos.counters.map((counter) => ({
          ...counter,
          counts: {
            minutes: restoredRing(steps, 'minutes', counter.counts.minutes),
            hours: restoredRing(steps, 'hours', counter.counts.hours),
          },
        })),
      },
      card: { ...saved.card, checks: ringOf(checks, () => ownChunk(reader)) },
      alerts: new Map(saved.alerts),
    })
    if (!state.plan.registered.has(saved.service)) state.unregistered++
  }
}

/** Packed, it would hold on to the bytes of all services of its shard. */
const ownChunk = (reader: ByteReader): Chunk => {
  const chunk = takeChunk(reader)
  return chunk === emptyChunk ? chunk : listOf(chunk)
}

const shardCount = 64

type Shard = { readonly name: string; readonly services: readonly ServiceState[] }

/** Sorted by name, and so are the services in each. */
const shardsOf = (state: EvaluatorState): readonly Shard[] => {
  const shards = new Map<string, ServiceState[]>()
  for (const service of sortedNames(state)) {
    const name = `services.${String(shardOf(service)).padStart(2, '0')}`
    const services = shards.get(name) ?? []
    services.push(state.services.get(service) as ServiceState)
    shards.set(name, services)
  }
  return [...shards]
    .map(([name, services]) => ({ name, services }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** FNV-1a of the name's characters. */
const shardOf = (name: string): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return (hash >>> 0) % shardCount
}
