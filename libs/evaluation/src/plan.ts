import {
  configurationId,
  type Configuration,
  type HistogramShape,
  type Id,
  type Layout,
  type RegisteredService,
} from '@tidemark/model'
import { prepareRules, type PreparedRule } from './alert-rules.ts'
import { prepareObjectives, type Objectives } from './slo/objectives.ts'

/** What one evaluator partition goes by: constant while it runs. */
export type Plan = {
  readonly partition: number
  readonly windowUs: number
  readonly graceUs: number
  readonly shape: HistogramShape
  readonly configuration: Configuration
  readonly configurationId: Id
  readonly rules: readonly PreparedRule[]
  readonly objectives: Objectives
  /** Every service that the configuration names. */
  readonly registered: ReadonlyMap<string, RegisteredService>
  /** Those of them whose events belong in this partition: only here is their silence judged. */
  readonly expected: ReadonlySet<string>
}

export type EvaluatorOptions = {
  readonly layout: Layout
  readonly partition: number
  /** The partition that a service's events are keyed to. */
  readonly partitionOf: (service: string) => number
}

export const planOf = ({ layout, partition, partitionOf }: EvaluatorOptions): Plan => {
  const { configuration, windowUs, graceUs, histogram } = layout
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
    registered: new Map(configuration.services.map((each) => [each.service, each])),
    expected: new Set(names.filter((service) => partitionOf(service) === partition)),
  }
}
