import {
  configurationId,
  type Configuration,
  type HistogramShape,
  type Id,
  type Layout,
  type RegisteredService,
} from '@tidemark/model'
import { prepareInhibition, type PreparedInhibition } from './alerting/inhibition.ts'
import { prepareRules, type PreparedRule } from './alerting/rules.ts'
import { plannedSilences, type PlannedSilences } from './alerting/silences.ts'
import type { ConfigurationCatalog } from './configuration-catalog.ts'
import type { ServicePlans } from './service-plan.ts'
import { prepareObjectives, type Objectives } from './slo/objectives.ts'

/** What one evaluator partition goes by while a configuration is in force. */
export type Plan = {
  readonly partition: number
  readonly windowUs: number
  readonly graceUs: number
  readonly shape: HistogramShape
  readonly configuration: Configuration
  readonly configurationId: Id
  readonly rules: readonly PreparedRule[]
  readonly objectives: Objectives
  readonly silences: PlannedSilences
  readonly inhibition: readonly PreparedInhibition[]
  /** Every service that the configuration names. */
  readonly registered: ReadonlyMap<string, RegisteredService>
  /** Those of them whose events belong in this partition: only here is their silence judged. */
  readonly expected: ReadonlySet<string>
  /** Filled as services are asked for, so that each is looked up once. */
  readonly services: ServicePlans
}

export type EvaluatorOptions = {
  readonly layout: Layout
  readonly partition: number
  /** The partition that a service's events are keyed to. */
  readonly partitionOf: (service: string) => number
  /** Where configurations are that facts put in force. Without it only the layout's can be. */
  readonly catalog?: ConfigurationCatalog
}

/** The configuration of this id, the layout's included; null where the catalog does not give it out. */
export const configurationOf = (
  { layout, catalog }: EvaluatorOptions,
  id: Id,
): Configuration | null =>
  catalog?.get(id) ?? (configurationId(layout.configuration) === id ? layout.configuration : null)

/** Looks for a configuration: settles with null when it is there, or with why not. Null where none is missing. */
export const lookFor = (
  options: EvaluatorOptions,
  id: Id | null,
): Promise<string | null> | null => {
  if (id === null || configurationOf(options, id) !== null) return null
  const { catalog } = options
  return catalog?.load(id) ?? Promise.resolve(`configuration ${id}: there is no catalog`)
}

export const planOf = (
  { layout, partition, partitionOf }: EvaluatorOptions,
  configuration = layout.configuration,
): Plan => {
  const { windowUs, graceUs, histogram } = layout
  const names = configuration.services.map(({ service }) => service)
  return {
    partition,
    windowUs,
    graceUs,
    shape: histogram,
    configuration,
    configurationId: configurationId(configuration),
    rules: prepareRules(configuration),
    objectives: prepareObjectives(configuration, histogram),
    silences: plannedSilences(configuration),
    inhibition: prepareInhibition(configuration),
    registered: new Map(configuration.services.map((each) => [each.service, each])),
    expected: new Set(names.filter((service) => partitionOf(service) === partition)),
    services: new Map(),
  }
}
