import { encodeOutput, tick } from '@tidemark/codec'
import { catchUp, runProcessor, type EngineEvent, type EngineOptions } from '@tidemark/engine'
import type { Log, Reached } from '@tidemark/log'
import type { Layout, Processor } from '@tidemark/model'
import { systemClock } from './system-clock.ts'

/** What an app is given to make its processor of. */
export type AppContext = {
  readonly layout: Layout
  /** Where snapshots are: a file, or `postgres://...`. */
  readonly store: string
  readonly reached?: Reached
}

/** One of the processors as a program of its own, or as a part of `tidemark start`. */
export type App = {
  readonly name: string
  readonly open: (context: AppContext) => Promise<OpenApp>
}

export type OpenApp = { readonly processor: Processor; readonly close: () => Promise<void> }

export type RunContext = AppContext & { readonly log: Log }

export type RunOptions = {
  /** Process what is there and return, writing no ticks. */
  readonly untilCaughtUp?: boolean
  readonly commitIntervalMs?: number
  readonly observe?: (event: EngineEvent) => void
  /** Called in the midst of the work, for tests that end the process there. */
  readonly reached?: Reached
}

/** Runs an app on a log until `signal` aborts (or it has caught up). */
export const runApp = async (
  app: App,
  { log, ...context }: RunContext,
  options: RunOptions,
  signal: AbortSignal,
): Promise<void> => {
  const { reached } = options
  const { processor, close } = await app.open({ ...context, ...(reached && { reached }) })
  try {
    const run = options.untilCaughtUp === true ? catchUp : runProcessor
    await run(log, processor, engineOptions(context.layout, options), signal)
  } finally {
    await close()
  }
}

const engineOptions = (layout: Layout, options: RunOptions): EngineOptions => ({
  encode: encodeOutput,
  partitions: layout.partitions,
  clock: systemClock,
  // Where producers stamp the records, they write the ticks as well.
  ticks: layout.timestamps === 'broker' ? { value: tick, intervalMs: layout.tickIntervalMs } : null,
  ...(options.commitIntervalMs !== undefined && { commitIntervalMs: options.commitIntervalMs }),
  ...(options.observe !== undefined && { observe: options.observe }),
  ...(options.reached !== undefined && { reached: options.reached }),
})
