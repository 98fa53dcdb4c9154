import type { RecordBatches, SourcePosition, TopicName } from '@tidemark/model'
import type { TaskSession } from '@tidemark/log'
import type { EngineClock, EngineOptions } from './options.ts'

export type TickWriter = {
  /** Notes what was asked for and what came: quiet is a partition that is read and has nothing, whatever the others have. */
  readonly polled: (wants: readonly SourcePosition[], arrived: readonly RecordBatches[]) => void
  /** Time until the first of these partitions has been quiet for the interval; endless when none waits for a tick. */
  readonly dueInMs: (sources: readonly SourcePosition[]) => number
  /** Writes one tick in every partition that has been quiet for the interval. */
  readonly write: (signal: AbortSignal) => Promise<void>
}

type Quiet = {
  /** Of the last poll; null: not read then. */
  partition: number | null
  sinceMs: number
  /** A tick was written that has not been read yet. */
  isUnderWay: boolean
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
    topics.map((topic) => [topic, { partition: null, sinceMs: startMs, isUnderWay: false }]),
  )
  return {
    polled: (wants, arrived) => {
      for (const [topic, state] of quiet) {
        const partition = wants.find((want) => want.topic === topic)?.partition ?? null
        const hasCome = arrived.some((batches) => batches.topic === topic)
        if (hasCome) state.isUnderWay = false
        // One that is held back is not read, so nobody knows that it is quiet.
        if (hasCome || partition === null) state.sinceMs = clock.nowMs()
        state.partition = partition
      }
    },
    dueInMs: (sources) => {
      let firstMs = Number.POSITIVE_INFINITY
      for (const { topic } of sources) {
        const state = quiet.get(topic)
        if (state?.isUnderWay === false) firstMs = Math.min(firstMs, state.sinceMs + intervalMs)
      }
      return firstMs - clock.nowMs()
    },
    write: async (signal) => {
      if (signal.aborted) return
      const ticks: Promise<void>[] = []
      for (const [topic, state] of quiet) {
        if (state.partition === null || state.isUnderWay) continue
        if (clock.nowMs() < state.sinceMs + intervalMs) continue
        state.isUnderWay = true
        ticks.push(session.append(topic, state.partition, { key: null, value }))
      }
      // Together, since sources mostly fall quiet together, and a log may take them in one go.
      await Promise.all(ticks)
    },
  }
}
