import type { EngineEvent } from '@tidemark/engine'
import type { Log } from '@tidemark/log'
import {
  progressWatch,
  runningTime,
  type Check,
  type Metrics,
  type Stall,
  type WatchedWork,
} from '@tidemark/runtime'
import { lagSampler, type LagSample, type LagSampler, type ProcessorLag } from './lag-sampler.ts'
import type { LogEvent } from './log-lines.ts'
import { memberships } from './memberships.ts'
import { countTask, measureTasks } from './task-metrics.ts'
import { taskBoard, taskName, type TaskView } from './task-board.ts'

/** What a process knows of itself: from what its tasks and its log tell, and from looks at the log. */
export type Vigil = {
  readonly noteTask: (event: EngineEvent) => void
  readonly noteLog: (event: LogEvent) => void
  /** From now on the log is looked at, and so many processors are expected to take part. */
  readonly begin: (log: Log, processors: number) => void
  /** To be called about every `lookMs`. Returns what has finished nothing for longest, though it has something to do. */
  readonly look: () => Stall | null
  readonly health: () => readonly Check[]
  readonly readiness: () => readonly Check[]
  readonly measure: () => void
}

export type VigilOptions = {
  readonly metrics: Metrics
  readonly lookMs: number
  readonly watchdogMs: number
  readonly monotonicMs: () => number
}

/** More stream time than this to catch up with, and the process is not ready: its answers are of the past. */
const readyLagMsMax = 60_000
/** A task that finishes nothing for this long makes the process unready, well before the watchdog ends it. */
const readyStallMsMax = 10_000
/** The event loop was blocked for longer: slices are of 50 ms, and heartbeats to the log need their turn. */
const loopDelayMsMax = 5000

export const vigil = ({ metrics, lookMs, watchdogMs, monotonicMs }: VigilOptions): Vigil => {
  const board = taskBoard()
  const members = memberships()
  const watch = progressWatch()
  const running = runningTime(lookMs, monotonicMs)
  let begun: { readonly sampler: LagSampler; readonly processors: number } | null = null
  let stall: Stall | null = null
  let lookedMs = monotonicMs()
  let delayMs = 0
  const sample = (): LagSample => begun?.sampler.last() ?? { kind: 'none' }
  const stalledMs = (): number => stall?.stalledMs ?? 0
  /** Since the last look, or of the one before: a loop that is blocked answers only afterwards. */
  const loopDelayMs = (): number => Math.max(delayMs, monotonicMs() - lookedMs - lookMs)

  const check = (name: string, reason: string | null): Check => ({ name, reason })
  const stalledLonger = (ms: number): string | null =>
    stall !== null && stall.stalledMs > ms
      ? `${stall.name} has something to do and has finished nothing for ${Math.round(stall.stalledMs / 1000)} s`
      : null

  return {
    noteTask: (event) => {
      board.note(event)
      countTask(metrics, event)
    },
    noteLog: (event) => {
      members.note(event)
      if (event.kind === 'task-failed') metrics.retries.inc({ processor: processorOf(event) })
    },
    begin: (log, processors) => {
      begun = { sampler: lagSampler(log, monotonicMs), processors }
    },
    look: () => {
      delayMs = Math.max(0, monotonicMs() - lookedMs - lookMs)
      lookedMs = monotonicMs()
      const tasks = board.tasks()
      const last = sample()
      // While the log cannot be asked nobody knows whether there is anything to do, and what waits, waits for it.
      const work = last.kind === 'sampled' ? watchedWork(tasks, last.lags) : []
      stall = watch.look(running.elapsedMs(), work)
      begun?.sampler.look(tasks)
      return stall
    },
    health: () => [
      check('event-loop', blockedFor(loopDelayMs())),
      check('membership', members.loss()),
      check('progress', stalledLonger(watchdogMs / 2)),
    ],
    readiness: () => [
      check('joined', begun === null ? 'not connected' : members.absence(begun.processors)),
      check('tasks', tasksReason(board.tasks())),
      check('log', logReason(sample())),
      check('lag', lagReason(sample())),
      check('progress', stalledLonger(Math.min(readyStallMsMax, watchdogMs / 2))),
      check('event-loop', blockedFor(loopDelayMs())),
    ],
    measure: () => {
      const last = sample()
      measureTasks(metrics, board.tasks(), last.kind === 'sampled' ? last.lags : [])
      metrics.stalledSeconds.set(stalledMs() / 1000)
    },
  }
}

/**
 * A task is behind when a source has records that it is not held back from; one that is opened or restored always is. One that waits for
 * somebody else has nothing to do.
 */
const watchedWork = (
  tasks: readonly TaskView[],
  lags: readonly ProcessorLag[],
): readonly WatchedWork[] =>
  tasks.map(({ processor, task, state, waitsFor, sources, progress }) => {
    const own = lags.filter((lag) => lag.processor === processor && lag.task === task)
    const hasMore = sources.some(
      ({ topic, position, held }) =>
        !held && own.some((lag) => lag.topic === topic && lag.endOffset > position),
    )
    return {
      name: taskName({ processor, task }),
      isBehind: waitsFor === null && (state === 'opening' || state === 'restoring' || hasMore),
      progress,
    }
  })

const blockedFor = (ms: number): string | null =>
  ms > loopDelayMsMax ? `the event loop was blocked for ${Math.round(ms)} ms` : null

const tasksReason = (tasks: readonly TaskView[]): string | null => {
  const unready = tasks.filter(({ state, waitsFor }) => state !== 'running' || waitsFor !== null)
  return unready.length === 0
    ? null
    : unready
        .map((view) =>
          view.waitsFor === null
            ? `${taskName(view)} ${view.state}`
            : `${taskName(view)} waits: ${view.waitsFor}`,
        )
        .join(', ')
}

const logReason = (sample: LagSample): string | null => {
  switch (sample.kind) {
    case 'none':
      return 'not asked yet'
    case 'failed':
      return sample.reason
    case 'sampled':
      return null
  }
}

const lagReason = (sample: LagSample): string | null => {
  if (sample.kind !== 'sampled') return 'unknown'
  const longest = sample.lags.reduce<ProcessorLag | null>(
    (found, lag) => (lag.streamMs > (found?.streamMs ?? 0) ? lag : found),
    null,
  )
  return longest === null || longest.streamMs <= readyLagMsMax
    ? null
    : `${longest.processor} is ${Math.round(longest.streamMs / 1000)} s behind in ${longest.topic}/${longest.partition}, at most ${readyLagMsMax / 1000} s are ready`
}

/** A group of Kafka ends with the processor's name. */
const processorOf = (event: Extract<LogEvent, { kind: 'task-failed' }>): string =>
  'group' in event ? event.group.slice(event.group.lastIndexOf('-') + 1) : event.processor
