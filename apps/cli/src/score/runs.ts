import { topicRecords } from '@tidemark/assembly'
import { alertHistories } from '@tidemark/evaluation'
import type { Log } from '@tidemark/log'
import { inputTopics, type Configuration, type Layout } from '@tidemark/model'
import type { ScoredRun, Truth } from '@tidemark/scoring'
import { readTruth, scoredRun, type ScenarioFile } from '@tidemark/simulator'
import { contentOf } from '../content.ts'
import { UsageError, type LogOptions } from '../context.ts'
import { scenarioLayout } from '../layouts.ts'
import { withLog, withStore } from '../open.ts'
import { alertProcessors } from '../processors.ts'
import { trafficIn } from '../scenario-file.ts'

/** Requests, checks and ticks of a scenario that are held in memory at a time: some hundred bytes each. */
const entriesMax = 5_000_000

/** What a scenario leads to under a configuration, by the real processors in virtual time, once for each seed. */
export async function* runsOf(
  scenario: ScenarioFile,
  seeds: readonly number[],
  configuration?: Configuration,
): AsyncGenerator<ScoredRun> {
  const layout = scoringLayout(scenario, configuration)
  for (const seed of seeds) {
    // Processors keep what they restored; each run has its own.
    const processors = await alertProcessors(layout)
    yield await scoredRun(trafficIn(scenario, seed), { layout, processors })
  }
}

/** Alerts are the same whatever the partitions; one, and ticks as rare as a watched partition may have them, are the fewest records. */
const scoringLayout = (scenario: ScenarioFile, configuration?: Configuration): Layout => {
  const registered = scenarioLayout(scenario.services, configuration)
  const layout = { ...registered, partitions: 1, tickIntervalMs: 3000 }
  const seconds = scenario.scenario.durationUs / 1_000_000
  const perSecond = scenario.services.reduce(
    (sum, { requestsPerSecond, checkEveryUs }) =>
      sum + requestsPerSecond + (checkEveryUs === null ? 0 : 1_000_000 / checkEveryUs),
    (inputTopics.length * 1000) / layout.tickIntervalMs,
  )
  if (seconds * perSecond > entriesMax)
    throw new UsageError(
      `this scenario has some ${Math.round(seconds * perSecond)} events, and at most ${entriesMax} are scored in memory: put them on a log with "tidemark simulate --to-log --truth FILE", and score that`,
    )
  return layout
}

export type RangeOptions = LogOptions & {
  /** In microseconds. */
  readonly fromUs: number | null
  readonly toUs: number | null
}

/** What was told on a log, as far as every partition was judged, beside a truth track. */
export const storedRun = async (
  options: RangeOptions,
  truth: readonly Truth[],
): Promise<ScoredRun> => {
  const known =
    options.fromUs === null
      ? await withLog(options, null, async ({ log, layout }) => ({
          fromUs: await firstRecordUs(log),
          rules: layout.configuration.rules.map(({ id }) => id),
        }))
      : { fromUs: options.fromUs, rules: [] }
  return withStore(options, async (store) => {
    const slices = await store.newestSlices(Number.MAX_SAFE_INTEGER)
    if (slices.length === 0 || known.fromUs === null)
      throw new UsageError('no window is judged yet: there is nothing to score')
    const judgedUs = Math.min(...slices.map(({ windowEndUs }) => windowEndUs))
    return {
      fromUs: known.fromUs,
      toUs: Math.min(judgedUs, options.toUs ?? judgedUs),
      truth,
      alerts: alertHistories(await store.alertEvents({ state: 'any', limit: 0 })),
      rules: known.rules,
    }
  })
}

/** When the log begins, by the record timestamps of its inputs; null while there are none. */
const firstRecordUs = async (log: Log): Promise<number | null> => {
  let firstMs: number | null = null
  for (const topic of inputTopics)
    for (const { partition, startOffset, endOffset } of await log.bounds(topic)) {
      const stretch = { topic, partition, fromOffset: startOffset, toOffset: endOffset }
      for await (const { timestampMs } of topicRecords(log, stretch)) {
        firstMs = Math.min(firstMs ?? timestampMs, timestampMs)
        break
      }
    }
  return firstMs === null ? null : firstMs * 1000
}

/** The truth track in a file; UsageError with everything that is wrong with it, a line each. */
export const truthIn = async (file: string): Promise<readonly Truth[]> => {
  const reading = readTruth(new TextDecoder().decode(await contentOf(file)))
  if (reading.ok) return reading.truth
  throw new UsageError(
    [
      'not a truth track',
      ...reading.faults.map(({ line, message }) => `${file}:${line}: ${message}`),
    ].join('\n'),
  )
}
