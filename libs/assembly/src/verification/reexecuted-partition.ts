import { aggregatorFold, startingAt } from '@tidemark/aggregation'
import { encodeOutput, inputSchemas } from '@tidemark/codec'
import { judge, lookFor, take, type EvaluatorState } from '@tidemark/evaluation'
import type { Log } from '@tidemark/log'
import {
  isoOf,
  topicOfEvent,
  type AggregateEvent,
  type DerivedEvent,
  type FleetSlice,
  type InputTopic,
  type Layout,
  type Offset,
  type Output,
  type RecordRejected,
} from '@tidemark/model'
import { ConfigurationMissingError } from '../configurations/store-configuration.ts'
import { causeOf, isAfter, type CauseAt } from './cause.ts'
import { ledgerBase, type LedgerBase } from './ledger-base.ts'
import type { PartitionPlan, SourcePlan } from './plan.ts'
import { readOn } from './read-on.ts'
import type { SourceComparer } from './source-comparer.ts'

/** The aggregator and the evaluator of one partition at work again. */
export type ReexecutedPartition = {
  /** Stream time up to which it has come; Infinity when it has read everything. */
  readonly clockMs: () => number
  /** Input records behind it. */
  readonly read: () => number
  readonly isDone: () => boolean
  /** Reads inputs, or works off a slice of what was read, and compares what comes out. */
  readonly step: () => Promise<void>
}

export type PartitionComparers = {
  readonly aggregates: ReadonlyMap<InputTopic, SourceComparer>
  readonly rejected: ReadonlyMap<InputTopic, SourceComparer>
  /** Null where nothing says what the evaluator knew. */
  readonly judgements: {
    readonly alerts: SourceComparer
    readonly assessments: SourceComparer
    readonly fleet: SourceComparer
  } | null
  readonly slice: (slice: FleetSlice) => Promise<void>
}

/** Records or rows that are worked off, or judged, before what came out is compared: so much output is held at a time. */
const unitsPerSlice = 1024

export const reexecutedPartition = (
  log: Log,
  layout: Layout,
  plan: PartitionPlan,
  comparers: PartitionComparers,
  readBytes: number,
): ReexecutedPartition => {
  const { partition } = plan
  const state = plan.judgements?.state ?? null
  const throughUs = plan.judgements?.through[0] ?? 0
  const fold = aggregatorFold({
    ...{ layout, partition, schemas: inputSchemas },
    checkpoint: startingAt(partition, plan.sources),
  })
  const sources = new Map(
    plan.sources.map((source) => [source.topic, reexecutedSource(source, comparers)]),
  )
  let hasWork = false
  let isDone = false
  const ended = new Set<InputTopic>()

  const judged = async ({ event }: Output): Promise<void> => {
    const { judgements } = comparers
    if (judgements === null) return
    const topic = topicOfEvent[event.type]
    if (topic === 'alerts' || topic === 'assessments' || topic === 'fleet')
      await judgements[topic].expect(recordOf(event))
    if (event.type === 'FleetSlice') await comparers.slice(event)
  }

  const judgeAll = async (): Promise<void> => {
    if (state === null) return
    for (let left = 0; left <= 0 || state.awaited !== null;) {
      const outputs: Output[] = []
      left = judge(state, unitsPerSlice, (output) => outputs.push(output))
      for (const output of outputs) await judged(output)
      // What lies behind the range need not be judged.
      if (state.awaited !== null && (state.nextEndUs ?? 0) > throughUs) return
      const fault = await lookFor(state.options, state.awaited)
      if (fault !== null) throw unverifiable(state, fault)
    }
  }

  const aggregated = async (event: AggregateEvent | RecordRejected): Promise<void> => {
    const source = sources.get(event.cause.topic)!
    const exact = await source.expect(event)
    if (exact === null || state === null) return
    take(state, exact)
    await judgeAll()
  }

  /** The slowest source is never held back, so only at the end of all there is none. */
  const nextSource = () =>
    fold
      .sources()
      .find(
        ({ topic, position, held }) =>
          !held && position < sources.get(topic as InputTopic)!.endOffset,
      )

  const feedNext = async (): Promise<void> => {
    const next = nextSource()
    if (next === undefined) {
      isDone = true
      return
    }
    const { position } = next
    const topic = next.topic as InputTopic
    const { endOffset } = sources.get(topic)!
    const batches = await readOn(log, {
      ...{ topic, partition, fromOffset: position, bytesMax: readBytes },
    })
    if (batches.nextOffset >= endOffset) ended.add(topic)
    fold.feed({ ...batches, endOffset: Math.max(batches.nextOffset, endOffset) as Offset })
    hasWork = true
  }

  return {
    clockMs: () =>
      isDone
        ? Infinity
        : Math.min(
            ...[...sources].map(([topic, source]) =>
              ended.has(topic) ? Infinity : source.clockMs(),
            ),
          ),
    isDone: () => isDone,
    read: () =>
      fold.sources().reduce((sum, { topic, position }) => {
        const { position: from } = plan.sources.find((source) => source.topic === topic)!
        return sum + position - from
      }, 0),
    step: async () => {
      if (!hasWork) await feedNext()
      if (!hasWork) return
      const outputs: Output[] = []
      hasWork = fold.work(unitsPerSlice, (output) => outputs.push(output))
      for (const { event } of outputs) await aggregated(event as AggregateEvent | RecordRejected)
    },
  }
}

const unverifiable = (
  { plan, nextEndUs }: EvaluatorState,
  fault: string,
): ConfigurationMissingError => {
  const fromUs = (nextEndUs ?? 0) - plan.windowUs
  return new ConfigurationMissingError(
    `${fault}; it is in force in partition ${plan.partition} from ${isoOf(fromUs)} on, and what was judged by it cannot be verified. Verify what comes before, with "--to ${isoOf(fromUs)}".`,
  )
}

type ReexecutedSource = {
  readonly endOffset: Offset
  readonly clockMs: () => number
  /** Compares an event, if it is exact; returns what the evaluator is to be given. */
  readonly expect: (event: AggregateEvent | RecordRejected) => Promise<AggregateEvent | null>
}

/** What one source emits, from where it is what the inputs say. */
const reexecutedSource = (
  { topic, endOffset, exactFromUs, after }: SourcePlan,
  comparers: PartitionComparers,
): ReexecutedSource => {
  const aggregates = comparers.aggregates.get(topic)!
  const rejected = comparers.rejected.get(topic)!
  const base: LedgerBase | null = exactFromUs === null ? null : ledgerBase()
  let isExact = false
  let clockMs = -1
  const begin = (from: CauseAt): void => {
    isExact = true
    for (const comparer of [aggregates, rejected])
      comparer.begin(isAfter(from, after) ? from : after)
  }
  if (exactFromUs === null) begin(after)
  return {
    endOffset,
    clockMs: () => clockMs,
    expect: async (event) => {
      if (event.type === 'PartitionAdvanced') clockMs = event.clockMs
      if (!isExact) {
        // The record that closes the last doubtful window: what follows from later ones is exact.
        if (event.type === 'PartitionAdvanced' && event.clockMs * 1000 >= exactFromUs!)
          begin([event.cause.offset, Infinity])
        return null
      }
      if (event.type === 'RecordRejected') {
        await rejected.expect(recordOf(event))
        return null
      }
      const { offset, index } = event.cause
      const whole =
        base === null ? event : await base.on(event, () => aggregates.standing([offset, index]))
      await aggregates.expect(recordOf(whole))
      return whole
    },
  }
}

const recordOf = (event: DerivedEvent) => {
  const { key, value } = encodeOutput(event)
  return { key, value, at: causeOf(event)!.at }
}
