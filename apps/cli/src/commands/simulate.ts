import { createWriteStream } from 'node:fs'
import { reportJson, reportText } from '@tidemark/evaluation'
import type { Layout } from '@tidemark/model'
import {
  eventLines,
  simulatedReport,
  simulateToLog,
  truthLines,
  writeLines,
} from '@tidemark/simulator'
import {
  capstone,
  defaultSeed,
  live,
  trafficOf,
  type Scenario,
  type Traffic,
} from '@tidemark/traffic'
import { UsageError, type CommandContext, type ExitCode, type LogOptions } from '../context.ts'
import { integerIn } from '../integers.ts'
import { scenarioLayout, virtualLayout } from '../layouts.ts'
import { withLog } from '../open.ts'
import { reportProcessors } from '../processors.ts'
import { progressOn } from '../progress.ts'
import { scenarioIn, trafficIn } from '../scenario-file.ts'

export type SimulateOptions = LogOptions & {
  readonly scenario?: 'capstone' | 'live'
  readonly scenarioFile?: string
  readonly seed?: string
  readonly requests?: string
  readonly minutes?: string
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
  const { traffic, layout } = await simulationIn(options)
  if (options.out !== undefined && options.toLog === true)
    throw new UsageError('--out and --to-log exclude each other')
  if (options.truth !== undefined)
    await writeLines(truthLines(traffic), createWriteStream(options.truth), signal)
  if (options.out !== undefined) await writeEvents(options.out, traffic, context)
  else if (options.toLog === true) await putOnLog(options, { traffic, layout }, context)
  else {
    const processors = await reportProcessors(layout)
    const report = await simulatedReport(traffic, { layout, processors })
    if (report === null) throw new UsageError('this traffic leads to no report: it holds no window')
    terminal.out(
      options.json === true ? JSON.stringify(reportJson(report)) : reportText(report).trimEnd(),
    )
  }
  return 0
}

/** Traffic, and the layout that it is judged by: its services are registered. */
type Simulation = { readonly traffic: Traffic; readonly layout: Layout }

const simulationIn = async (options: SimulateOptions): Promise<Simulation> => {
  const { scenarioFile } = options
  const seed =
    options.seed === undefined
      ? undefined
      : integerIn('--seed', options.seed, 0, Number.MAX_SAFE_INTEGER)
  if (scenarioFile === undefined) {
    const traffic = trafficOf(namedScenario(options), { seed: seed ?? defaultSeed })
    return { traffic, layout: virtualLayout }
  }
  for (const other of ['scenario', 'requests', 'minutes'] as const)
    if (options[other] !== undefined)
      throw new UsageError(`--scenario-file and --${other} exclude each other`)
  const file = await scenarioIn(scenarioFile)
  return { traffic: trafficIn(file, seed), layout: scenarioLayout(file.services) }
}

const namedScenario = ({ scenario, requests, minutes }: SimulateOptions): Scenario =>
  scenario === 'live'
    ? live({ durationUs: integerIn('--minutes', minutes ?? '10', 1, 10_000) * 60_000_000 })
    : capstone({ requests: integerIn('--requests', requests ?? '200', 1, 1_000_000) })

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
  { traffic, layout }: Simulation,
  { terminal, signal }: CommandContext,
): Promise<void> =>
  withLog(options, layout, async (connection) => {
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
