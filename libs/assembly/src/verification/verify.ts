import type { Log } from '@tidemark/log'
import { inputTopics, type DerivedTopic, type InputTopic, type Layout } from '@tidemark/model'
import { partitionSource } from './cause.ts'
import { emittedPartition, type EmittedSource } from './emitted-partition.ts'
import {
  planVerification,
  type Stretch,
  type VerificationPlan,
  type VerificationRange,
} from './plan.ts'
import { reexecutedPartition, type ReexecutedPartition } from './reexecuted-partition.ts'
import { reexecutedReports } from './reexecuted-reports.ts'
import { sourceComparer, type SourceComparer } from './source-comparer.ts'
import { topicTally, type TopicFindings, type TopicTally } from './tally.ts'
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
 * Memory is bounded by these, whatever the topics hold: input bytes that are read and not worked off, emitted bytes that wait to be
 * compared, and remembered causes, each of them over all partitions. A partition gets its share, but not less than the least.
 */
const readBytesAll = 64 * 1024 * 1024
const emittedBytesAll = 64 * 1024 * 1024
const recentAll = 500_000
const shareBytesLeast = 256 * 1024
const shareBytesMost = 4 * 1024 * 1024

/** How long a commit on Kafka may take to show in all of its partitions. */
const kafkaSettleMs = 5000

/**
 * Re-executes a log from its inputs and compares what comes out with what was emitted, byte for byte (I12). Writes nothing and joins no group:
 * the processors may be at work meanwhile.
 */
export const verifyLog = async (
  log: Log,
  layout: Layout,
  options: VerificationOptions,
): Promise<Verification> => {
  const plan = await planVerification(log, layout, options)
  const tallies = new Map(comparedTopics.map((topic) => [topic, topicTally(topic)]))
  const comparers: SourceComparer[] = []
  const emitted = openEmitted(log, layout, plan, tallies)
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
      recentMax: Math.max(64, Math.min(4096, Math.floor(recentAll / (count * 9)))),
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

const share = (bytesAll: number, count: number): number =>
  Math.max(shareBytesLeast, Math.min(shareBytesMost, Math.floor(bytesAll / count)))

/** Finds what a source wrote into a partition of a topic. */
type FindEmitted = (topic: DerivedTopic, partition: number, source: string) => EmittedSource

const openEmitted = (
  log: Log,
  layout: Layout,
  plan: VerificationPlan,
  tallies: ReadonlyMap<DerivedTopic, TopicTally>,
): FindEmitted => {
  const chosen = plan.partitions.map(({ partition }) => partition)
  const opened = new Map<string, ReadonlyMap<string, EmittedSource>>()
  const open = (topic: DerivedTopic, partition: number): ReadonlyMap<string, EmittedSource> => {
    const { startOffset, endOffset } = plan.emitted.get(topic)![partition]!
    const sources = sourcesOf(topic, partition, chosen)
    const all = Array.from({ length: layout.partitions }, (_, other) => partitionSource(other))
    return emittedPartition(log, {
      ...{ topic, partition, startOffset, endOffset, sources },
      others: new Set(topic === 'fleet' ? all.filter((name) => !sources.includes(name)) : []),
      bytesMax: share(emittedBytesAll, 5 * chosen.length),
      settleMs: log.kind === 'kafka' ? kafkaSettleMs : 0,
      unreadable: (detail, record) => {
        tallies
          .get(topic)!
          .differ({ kind: 'unreadable', partition, detail, reexecuted: null, emitted: record })
      },
    })
  }
  return (topic, partition, source) => {
    const name = `${topic}/${partition}`
    let found = opened.get(name)
    if (found === undefined) opened.set(name, (found = open(topic, partition)))
    return found.get(source)!
  }
}

const sourcesOf = (
  topic: DerivedTopic,
  partition: number,
  chosen: readonly number[],
): readonly string[] => {
  switch (topic) {
    case 'aggregates':
    case 'rejected':
      return inputTopics
    case 'fleet':
      return chosen.map(partitionSource)
    default:
      return [partitionSource(partition)]
  }
}

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
