import { inputTopics, type DerivedTopic, type InputTopic, type Layout } from '@tidemark/model'
import type { LoggedRecord } from '../invariants/evidence.ts'
import { sourceOracle, type SourceOracle } from './aggregates.ts'
import { configurationsOf } from './configurations.ts'
import { evaluationOracle } from './evaluation.ts'
import { rejectionFields, rowFields } from './row-fields.ts'
import { reportsOf, sliceFields } from './slices.ts'

/**
 * What must follow from the records of the input topics: the rules of design.md sections 3 to 5 and domain.md once more, over plain arrays
 * and with every event kept. It shares no code with the processors.
 */
export type Oracle = {
  readonly sourceOf: (topic: InputTopic, partition: number) => SourceOracle
  readonly expected: readonly ExpectedStream[]
}

/** Events of one derived topic that one writer makes of one source, in their order: their fields, as far as the oracle knows them. */
export type ExpectedStream = {
  readonly topic: DerivedTopic
  readonly name: string
  readonly events: readonly object[]
}

/** `inputs`: everything there was, each partition in the order of its offsets; `catalog`: with the configurations that were activated. */
export const oracleOf = (
  layout: Layout,
  inputs: readonly LoggedRecord[],
  catalog: readonly LoggedRecord[] = [],
): Oracle => {
  const byPlace = Map.groupBy(inputs, ({ topic, partition }) => `${topic}/${partition}`)
  const sources = new Map<string, SourceOracle>()
  const expected: ExpectedStream[] = []
  const configurations = configurationsOf(layout, catalog)
  const evaluations = Array.from({ length: layout.partitions }, (_, partition) => {
    const [requests, checks, facts] = inputTopics.map((topic) => {
      const name = `${topic}/${partition}`
      const source = sourceOracle(layout, topic, byPlace.get(name) ?? [])
      sources.set(name, source)
      const rows = source.rows.map((row) => rowFields(row, topic, partition, layout))
      const rejections = source.rejections.map((rejection) =>
        rejectionFields(rejection, topic, partition, layout),
      )
      expected.push({ topic: 'aggregates', name, events: rows })
      expected.push({ topic: 'rejected', name, events: rejections })
      return source
    }) as [SourceOracle, SourceOracle, SourceOracle]
    const of = { requests, 'health-checks': checks, facts }
    return evaluationOracle(layout, partition, of, configurations)
  })
  for (const [partition, { assessments, alerts, slices }] of evaluations.entries()) {
    const name = `partition ${partition}`
    const parts = slices.flatMap((slice) => sliceFields(slice, layout))
    expected.push({ topic: 'assessments', name, events: assessments })
    expected.push({ topic: 'alerts', name, events: alerts })
    expected.push({ topic: 'fleet', name, events: parts })
  }
  const reports = reportsOf(evaluations.map(({ slices }) => slices))
  expected.push({ topic: 'platform-reports', name: 'platform', events: reports })
  return { expected, sourceOf: (topic, partition) => sources.get(`${topic}/${partition}`)! }
}
