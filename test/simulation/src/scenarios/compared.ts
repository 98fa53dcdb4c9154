import { catalogOf } from '@tidemark/evaluation'
import type { AlertRaised } from '@tidemark/model'
import { checkByOracle } from '../invariants/by-oracle.ts'
import { derivedEventsOf, eventsOf } from '../invariants/derived-events.ts'
import { checkEpisodes } from '../invariants/episodes.ts'
import type { Evidence } from '../invariants/evidence.ts'
import { evidenceOfMemory } from '../invariants/of-memory.ts'
import { checkRepeats } from '../invariants/repeats.ts'
import type { Violation } from '../invariants/violation.ts'
import { oracleOf } from '../oracle/oracle.ts'
import { processorsOf } from '../processors.ts'
import { scenarioOf, type Scenario } from './scenario.ts'

export type Comparison = {
  readonly evidence: Evidence
  /** In which the processors and the oracle differ, the first of each stream; empty: nowhere. */
  readonly differences: readonly Violation[]
}

/** Works a scenario off, twice: the second time with what people say to the alerts of the first. */
export const compared = async (seed: number): Promise<Comparison> => {
  const scenario = scenarioOf(seed)
  const evidence = await ran(scenario, scenario.answered(await raisedIn(scenario)))
  const events = derivedEventsOf(evidence)
  const oracle = oracleOf(evidence.layout, evidence.inputs, evidence.catalog)
  const run = { evidence, events, oracle }
  return {
    evidence,
    differences: [...checkByOracle(run), ...checkEpisodes(run), ...checkRepeats(run)],
  }
}

const raisedIn = async (scenario: Scenario): Promise<readonly AlertRaised[]> => {
  const { derived } = await ran(scenario, scenario.inputs, ['aggregator', 'evaluator'])
  const alerts = derived.filter(({ topic }) => topic === 'alerts')
  return eventsOf(derivedEventsOf({ derived: alerts }), 'AlertRaised').map(({ event }) => event)
}

const ran = async (
  { layout, catalog, configurations }: Scenario,
  inputs: Scenario['inputs'],
  names: readonly string[] = ['aggregator', 'evaluator', 'reporter'],
): Promise<Evidence> => {
  const processors = await processorsOf(layout, catalogOf(configurations))
  const chosen = processors.filter(({ name }) => names.includes(name))
  return evidenceOfMemory(layout, chosen, [...catalog, ...inputs])
}
