import { PositionError, type Log } from '@tidemark/log'
import { type DerivedTopic, type InputTopic, type Layout } from '@tidemark/model'
import { isInputGap } from '../gaps.ts'
import { partitionSource } from './cause.ts'
import { emittedTopics } from './emitted-topics.ts'
import { readBytesAll, recentMax, share } from './memory-bounds.ts'
import {
  planVerification,
  type Stretch,
  type VerificationPlan,
  type VerificationRange,
} from './plan.ts'
import { reexecutedPartition, type ReexecutedPartition } from './reexecuted-partition.ts'
import { reexecutedReports } from './reexecuted-reports.ts'
import { sourceComparer, type SourceComparer } from './source-comparer.ts'
import { topicTally, type TopicFindings } from './tally.ts'
import { comparedTopics } from './topic-digest.ts'
import type { Unchecked } from './unchecked.ts'

export type Verification = {
  readonly outcome: 'equal' | 'different' | 'stopped'
  /** Input records that were read again. */
  readonly inputs: number
  readonly topics: readonly TopicFindings[]
  readonly unchecked: readonly Unchecked[]
}

export type VerificationOptions = VerificationRange & {
  readonly signal: AbortSignal
  /** Input records that were read again, of how many. Called after every slice of work. */
  readonly observe?: (done: number, total: number) => void
}

/**
 * Re-executes a log from its inputs and compares what comes out with what was emitted, byte for byte (I12). Writes nothing and joins no group:
 * the processors may be at work meanwhile.
 */
export const verifyLog = async (
  log: Log,
  layout: Layout,
  options: VerificationOptions,
): Promise<Verification> => {
  try {
    return await verifyAll(log, layout, options)
  } catch (error) {
    throw error instanceof PositionError && isInputGap(error) ? overtaken(error) : error
  }
}

const overtaken = (error: PositionError): PositionError =>
  new PositionError(
    error,
    'Retention has removed them while they were verified, so nothing is concluded. Verify again: it begins at the oldest inputs that are kept then, or with "--from TIME" at some that stay for longer.',
  )

const verifyAll = async (
  log: Log,
  layout: Layout,
  options: VerificationOptions,
): Promise<Verification> => {
  const plan = await planVerification(log, layout, options)
  const tallies = new Map(comparedTopics.map((topic) => [topic, topicTally(topic)]))
  const comparers: SourceComparer[] = []
  const emitted = emittedTopics(log, layout, plan, tallies)
  const count = plan.partitions.length
  const comparerOf = (
    topic: DerivedTopic,
    partition: number,
    source: string,
    stretch: Stretch,
  ): SourceComparer => {
    const comparer = sourceComparer(emitted(topic, partition, source), tallies.get(topic)!, {
      ...{ partition, source, ...stretch },
      isCompacted: topic === 'assessments',
      recentMax: recentMax(count),
    })
    comparers.push(comparer)
    return comparer
  }
  const reports =
    plan.reports &&
    reexecutedReports(
      layout,
      plan.reports,
      comparerOf('platform-reports', 0, partitionSource(0), plan.reports),
    )
  const slice = reports?.slice ?? ((): Promise<void> => Promise.resolve())
  const partitions = plan.partitions.map((of) => {
    const { partition, sources, judgements } = of
    const bySource = (topic: 'aggregates' | 'rejected'): ReadonlyMap<InputTopic, SourceComparer> =>
      new Map(
        sources.map((source) => [source.topic, comparerOf(topic, partition, source.topic, source)]),
      )
    const name = partitionSource(partition)
    const judged = judgements && {
      alerts: comparerOf('alerts', partition, name, judgements),
      assessments: comparerOf('assessments', partition, name, judgements),
      fleet: comparerOf('fleet', 0, name, judgements),
    }
    if (judgements !== null && judged !== null)
      for (const comparer of Object.values(judged)) comparer.begin(judgements.after)
    return reexecutedPartition(
      log,
      layout,
      of,
      {
        aggregates: bySource('aggregates'),
        rejected: bySource('rejected'),
        judgements: judged,
        slice,
      },
      share(readBytesAll, count),
    )
  })
  const isWhole = await runAll(partitions, plan, options)
  if (isWhole) for (const comparer of comparers) await comparer.end()
  const topics = [...tallies.values()].map((tally) => tally.findings())
  const hasDifference = topics.some(({ differences }) => differences > 0)
  return {
    outcome: hasDifference ? 'different' : isWhole ? 'equal' : 'stopped',
    inputs: readOf(partitions),
    topics,
    unchecked: [
      ...plan.unchecked,
      ...uncheckedIn(topics),
      ...uncheckedReports(reports?.exactAfterUs() ?? null, options),
    ],
  }
}

/** The partition that is furthest behind in stream time goes on, so that what waits for the others stays short. False when stopped. */
const runAll = async (
  partitions: readonly ReexecutedPartition[],
  plan: VerificationPlan,
  { signal, observe }: VerificationOptions,
): Promise<boolean> => {
  const total = plan.partitions
    .flatMap(({ sources }) => sources)
    .reduce((sum, { position, endOffset }) => sum + Math.max(0, endOffset - position), 0)
  for (;;) {
    let slowest: ReexecutedPartition | null = null
    for (const partition of partitions)
      if (partition.clockMs() < (slowest?.clockMs() ?? Infinity)) slowest = partition
    slowest ??= partitions.find((partition) => !partition.isDone()) ?? null
    if (slowest === null) return true
    if (signal.aborted) return false
    await slowest.step()
    observe?.(Math.min(total, readOf(partitions)), total)
  }
}

const readOf = (partitions: readonly ReexecutedPartition[]): number =>
  partitions.reduce((sum, partition) => sum + partition.read(), 0)

const uncheckedIn = (topics: readonly TopicFindings[]): readonly Unchecked[] =>
  topics.flatMap(({ topic, removed, compacted, repeatsUncompared }) => {
    const notes: Unchecked[] = []
    if (removed > 0) notes.push({ kind: 'outputs-removed', topic, records: removed })
    if (compacted > 0) notes.push({ kind: 'compacted', topic, records: compacted })
    if (repeatsUncompared > 0) notes.push({ kind: 'repeats', topic, records: repeatsUncompared })
    return notes
  })

const uncheckedReports = (
  exactAfterUs: number | null,
  { fromUs }: VerificationRange,
): readonly Unchecked[] =>
  exactAfterUs === null || exactAfterUs <= (fromUs ?? -1)
    ? []
    : [{ kind: 'reports', fromUs: exactAfterUs === Infinity ? null : exactAfterUs }]
