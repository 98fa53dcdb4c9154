import type { Log, TaskOwner, TaskState } from '@tidemark/log'
import { topicCatalogue, type EpochMs, type Offset, type TopicName } from '@tidemark/model'
import { sourceLags, type SourceLag } from './source-lag.ts'

/** Which topics a processor reads, in how many tasks. */
export type ProcessorShape = {
  readonly name: string
  readonly topics: readonly TopicName[]
  readonly tasks: number
}

/** How far a task is in one of its sources, and whose it is. */
export type TaskLag = SourceLag & {
  readonly processor: string
  readonly task: number
  /** `restoring`: its owner has not committed yet since it acquired the task. */
  readonly state: 'owned' | 'restoring' | 'unowned'
  readonly owner: TaskOwner | null
  /** When the task was last committed; null: never. */
  readonly committedAtMs: EpochMs | null
}

/** The lag of every task and source of a processor, as the log tells it to anybody. */
export const processorLag = async (
  log: Log,
  { name, topics, tasks }: ProcessorShape,
): Promise<readonly TaskLag[]> => {
  const owners = await log.owners(name)
  const states = await log.checkpoints(name, tasks)
  const rows = states.flatMap((state) => {
    const { task, committedAtMs } = state
    const owner = owners.find((of) => of.task === task) ?? null
    return topics
      .filter((topic) => task === 0 || topicCatalogue[topic].partitions === 'P')
      .map((topic) => ({
        ...{ processor: name, task, owner, committedAtMs },
        state: stateOf(owner, state),
        want: { topic, partition: task, position: positionOf(state, topic) },
      }))
  })
  const lags = await sourceLags(
    log,
    rows.map(({ want }) => want),
  )
  return rows.map(({ want: _, ...row }, i) => ({ ...row, ...lags[i]! }))
}

/** A task that was never committed has nothing to restore. */
const stateOf = (
  owner: TaskOwner | null,
  { isTakenOver, committedAtMs }: TaskState,
): TaskLag['state'] => {
  if (owner === null) return 'unowned'
  return isTakenOver && committedAtMs !== null ? 'restoring' : 'owned'
}

const positionOf = ({ positions }: TaskState, topic: TopicName): Offset =>
  positions.find((at) => at.topic === topic)?.position ?? (0 as Offset)
