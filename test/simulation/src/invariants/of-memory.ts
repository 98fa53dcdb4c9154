import {
  runInMemory,
  type InMemoryEntry,
  type InMemoryTopics,
  type Schedule,
} from '@tidemark/assembly'
import {
  derivedTopics,
  inputTopics,
  partitionsOf,
  type Checkpoint,
  type Layout,
  type Output,
  type Processor,
  type TaskFold,
  type TopicName,
} from '@tidemark/model'
import type { DerivedRecord, Evidence, LoggedRecord, ObservedCommit } from './evidence.ts'

/** What processors leave behind that work off inputs in memory, restarts and crashes of the schedule included. */
export const evidenceOfMemory = async (
  layout: Layout,
  processors: readonly Processor[],
  inputs: readonly InMemoryEntry[],
  schedule?: Schedule,
): Promise<Evidence> => {
  const commits: ObservedCommit[] = []
  const commitsOf = new Map<string, number[]>()
  const watched = processors.map((processor) => watch(processor, layout, commits, commitsOf))
  const topics = await runInMemory({
    ...{ layout, processors: watched, inputs },
    ...(schedule && { schedule }),
  })
  return {
    layout,
    delivery: 'exactly-once',
    attempts: null,
    inputs: recordsIn(topics, layout, inputTopics),
    catalog: recordsIn(topics, layout, ['catalog']),
    derived: recordsIn(topics, layout, derivedTopics).map((record): DerivedRecord => ({
      ...record,
      commit: commitsOf.get(`${record.topic}/${record.partition}`)?.[record.offset] ?? null,
      sentBy: null,
    })),
    commits,
    store: null,
  }
}

/** Notes down what a processor commits, and which records with it. */
const watch = (
  processor: Processor,
  { partitions }: Layout,
  commits: ObservedCommit[],
  commitsOf: Map<string, number[]>,
): Processor => {
  const epochs = new Map<number, number>()
  const ends = new Map<string, number>()
  return {
    ...processor,
    open: async (task, saved) => {
      const fold = await processor.open(task, saved)
      const epoch = (epochs.get(task) ?? 0) + 1
      epochs.set(task, epoch)
      const owner = `${processor.name} ${task}, life ${epoch}`
      let pending: Output[] = []
      const committed = (checkpoint: Checkpoint): Checkpoint => {
        for (const { topic } of pending) {
          const name = `${topic}/${partitionsOf(topic, partitions) === 1 ? 0 : task}`
          commitsOf.set(name, [...(commitsOf.get(name) ?? []), commits.length])
        }
        pending = []
        const positions = fold.sources().map(({ topic, partition, position }) => {
          // As the engine commits them: what is read again was committed already.
          const name = `${topic}/${partition}`
          ends.set(name, Math.max(position, ends.get(name) ?? 0))
          return { topic, partition, position: ends.get(name)! }
        })
        commits.push({ processor: processor.name, task, owner, epoch, positions, checkpoint })
        return checkpoint
      }
      return {
        ...fold,
        work: (units, emit) =>
          fold.work(units, (output) => {
            pending.push(output)
            emit(output)
          }),
        checkpoint: () => committed(fold.checkpoint()),
      } satisfies TaskFold
    },
  }
}

const recordsIn = (
  topics: InMemoryTopics,
  { partitions }: Layout,
  names: readonly TopicName[],
): readonly LoggedRecord[] =>
  names.flatMap((topic) =>
    Array.from({ length: partitionsOf(topic, partitions) }, (_, partition) =>
      topics.records(topic, partition).map(({ timestampMs, key, value }, offset) => ({
        ...{ topic, partition, offset, timestampMs, key, value },
      })),
    ).flat(),
  )
