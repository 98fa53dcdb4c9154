import {
  connect,
  openStoreAt,
  runApp,
  type Connection,
  type Operation,
  type OperationArguments,
  type RunContext,
} from '@tidemark/assembly'
import { apps } from '../apps.ts'
import { liveLayout } from '../layouts.ts'
import { seedIn } from './simulator.ts'
import { defaultLayout, type Layout, type ServiceAssessed } from '@tidemark/model'
import type { Logger } from '@tidemark/runtime'
import { logTraffic, runLiveTraffic, type LiveEvent } from '@tidemark/simulator'
import { StoreError } from '@tidemark/store'
import type { EngineEvent } from '@tidemark/engine'
import { progressOn } from '../progress.ts'
import {
  followFile,
  putInForce,
  withConfigurationOf,
  type FollowedFile,
} from '../configuration/follow-file.ts'
import { commitIntervalIn, type CommitOptions } from '../commit-interval.ts'
import { UsageError, type CommandContext, type ExitCode } from '../context.ts'
import { addressIn, storeIn } from '../open.ts'
import { operated } from '../operated.ts'
import type { BoardRow } from '../watch/board.ts'
import { watch } from '../watch/watch.ts'

export type StartOptions = CommitOptions &
  OperationArguments & {
    /** False with --no-traffic. */
    readonly traffic: boolean
    readonly seed?: string
    readonly exitWhenCaughtUp?: boolean
    /** A file that is in force, and followed. */
    readonly config?: string
  }

/** Everything in one process: processors, simulated traffic, and what they say on the terminal. */
export const start = async (options: StartOptions, context: CommandContext): Promise<ExitCode> => {
  const address = addressIn(options)
  const store = storeIn(options)
  const pace = commitIntervalIn(options)
  const untilCaughtUp = options.exitWhenCaughtUp ?? false
  const traffic = options.traffic && !untilCaughtUp ? { seed: seedIn(options.seed) } : null
  // Beside a board on the same terminal, and in a run that ends by itself, only trouble is worth a line.
  const isTold = !untilCaughtUp && !context.terminal.errIsTerminal
  return operated('tidemark', options, context, isTold ? 'info' : 'warn', async (operation) => {
    const bare = traffic === null ? defaultLayout : liveLayout
    const file = options.config ?? null
    const whenNew = file === null ? bare : await withConfigurationOf(file, bare)
    const { log, layout } = await connect(address, whenNew, operation.observeLog)
    const runContext = { log, layout, store }
    try {
      if (traffic !== null && layout.timestamps === 'producer')
        throw new UsageError(
          'this log takes its timestamps from its producers, and simulated live traffic would mix with them: start with --no-traffic, or use another folder or prefix',
        )
      const followed =
        file === null ? null : await putInForce(file, { log, layout }, operation.logger)
      operation.begin(log, untilCaughtUp ? 1 : apps.length)
      if (untilCaughtUp) await catchUpAll(runContext, pace, operation, context)
      else await runAll(runContext, { pace, traffic, followed }, operation, context)
    } finally {
      await log.close()
    }
  })
}

type Pace = ReturnType<typeof commitIntervalIn>

const catchUpAll = async (
  runContext: RunContext,
  pace: Pace,
  operation: Operation,
  { terminal, signal }: CommandContext,
): Promise<void> => {
  const progress = progressOn(terminal, () => performance.now())
  for (const app of apps) {
    if (signal.aborted) break
    const read = new Map<number, number>()
    const observe = (event: EngineEvent): void => {
      operation.observe(event)
      if (event.kind !== 'committed') return
      read.set(
        event.task,
        event.sources.reduce((sum, { position }) => sum + position, 0),
      )
      const records = [...read.values()].reduce((sum, position) => sum + position, 0)
      progress.show(`${app.name}: ${records} records`)
    }
    await runApp(app, runContext, { ...pace, untilCaughtUp: true, observe }, signal)
  }
  progress.end()
}

type Live = {
  readonly pace: Pace
  readonly traffic: { readonly seed: number | null } | null
  readonly followed: FollowedFile | null
}

/** Runs all parts until the signal; when one fails, the others stop as well and the error is told. */
const runAll = async (
  runContext: RunContext,
  { pace, traffic, followed }: Live,
  { logger, observe }: Operation,
  { terminal, signal }: CommandContext,
): Promise<void> => {
  const failed = new AbortController()
  const stop = AbortSignal.any([signal, failed.signal])
  const { log, layout, store } = runContext
  const known = await knownRows(layout, store)
  const parts = [
    ...apps.map((app) => runApp(app, runContext, { ...pace, observe }, stop)),
    watch(log, known, terminal, stop),
    ...(traffic === null ? [] : [simulateOn({ log, layout }, traffic.seed, logger, stop)]),
    ...(followed === null ? [] : [followFile(followed, { log, layout }, logger, stop)]),
  ]
  const outcomes = await Promise.allSettled(
    parts.map(async (part) => {
      try {
        await part
      } catch (error) {
        failed.abort()
        throw error
      }
    }),
  )
  const failure = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failure !== undefined) throw failure.reason
}

const simulateOn = (
  connection: Connection,
  seed: number | null,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> => {
  const observe = (event: LiveEvent): void => {
    logTraffic(logger, event)
  }
  return runLiveTraffic({ ...connection, observe, ...(seed !== null && { seed }) }, signal)
}

/** What the snapshots say; nothing while their database is down, for which the sink waits as well. */
const assessedIn = async (store: string): Promise<readonly ServiceAssessed[]> => {
  try {
    // As the sink opens them: tables are made, also where another process was killed before it had made them.
    const snapshots = await openStoreAt(store)
    try {
      return await snapshots.assessments()
    } finally {
      await snapshots.close()
    }
  } catch (error) {
    if (error instanceof StoreError && error.retriable) return []
    throw error
  }
}

/** Services as the snapshots have them, and registered ones that nothing was heard of yet. */
const knownRows = async (layout: Layout, store: string): Promise<readonly BoardRow[]> => {
  const assessed = await assessedIn(store)
  const names = new Set(assessed.map(({ service }) => service))
  const silent = layout.configuration.services
    .filter(({ service }) => !names.has(service))
    .map(({ service }): BoardRow => ({
      service,
      status: 'unknown',
      sinceUs: 0,
      stale: false,
      signals: { errorRate: null, availability: null, latency: null },
    }))
  return [...assessed, ...silent]
}
