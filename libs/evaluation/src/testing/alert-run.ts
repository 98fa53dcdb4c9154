import {
  defaultConfiguration,
  defaultLayout,
  defaultServiceFields,
  type AlertEvent,
  type Configuration,
  type Output,
  type RegisteredService,
  type ServiceAssessed,
} from '@tidemark/model'
import { catalogOf } from '../configuration-catalog.ts'
import { evaluate } from '../evaluator.ts'
import { evaluatorState } from '../evaluator-state.ts'
import { withFacts, type FactAt } from './facts.ts'
import { interleave, plainAggregates } from './plain-aggregates.ts'
import { beginUs, steadyRecords, type SteadyWindow } from './steady.ts'

/** A registered service with some fields of its own. */
export const registered = (
  service: string,
  fields: Partial<RegisteredService> = {},
): RegisteredService => ({ ...defaultServiceFields, service, ...fields })

/** What the evaluator says of windows of ten seconds, with facts in between; `later` configurations may be activated. */
export const runWindows = (
  changes: Partial<Configuration>,
  windows: readonly SteadyWindow[],
  facts: readonly FactAt[] = [],
  later: readonly Configuration[] = [],
): Output[] => {
  const layout = {
    ...defaultLayout,
    configuration: { ...defaultConfiguration, horizonUs: 10_000_000, ...changes },
  }
  const records = steadyRecords(windows)
  const outputs: Output[] = []
  const state = evaluatorState({
    ...{ layout, partition: 0, partitionOf: () => 0 },
    catalog: catalogOf(later),
  })
  const aggregates = plainAggregates(layout, 0, {
    ...records,
    facts: withFacts(records.facts, facts),
  })
  for (const event of interleave(aggregates, []))
    evaluate(state, event, (output) => outputs.push(output))
  return outputs
}

/** Inside the n-th window, from 0: a fact then acts on the window behind it. */
export const inWindow = (index: number): number => beginUs / 1000 + index * 10_000 + 5_000

export const alertsIn = (outputs: readonly Output[]): AlertEvent[] =>
  outputs.map(({ event }) => event).filter((event): event is AlertEvent => 'alertId' in event)

export const assessedIn = (outputs: readonly Output[], service: string): ServiceAssessed[] =>
  outputs
    .map(({ event }) => event)
    .filter((event): event is ServiceAssessed => event.type === 'ServiceAssessed')
    .filter((event) => event.service === service)

/** The number of the window, from 0, and the event without its `Alert`: `3 Raised page`. */
export const storyOf = (outputs: readonly Output[], rule: string): string[] =>
  alertsIn(outputs)
    .filter((event) => event.rule === rule)
    .map((event) => {
      const index = (event.windowEndUs - beginUs) / 10_000_000 - 1
      return `${index} ${event.type.slice('Alert'.length)} ${event.severity}`
    })
