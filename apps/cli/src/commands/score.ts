import type { Configuration } from '@tidemark/model'
import { scoreJson, scoreOf, slackUsDefault, type ScoredRun } from '@tidemark/scoring'
import { faultLines, loadConfigurationFile } from '../configuration/configuration-file.ts'
import { UsageError, type CommandContext, type ExitCode, type LogOptions } from '../context.ts'
import { integerIn } from '../integers.ts'
import { virtualLayout } from '../layouts.ts'
import { progressOn } from '../progress.ts'
import { scenarioIn } from '../scenario-file.ts'
import { durationUsIn } from '../score/duration-us.ts'
import { runsOf, storedRun, truthIn } from '../score/runs.ts'
import { scoreLines } from '../score/score-lines.ts'
import { missedOptions, thresholdsIn, type ThresholdOptions } from '../score/thresholds.ts'
import type { Terminal } from '../terminal.ts'
import { parseMoment } from '../times.ts'

export type ScoreOptions = LogOptions &
  ThresholdOptions & {
    readonly truth?: string
    readonly scenario?: string
    readonly seed?: string
    readonly seeds?: string
    readonly config?: string
    readonly slack?: string
    readonly from?: string
    readonly to?: string
    readonly json?: boolean
  }

/** How well alerts tell what was wrong, by a truth track that the platform never sees. Code 1 where a threshold is missed. */
export const score = async (
  options: ScoreOptions,
  { terminal, signal }: CommandContext,
): Promise<ExitCode> => {
  // What is wrong with them is said before anything is computed.
  thresholdsIn(options)
  const slackUs = durationUsIn('--slack', options.slack) ?? slackUsDefault
  const runs = await runsIn(options, terminal, signal)
  const scored = scoreOf(runs, { slackUs })
  const missed = missedOptions(scored, options)
  if (options.json === true)
    terminal.out(JSON.stringify({ ...scoreJson(scored), thresholdsMissed: missed }))
  else for (const line of scoreLines(terminal, scored)) terminal.out(line)
  for (const threshold of missed) terminal.err(`not reached: ${threshold}`)
  return missed.length === 0 ? 0 : 1
}

const runsIn = async (
  options: ScoreOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<readonly ScoredRun[]> => {
  const { truth, scenario } = options
  if (truth !== undefined && scenario === undefined) {
    refuse(options, '--truth', ['seed', 'seeds', 'config'])
    return [await storedRun({ ...options, ...rangeIn(options) }, await truthIn(truth))]
  }
  if (scenario === undefined || truth !== undefined)
    throw new UsageError(
      'either --truth FILE, for what was told on a log, or --scenario FILE, to simulate it first',
    )
  refuse(options, '--scenario', ['from', 'to', 'data', 'brokers', 'prefix', 'store'])
  const file = await scenarioIn(scenario)
  const seeds = seedsIn(options, file.seed)
  const configuration = await configurationIn(options)
  const progress = progressOn(terminal, () => performance.now())
  const runs: ScoredRun[] = []
  for await (const run of runsOf(file, seeds, configuration)) {
    runs.push(run)
    progress.show(`${runs.length} of ${seeds.length} runs`)
    if (signal.aborted) throw new UsageError(`stopped after ${runs.length} of ${seeds.length} runs`)
  }
  progress.end()
  return runs
}

/** Rules, thresholds and objectives of a file without errors; undefined: the default ones. */
const configurationIn = async ({ config }: ScoreOptions): Promise<Configuration | undefined> => {
  if (config === undefined) return undefined
  const loaded = await loadConfigurationFile(config, { layout: virtualLayout })
  // Exit code 1 says that a threshold is missed, so this is 2.
  if (loaded.configuration === null)
    throw new UsageError([`${config} cannot be used:`, ...faultLines(loaded)].join('\n'))
  return loaded.configuration
}

const refuse = (
  options: ScoreOptions,
  with_: string,
  others: readonly (keyof ScoreOptions)[],
): void => {
  for (const other of others)
    if (options[other] !== undefined)
      throw new UsageError(`${with_} and --${other} exclude each other`)
}

const seedsMax = 1000

/** So many seeds one after the other, each a run of its own. */
const seedsIn = ({ seed, seeds }: ScoreOptions, ofFile: number): readonly number[] => {
  const first =
    seed === undefined ? ofFile : integerIn('--seed', seed, 0, Number.MAX_SAFE_INTEGER - seedsMax)
  const count = seeds === undefined ? 1 : integerIn('--seeds', seeds, 1, seedsMax)
  return Array.from({ length: count }, (_, n) => first + n)
}

const rangeIn = ({ from, to }: ScoreOptions) => ({
  fromUs: from === undefined ? null : parseMoment('--from', from),
  toUs: to === undefined ? null : parseMoment('--to', to),
})
