import { faultText } from '@tidemark/configuration'
import { readScenario, type ScenarioFile } from '@tidemark/simulator'
import { trafficOf, type Traffic } from '@tidemark/traffic'
import { contentOf } from './content.ts'
import { UsageError } from './context.ts'

/** The scenario in a file; UsageError with everything that is wrong with it, a line each. */
export const scenarioIn = async (file: string): Promise<ScenarioFile> => {
  const reading = readScenario(await contentOf(file))
  if (reading.ok) return reading.scenario
  throw new UsageError(
    ['not a scenario', ...reading.faults.map((fault) => faultText(file, fault))].join('\n'),
  )
}

/** Its traffic, by its own seed or another. */
export const trafficIn = (file: ScenarioFile, seed = file.seed): Traffic =>
  trafficOf(file.scenario, { seed, services: file.services, faults: file.faults })
