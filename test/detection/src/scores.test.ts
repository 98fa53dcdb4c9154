import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { aggregator } from '@tidemark/aggregator'
import { repository } from '@tidemark/e2e'
import { evaluator } from '@tidemark/evaluator'
import { defaultLayout, type Layout } from '@tidemark/model'
import { scoreOf, slackUsDefault, type Score, type ScoredRun } from '@tidemark/scoring'
import { readScenario, registeredServices, scoredRun, type ScenarioFile } from '@tidemark/simulator'
import { trafficOf } from '@tidemark/traffic'
import { documented, printedBy } from './documented.ts'

const folder = join(repository, 'examples/scenarios')

const scenarioOf = (name: string): ScenarioFile => {
  const reading = readScenario(readFileSync(join(folder, `${name}.yaml`)))
  if (!reading.ok) throw new Error(`${name}: ${reading.faults[0]!.message}`)
  return reading.scenario
}

const layoutOf = ({ services }: ScenarioFile, more: Partial<Layout> = {}): Layout => ({
  ...defaultLayout,
  ...{ timestamps: 'producer', partitions: 1, tickIntervalMs: 3000 },
  configuration: { ...defaultLayout.configuration, services: registeredServices(services) },
  ...more,
})

const runOf = async (
  file: ScenarioFile,
  seed: number,
  layout = layoutOf(file),
): Promise<ScoredRun> => {
  const opened = await Promise.all(
    [aggregator, evaluator].map((app) => app.open({ layout, store: '' })),
  )
  const traffic = trafficOf(file.scenario, { ...file, seed })
  const processors = opened.map(({ processor }) => processor)
  return scoredRun(traffic, { layout, processors })
}

/** Not chosen: the first ones there are. */
const seeds = [1, 2, 3, 4, 5]

const scoresOf = async (name: string): Promise<readonly Score[]> => {
  const file = scenarioOf(name)
  const scores: Score[] = []
  for (const seed of seeds)
    scores.push(scoreOf([await runOf(file, seed)], { slackUs: slackUsDefault }))
  return scores
}

describe('examples/scenarios/README.md', () => {
  it('scores every scenario that there is', () => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
    const scored = documented().map(({ command }) => /(\S+\.yaml)/.exec(command)?.[1])
    expect(scored).toEqual(files.map((name) => `examples/scenarios/${name}`))
  })

  it.each(documented())('says what "$command" prints', async ({ command, output }) => {
    expect(await printedBy(command)).toBe(output)
  })
})

describe('the default rules', () => {
  it.each(['down', 'error-burst', 'silent-producer'])(
    'tell every fault of the scenario %s, whatever the seed, and nothing else',
    async (name) => {
      const faults = scenarioOf(name).faults.length
      expect(faults).toBeGreaterThan(0)
      for (const { total } of await scoresOf(name))
        expect(total).toMatchObject({ faults, detected: faults, falseEpisodes: 0 })
    },
  )

  it('tell nothing where nothing is wrong, whatever the seed', async () => {
    for (const { total } of await scoresOf('quiet'))
      expect(total).toMatchObject({ trueEpisodes: 0, falseEpisodes: 0, pages: 0 })
  })

  it('page at most once where hardly anybody comes and single requests fail, whatever the seed', async () => {
    const file = scenarioOf('low-traffic')
    for (const seed of seeds) {
      const failed = [...trafficOf(file.scenario, { ...file, seed }).events()].filter(
        ({ event }) => (event.type === 'RequestObserved' ? !event.success : !event.passed),
      )
      expect(failed.length).toBeGreaterThan(3)
    }
    for (const { total } of await scoresOf('low-traffic'))
      expect(total.pages).toBeLessThanOrEqual(1)
  })
})

describe('a score', () => {
  it('is the same whatever the partitions and the ticks', async () => {
    const file = scenarioOf('down')
    const wide = layoutOf(file, { partitions: 4, tickIntervalMs: 1000 })
    const options = { slackUs: slackUsDefault }
    const narrow = scoreOf([await runOf(file, 1)], options)
    const other = scoreOf([await runOf(file, 1, wide)], options)
    expect({ ...other, falseAlerts: [] }).toEqual({ ...narrow, falseAlerts: [] })
    expect(narrow.total.detected).toBe(2)
  })
})
