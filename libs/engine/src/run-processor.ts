import type { Processor } from '@tidemark/model'
import type { Log, Want } from '@tidemark/log'
import type { EngineClock, EngineEvent, EngineOptions } from './options.ts'
import { runTask } from './run-task.ts'

/** Runs a processor on every task that falls to this member of the log, until `signal` aborts. */
export const runProcessor = (
  log: Log,
  processor: Processor,
  options: EngineOptions,
  signal: AbortSignal,
): Promise<void> => {
  const { name, topics, tasks } = processor
  return log.host(
    { processor: name, topics, tasks },
    (session, taskSignal) => runTask(processor, session, options, taskSignal),
    signal,
  )
}

/**
 * Runs a processor until every task has committed all that the topics held at the start, then returns. Writes no ticks. Tasks that
 * another member owns are waited for.
 */
export const catchUp = async (
  log: Log,
  processor: Processor,
  options: EngineOptions,
  signal: AbortSignal,
): Promise<void> => {
  const ends = await endsOf(log, processor)
  const waiting = new Set(Array.from({ length: processor.tasks }, (_, task) => task))
  const done = new AbortController()
  const settle = (task: number, positions: readonly Want[]): void => {
    if (reached(positions, ends)) waiting.delete(task)
    if (waiting.size === 0) done.abort()
  }
  const observe = (event: EngineEvent): void => {
    options.observe?.(event)
    if (event.kind !== 'released') settle(event.task, event.sources)
  }
  const stop = AbortSignal.any([signal, done.signal])
  const untilDone = async (work: Promise<void>): Promise<void> => {
    try {
      await work
    } finally {
      done.abort()
    }
  }
  await Promise.all([
    untilDone(runProcessor(log, processor, { ...options, ticks: null, observe }, stop)),
    untilDone(watchOthers(log, processor, options.clock, settle, stop)),
  ])
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
    for (const { task, checkpoint, positions } of await log.checkpoints(name, tasks))
      if (checkpoint !== null) settle(task, positions)
  }
}

const endsOf = async (log: Log, processor: Processor): Promise<ReadonlyMap<string, number>> => {
  const ends = new Map<string, number>()
  for (const topic of processor.topics)
    for (const { partition, endOffset } of await log.bounds(topic))
      ends.set(`${topic}/${partition}`, endOffset)
  return ends
}

const reached = (positions: readonly Want[], ends: ReadonlyMap<string, number>): boolean =>
  positions.every(
    ({ topic, partition, position }) => position >= (ends.get(`${topic}/${partition}`) ?? 0),
  )
