import { aggregator } from '@tidemark/aggregator'
import { connect, runApp, type App } from '@tidemark/assembly'
import type { EngineEvent } from '@tidemark/engine'
import type { Delivery } from '@tidemark/log-kafka'
import type { Run } from '../harness/row.ts'

export type AggregatorRun = {
  readonly brokers: readonly string[]
  readonly prefix: string
  /** A processor of its own name begins at the beginning. */
  readonly name: string
  readonly delivery: Delivery
  readonly commitIntervalMs: number
  /** So many records are worked off before the measuring begins, by which time the code is warm. */
  readonly recordsBefore: number
}

export type Watching = {
  /** Sources are held back until this settles. */
  readonly gate: Promise<unknown>
  /** Told which tasks fell to this process, and every position that it has committed. */
  readonly assigned: (tasks: readonly number[]) => void
  readonly committed: (task: number, position: number) => void
}

/**
 * The aggregator as its own program runs it: the app, the connection and the loop are those of production, with their defaults. Works until
 * the signal aborts; measured from the first task acquired, or `recordsBefore` records later, to the last commit.
 */
export const workOff = async (
  { brokers, prefix, name, delivery, commitIntervalMs, recordsBefore }: AggregatorRun,
  { gate, assigned, committed }: Watching,
  signal: AbortSignal,
): Promise<Run> => {
  const meter = meterOf(recordsBefore)
  let isOpen = false
  void gate.then(() => {
    isOpen = true
  })
  const { log, layout } = await connect(
    { kind: 'kafka', brokers, prefix, delivery },
    null,
    (event) => {
      if (event.kind === 'joined' && 'tasks' in event) assigned(event.tasks)
    },
  )
  const observe = (event: EngineEvent): void => {
    if (event.kind === 'failed') throw event.error
    if (!isOpen) return
    meter.observe(event)
    if (event.kind === 'committed') committed(event.task, requestsPosition(event.sources))
  }
  try {
    const app = renamed(aggregator, name, () => isOpen)
    await runApp(app, { log, layout, store: '' }, { commitIntervalMs, observe }, signal)
  } finally {
    await log.close()
  }
  return meter.run()
}

const renamed = (app: App, name: string, isOpen: () => boolean): App => ({
  name,
  open: async (context) => {
    const { processor, close } = await app.open(context)
    return {
      close,
      processor: {
        ...processor,
        name,
        open: async (task, checkpoint) => {
          const fold = await processor.open(task, checkpoint)
          const held = () => fold.sources().map((source) => ({ ...source, held: true }))
          return { ...fold, sources: () => (isOpen() ? fold.sources() : held()) }
        },
      },
    }
  },
})

const requestsPosition = (sources: readonly { topic: string; position: number }[]): number =>
  sources.find(({ topic }) => topic === 'requests')!.position

/** Reads the clocks when the work begins, whenever something is worked off, and at every commit. */
const meterOf = (recordsBefore: number) => {
  const positions = new Map<number, number>()
  let start: Reading | null = null
  let last: Reading | null = null
  let workedMs = 0
  let commits = 0
  const records = (): number => [...positions.values()].reduce((sum, at) => sum + at, 0)
  return {
    observe: (event: EngineEvent): void => {
      if (event.kind === 'acquired' && recordsBefore === 0) start ??= read(0)
      if (event.kind === 'polled' && event.arrived.length > 0) {
        positions.set(event.task, requestsPosition(event.sources))
        if (start === null && records() >= recordsBefore) start = read(records())
        workedMs = performance.now()
      }
      if (event.kind !== 'committed') return
      commits++
      last = read(records())
    },
    run: (): Run => {
      if (start === null || last === null) throw new Error('nothing was worked off')
      return {
        records: last.records - start.records,
        wallMs: last.nowMs - start.nowMs,
        cpuMs: last.cpuMs - start.cpuMs,
        workedMs: workedMs - start.nowMs,
        residentBytesMax: process.resourceUsage().maxRSS * 1024,
        commits,
      }
    },
  }
}

type Reading = { readonly nowMs: number; readonly cpuMs: number; readonly records: number }

const read = (records: number): Reading => {
  const { user, system } = process.cpuUsage()
  return { nowMs: performance.now(), cpuMs: (user + system) / 1000, records }
}
