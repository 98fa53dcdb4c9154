import type { Processor } from '@tidemark/model'
import { LogError, type HostSpec, type Log, type TaskState, type Want } from '@tidemark/log'
import type { EngineClock, EngineEvent, EngineOptions } from './options.ts'
import { runTask } from './run-task.ts'

/** Runs a processor on every task that falls to this member of the log, until `signal` aborts. */
export const runProcessor = (
  log: Log,
  processor: Processor,
  options: EngineOptions,
  signal: AbortSignal,
): Promise<void> => hostProcessor(log, processor, options, signal, () => undefined)

const hostProcessor = (
  log: Log,
  processor: Processor,
  options: EngineOptions,
  signal: AbortSignal,
  assigned: NonNullable<HostSpec['assigned']>,
): Promise<void> => {
  const { name, topics, tasks } = processor
  const failed = new Set<number>()
  const observe = (event: EngineEvent): void => {
    if (event.kind === 'failed') failed.add(event.task)
    else failed.delete(event.task)
    options.observe?.(event)
  }
  const settled = (ours: readonly number[] | null): void => {
    assigned(ours)
    if (ours === null) return
    for (const task of failed)
      if (!ours.includes(task)) observe({ kind: 'moved', processor: name, task })
  }
  return log.host(
    { processor: name, topics, tasks, assigned: settled },
    (session, taskSignal) => runTask(processor, session, { ...options, observe }, taskSignal),
    signal,
  )
}

/**
 * Runs a processor until every task has committed all that the topics held at the start, then returns; or until `signal` aborts.
 * Writes no ticks. Tasks that another member owns are waited for.
 */
export const catchUp = async (
  log: Log,
  processor: Processor,
  options: EngineOptions,
  signal: AbortSignal,
): Promise<void> => {
  const behind = await tasksBehind(log, processor)
  const done = new AbortController()
  let own: readonly number[] | null = null
  const settle = (task: number, positions: readonly Want[]): void => {
    if (behind.get(task)?.(positions) === true) behind.delete(task)
    if (behind.size === 0) done.abort()
  }
  const observe = (event: EngineEvent): void => {
    options.observe?.(event)
    const { kind, task } = event
    if (kind === 'acquired' || kind === 'committed') settle(task, event.sources)
  }
  // What a fold of this member says of its position counts, whatever the log says: its state may be elsewhere, and new. So what is not
  // known to be others' is waited for: joining may take longer than any look at the log.
  const settleOthers = (task: number, positions: readonly Want[]): void => {
    if (own !== null && !own.includes(task)) settle(task, positions)
  }
  const assigned = (tasks: readonly number[] | null): void => {
    own = tasks
  }
  for (const task of [...behind.keys()]) settle(task, [])
  const stop = AbortSignal.any([signal, done.signal])
  const work = [
    hostProcessor(log, processor, { ...options, ticks: null, observe }, stop, assigned),
    watchOthers(log, processor, options.clock, settleOthers, stop),
  ]
  // Whichever fails ends the other, and both have ended before the caller may close the log.
  await Promise.allSettled(work.map((each) => each.finally(() => done.abort())))
  await Promise.all(work)
}

const othersIntervalMs = 500

/** What other members commit shows in the log only. */
const watchOthers = async (
  log: Log,
  { name, tasks }: Processor,
  clock: EngineClock,
  settle: (task: number, positions: readonly Want[]) => void,
  signal: AbortSignal,
): Promise<void> => {
  for (;;) {
    await clock.sleep(othersIntervalMs, signal)
    if (signal.aborted) return
    for (const { task, positions } of await committedOf(log, name, tasks)) settle(task, positions)
  }
}

/** As last committed; nothing while the log cannot say. */
const committedOf = async (
  log: Log,
  name: Processor['name'],
  tasks: number,
): Promise<readonly TaskState[]> => {
  try {
    return await log.checkpoints(name, tasks)
  } catch (error) {
    if (error instanceof LogError && error.retriable) return []
    throw error
  }
}

/** Whether positions are at or past the ends that the sources of a task had at the start; one that is not named stands at 0. */
type Reached = (positions: readonly Want[]) => boolean

/** By task: it reads the partition of its own number of each topic. */
const tasksBehind = async (log: Log, processor: Processor): Promise<Map<number, Reached>> => {
  const ends = await Promise.all(
    processor.topics.map(async (topic) => ({ topic, bounds: await log.bounds(topic) })),
  )
  const reachedBy =
    (task: number): Reached =>
    (positions) =>
      ends.every(({ topic, bounds }) => {
        const end = bounds.find(({ partition }) => partition === task)?.endOffset ?? 0
        return (positions.find((at) => at.topic === topic)?.position ?? 0) >= end
      })
  return new Map(Array.from({ length: processor.tasks }, (_, task) => [task, reachedBy(task)]))
}
