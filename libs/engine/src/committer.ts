import { partitionsOf, type Checkpoint, type Output, type TaskFold } from '@tidemark/model'
import type { Outgoing, TaskSession } from '@tidemark/log'
import type { EngineOptions, TaskEvent } from './options.ts'
import type { Restoring } from './restoring.ts'

const commitIntervalMsDefault = 200
const pendingOutputsMaxDefault = 20_000
const pendingBytesMaxDefault = 16_000_000

export type Committer = {
  /** Takes an output of the fold; encoded at once, since the fold may reuse what it points to. */
  readonly emit: (output: Output) => void
  /** Says that the fold's state or position moved. */
  readonly changed: () => void
  /** Time until the next commit; endless while there is nothing to commit. */
  readonly dueInMs: () => number
  /** Commits outputs, checkpoint and positions, if there is anything that is not committed. Only at a record boundary. */
  readonly commit: () => Promise<void>
}

/** Collects a task's outputs and commits them, paced, with the state they go with. */
export const committer = (
  session: TaskSession,
  fold: TaskFold,
  restoring: Restoring,
  options: EngineOptions,
  tell: (event: TaskEvent) => void,
): Committer => {
  const { clock, encode, partitions, reached = () => undefined } = options
  const intervalMs = options.commitIntervalMs ?? commitIntervalMsDefault
  const { pendingOutputsMax = pendingOutputsMaxDefault } = options
  const { pendingBytesMax = pendingBytesMaxDefault } = options
  let pending: Outgoing[] = []
  let pendingBytes = 0
  let checkpoint: Checkpoint | null = session.checkpoint
  let dirty = false
  let lastMs = clock.nowMs()
  return {
    emit: ({ topic, event }) => {
      const encoded = encode(event)
      const partition = partitionsOf(topic, partitions) === 1 ? 0 : session.task
      pending.push({ topic, partition, ...encoded })
      pendingBytes += encoded.value.length
      dirty = true
    },
    changed: () => {
      dirty = true
    },
    dueInMs: () => {
      if (pending.length >= pendingOutputsMax || pendingBytes >= pendingBytesMax) return 0
      const isDue = dirty && !restoring.isUnderWay()
      return isDue ? lastMs + intervalMs - clock.nowMs() : Number.POSITIVE_INFINITY
    },
    commit: async () => {
      lastMs = clock.nowMs()
      // What is read again is committed already; only another source's outputs may have to be written meanwhile.
      if (!dirty || (pending.length === 0 && restoring.isUnderWay())) return
      const outputs = pending
      pending = []
      pendingBytes = 0
      dirty = false
      await fold.persist?.()
      const before = checkpoint
      checkpoint = fold.checkpoint()
      if (holdsSnapshot(before, checkpoint)) reached('snapshotting')
      await session.commit({ outputs, checkpoint, positions: restoring.committable() })
      reached('committed')
      const tookMs = clock.nowMs() - lastMs
      const sources = fold.sources()
      tell({ kind: 'committed', sources, outputs: outputs.length, checkpoint, tookMs })
    },
  }
}

/** One part says how far a task has come and changes with every commit; more of them are a state. */
const holdsSnapshot = (before: Checkpoint | null, now: Checkpoint): boolean => {
  let changed = 0
  for (const [name, bytes] of now) if (before?.get(name) !== bytes) changed++
  return changed > 1
}
