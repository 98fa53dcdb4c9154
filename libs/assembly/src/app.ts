import { encodeOutput, tick } from '@tidemark/codec'
import { catchUp, runProcessor, type EngineEvent, type EngineOptions } from '@tidemark/engine'
import { PositionError, type Log, type Reached } from '@tidemark/log'
import type { Layout, Offset, Processor, TopicName } from '@tidemark/model'
import type { Gap } from '@tidemark/aggregation'
import type { ConfigurationCatalog } from '@tidemark/evaluation'
import { configurationCatalog } from './configurations/configuration-catalog.ts'
import { acceptedGaps, explained, inputGaps, isInputGap } from './gaps.ts'
import { systemClock } from './system-clock.ts'

/** What an app is given to make its processor of. */
export type AppContext = {
  readonly layout: Layout
  /** Where snapshots are: a file, or `postgres://...`. */
  readonly store: string
  readonly reached?: Reached
  /** Records that are gone, and that the aggregator goes on without. */
  readonly gaps?: readonly Gap[]
  /** Where configurations are that facts put in force. Without it only the layout's can be. */
  readonly catalog?: ConfigurationCatalog
  /** Where a partition begins on the log, for whoever may begin there. Without it: at 0. */
  readonly startOf?: StartOf
}

export type StartOf = (topic: TopicName, partition: number) => Promise<Offset>

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
  /**
   * Which records the aggregator goes on without, where they are gone before it read them: those whose loss was accepted (the default),
   * or any, for a replay of what is kept.
   */
  readonly losses?: 'accepted' | 'any'
}

/** Runs an app on a log until `signal` aborts (or it has caught up). */
export const runApp = async (
  app: App,
  { log, ...context }: RunContext,
  options: RunOptions,
  signal: AbortSignal,
): Promise<void> => {
  const { reached, losses = 'accepted' } = options
  const run = options.untilCaughtUp === true ? catchUp : runProcessor
  const { layout } = context
  const startOf = startsOn(log)
  const catalog = configurationCatalog(log)
  let gaps: readonly Gap[] = losses === 'any' ? await inputGaps(log, layout) : []
  for (let met: PositionError | null = null; ;) {
    const { processor, close } = await app.open({
      ...{ ...context, startOf, catalog, gaps },
      ...(reached && { reached }),
    })
    try {
      await run(log, processor, engineOptions(layout, options), signal)
      return
    } catch (error) {
      // The same one again: passing the accepted gaps was no help.
      if (!(error instanceof PositionError) || met?.message === error.message) throw error
      if (!isInputGap(error)) throw explained(error)
      met = error
    } finally {
      await close()
    }
    gaps = await acceptedGaps(log, layout, met)
  }
}

/** Tasks that begin together share one question. */
const startsOn = (log: Log): StartOf => {
  const asked = new Map<TopicName, ReturnType<Log['bounds']>>()
  const boundsOf = async (topic: TopicName): ReturnType<Log['bounds']> => {
    try {
      const bounds = asked.get(topic) ?? log.bounds(topic)
      asked.set(topic, bounds)
      return await bounds
    } finally {
      asked.delete(topic)
    }
  }
  return async (topic, partition) => {
    const bounds = await boundsOf(topic)
    return bounds.find((of) => of.partition === partition)?.startOffset ?? (0 as Offset)
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
