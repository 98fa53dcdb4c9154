import type { Offset, RecordBatches, SourcePosition, TopicName } from '@tidemark/model'
import type { TaskSession } from '@tidemark/log'
import type { EngineClock, EngineOptions } from './options.ts'

export type TickWriter = {
  /** Notes what came; a partition with something new is not quiet. */
  readonly arrived: (batches: readonly RecordBatches[]) => void
  /** Time until the first partition has been quiet for the interval. */
  readonly dueInMs: () => number
  /** Writes one tick in every partition that is read to its end and quiet. */
  readonly write: (atEnd: readonly SourcePosition[], signal: AbortSignal) => Promise<void>
}

type Quiet = {
  sinceMs: number
  /** Position at which the tick under way was written: until something is read there, no further one. */
  writtenAt: Offset | null
}

/**
 * Keeps the clocks of quiet partitions going, as data: whoever owns a partition appends a tick when it has read it to its end and
 * nothing came for the interval, by its own monotonic clock; at most one is under way.
 */
export const tickWriter = (
  topics: readonly TopicName[],
  session: TaskSession,
  { value, intervalMs }: NonNullable<EngineOptions['ticks']>,
  clock: EngineClock,
): TickWriter => {
  const startMs = clock.nowMs()
  const quiet = new Map<TopicName, Quiet>(
    topics.map((topic) => [topic, { sinceMs: startMs, writtenAt: null }]),
  )
  return {
    arrived: (batches) => {
      for (const { topic } of batches) {
        const state = quiet.get(topic)
        if (state === undefined) continue
        state.sinceMs = clock.nowMs()
        state.writtenAt = null
      }
    },
    dueInMs: () => {
      let firstMs = Number.POSITIVE_INFINITY
      for (const { sinceMs, writtenAt } of quiet.values())
        if (writtenAt === null) firstMs = Math.min(firstMs, sinceMs + intervalMs)
      return firstMs - clock.nowMs()
    },
    write: async (atEnd, signal) => {
      for (const { topic, partition, position } of atEnd) {
        const state = quiet.get(topic)
        if (state === undefined || signal.aborted) continue
        if (state.writtenAt === position || clock.nowMs() < state.sinceMs + intervalMs) continue
        state.writtenAt = position
        await session.append(topic, partition, { key: null, value })
      }
    },
  }
}
