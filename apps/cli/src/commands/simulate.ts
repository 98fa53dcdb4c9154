import { createWriteStream } from 'node:fs'
import { aggregator } from '@tidemark/aggregator'
import type { App } from '@tidemark/assembly'
import { reportJson, reportText } from '@tidemark/evaluation'
import { evaluator } from '@tidemark/evaluator'
import type { Layout, Processor } from '@tidemark/model'
import { reporter } from '@tidemark/reporter'
import {
  eventLines,
  simulatedReport,
  simulateToLog,
  truthLines,
  writeLines,
} from '@tidemark/simulator'
import { capstone, live, trafficOf, type Scenario, type Traffic } from '@tidemark/traffic'
import { UsageError, type CommandContext, type ExitCode, type LogOptions } from '../context.ts'
import { integerIn } from '../integers.ts'
import { virtualLayout } from '../layouts.ts'
import { withLog } from '../open.ts'
import { progressOn } from '../progress.ts'

export type SimulateOptions = LogOptions & {
  readonly scenario: 'capstone' | 'live'
  readonly seed: string
  readonly requests: string
  readonly minutes: string
  readonly out?: string
  readonly truth?: string
  readonly toLog?: boolean
  readonly json?: boolean
}

/** Traffic in virtual time: the report it leads to, or its events as lines, or on a log. */
export const simulate = async (
  options: SimulateOptions,
  context: CommandContext,
): Promise<ExitCode> => {
  const { terminal, signal } = context
  const traffic = trafficOf(scenarioIn(options), {
    seed: integerIn('--seed', options.seed, 0, Number.MAX_SAFE_INTEGER),
  })
  if (options.out !== undefined && options.toLog === true)
    throw new UsageError('--out and --to-log exclude each other')
  if (options.truth !== undefined)
    await writeLines(truthLines(traffic), createWriteStream(options.truth), signal)
  if (options.out !== undefined) await writeEvents(options.out, traffic, context)
  else if (options.toLog === true) await putOnLog(options, traffic, context)
  else {
    const report = await simulatedReport(traffic, {
      layout: virtualLayout,
      processors: await processorsOf(virtualLayout),
    })
    if (report === null) throw new UsageError('this traffic leads to no report: it holds no window')
    terminal.out(
      options.json === true ? JSON.stringify(reportJson(report)) : reportText(report).trimEnd(),
    )
  }
  return 0
}

const scenarioIn = ({ scenario, requests, minutes }: SimulateOptions): Scenario => {
  if (scenario === 'capstone')
    return capstone({ requests: integerIn('--requests', requests, 1, 1_000_000) })
  return live({ durationUs: integerIn('--minutes', minutes, 1, 10_000) * 60_000_000 })
}

const writeEvents = async (
  file: string,
  traffic: Traffic,
  { terminal, signal }: CommandContext,
): Promise<void> => {
  if (file !== '-') return writeLines(eventLines(traffic), createWriteStream(file), signal)
  for (const line of eventLines(traffic)) terminal.out(line.trimEnd())
}

const putOnLog = (
  options: SimulateOptions,
  traffic: Traffic,
  { terminal, signal }: CommandContext,
): Promise<void> =>
  withLog(options, virtualLayout, async (connection) => {
    const progress = progressOn(terminal, () => performance.now())
    const { entries } = await simulateToLog(connection, traffic, {
      signal,
      progress: (count) => {
        progress.show(`${count} entries`)
      },
    })
    progress.end()
    terminal.out(
      options.json === true ? JSON.stringify({ entries }) : `${entries} entries on the log`,
    )
  })

/** What leads from inputs to reports, upstream first; without a log, since none of these needs one to make its folds. */
const processorsOf = (layout: Layout): Promise<readonly Processor[]> =>
  Promise.all(
    [aggregator, evaluator, reporter].map(async (app: App) => {
      const { processor } = await app.open({ layout, store: '' })
      return processor
    }),
  )
