import type { Log } from '@tidemark/log'
import { inputTopics, type DerivedTopic, type Layout } from '@tidemark/model'
import { partitionSource } from './cause.ts'
import { emittedPartition, type EmittedSource } from './emitted-partition.ts'
import { emittedBytesAll, share } from './memory-bounds.ts'
import type { VerificationPlan } from './plan.ts'
import type { TopicTally } from './tally.ts'

/** How long a commit on Kafka may take to show in all of its partitions. */
const kafkaSettleMs = 5000
/** Partitions of topics that are open for each partition that is verified. */
const topicsOfPartition = 5

/** Finds what a source wrote into a partition of a topic. */
export type FindEmitted = (topic: DerivedTopic, partition: number, source: string) => EmittedSource

export const emittedTopics = (
  log: Log,
  layout: Layout,
  plan: VerificationPlan,
  tallies: ReadonlyMap<DerivedTopic, TopicTally>,
): FindEmitted => {
  const judged = plan.partitions
    .filter(({ judgements }) => judgements !== null)
    .map(({ partition }) => partitionSource(partition))
  const all = Array.from({ length: layout.partitions }, (_, other) => partitionSource(other))
  const opened = new Map<string, ReadonlyMap<string, EmittedSource>>()
  const open = (topic: DerivedTopic, partition: number): ReadonlyMap<string, EmittedSource> => {
    const { startOffset, endOffset } = plan.emitted.get(topic)![partition]!
    const sources = sourcesOf(topic, partition, judged)
    return emittedPartition(log, {
      ...{ topic, partition, startOffset, endOffset, sources },
      others: new Set(topic === 'fleet' ? all.filter((name) => !sources.includes(name)) : []),
      bytesMax: share(emittedBytesAll, topicsOfPartition * plan.partitions.length),
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
  judged: readonly string[],
): readonly string[] => {
  switch (topic) {
    case 'aggregates':
    case 'rejected':
      return inputTopics
    case 'fleet':
      return judged
    default:
      return [partitionSource(partition)]
  }
}
