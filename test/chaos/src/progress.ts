import type { Log } from '@tidemark/log'

/** All processors, in the order of the flow. */
export const processorNames = ['aggregator', 'evaluator', 'reporter', 'sink'] as const
export type ProcessorName = (typeof processorNames)[number]

/** Records that each processor has read, all its tasks together, as of its last commits. */
export type Progress = Readonly<Record<ProcessorName, number>>

export const progressOf = async (log: Log, tasks: number): Promise<Progress> => {
  const of = (name: ProcessorName) => committedBy(log, name, tasks)
  const [aggregator, evaluator, reporter, sink] = await Promise.all([
    of('aggregator'),
    of('evaluator'),
    of('reporter'),
    of('sink'),
  ])
  return { aggregator, evaluator, reporter, sink }
}

const committedBy = async (log: Log, name: ProcessorName, tasks: number): Promise<number> => {
  let records = 0
  for (const { positions } of await log.checkpoints(name, tasks))
    for (const { position } of positions) records += position
  return records
}

export const nothing: Progress = { aggregator: 0, evaluator: 0, reporter: 0, sink: 0 }

/** What was ever committed: a processor that recovers reads again what it has committed, and says so. */
export const furthestOf = (a: Progress, b: Progress): Progress => ({
  aggregator: Math.max(a.aggregator, b.aggregator),
  evaluator: Math.max(a.evaluator, b.evaluator),
  reporter: Math.max(a.reporter, b.reporter),
  sink: Math.max(a.sink, b.sink),
})

export const isAt = (end: Progress, now: Progress): boolean =>
  processorNames.every((name) => now[name] >= end[name])
