import {
  judgedThroughUs,
  reportedThroughUs,
  type EvaluatorOptions,
  type EvaluatorState,
} from '@tidemark/evaluation'
import { incompleteThroughOf, ledgerOf } from '@tidemark/aggregation'
import { partitionOfService } from '@tidemark/codec'
import type { Log, PartitionBounds, TaskState } from '@tidemark/log'
import {
  inputTopics,
  type DerivedTopic,
  type InputTopic,
  type Layout,
  type Offset,
} from '@tidemark/model'
import { configurationCatalog, type LogCatalog } from '../configurations/configuration-catalog.ts'
import { afterAll, beforeAll, type CauseAt } from './cause.ts'
import { judgementStart } from './judgement-start.ts'
import { sourceStart, type SourceStart } from './source-start.ts'
import { firstAfter, wholeFromUs, type InputPartition } from './stream-time.ts'
import { comparedTopics } from './topic-digest.ts'
import type { Unchecked } from './unchecked.ts'

/** Which windows to verify: those that end after `fromUs` and at or before `toUs`, of these partitions. Null: all. */
export type VerificationRange = {
  readonly fromUs: number | null
  readonly toUs: number | null
  readonly partitions: readonly number[] | null
}

/** What is read again, from where to where, and which of what it causes is compared. */
export type VerificationPlan = {
  readonly partitions: readonly PartitionPlan[]
  readonly reports: ReportsPlan | null
  readonly emitted: ReadonlyMap<DerivedTopic, readonly PartitionBounds[]>
  readonly unchecked: readonly Unchecked[]
}

export type PartitionPlan = {
  readonly partition: number
  readonly sources: readonly SourcePlan[]
  readonly judgements: JudgementsPlan | null
}

export type SourcePlan = SourceStart &
  Stretch & {
    readonly topic: InputTopic
    readonly partition: number
    readonly endOffset: Offset
  }

/** Causes that are compared, and up to where the log must hold them. */
export type Stretch = {
  readonly after: CauseAt
  readonly through: CauseAt
  readonly requiredThrough: CauseAt
}

/** The evaluator's state to begin with. */
export type JudgementsPlan = Stretch & { readonly state: EvaluatorState }

/** Slices of the windows up to `afterSlicesUs` are not those of all partitions; null: they are, from the beginning. */
export type ReportsPlan = Stretch & { readonly afterSlicesUs: number | null }

/**
 * Looks at what a log holds, in this order: what the processors have committed, what is emitted, what inputs there are. So every emitted record
 * below the ends found rests on inputs below the ends found, and nothing that was committed is above them.
 */
export const planVerification = async (
  log: Log,
  layout: Layout,
  range: VerificationRange,
): Promise<VerificationPlan> => {
  const catalog = configurationCatalog(log)
  const [reporter] = await log.checkpoints('reporter', 1)
  const evaluators = await log.checkpoints('evaluator', layout.partitions)
  const aggregators = await log.checkpoints('aggregator', layout.partitions)
  const emitted = new Map<DerivedTopic, readonly PartitionBounds[]>()
  for (const topic of comparedTopics) emitted.set(topic, await log.bounds(topic))
  const inputs = new Map<InputTopic, readonly PartitionBounds[]>()
  for (const topic of inputTopics) inputs.set(topic, await log.bounds(topic))
  const all = Array.from({ length: layout.partitions }, (_, partition) => partition)
  const unchecked: Unchecked[] = []
  const partitions: PartitionPlan[] = []
  for (const partition of range.partitions ?? all) {
    const states = { aggregator: aggregators[partition]!, evaluator: evaluators[partition]! }
    const { checkpoint } = states.aggregator
    const of = inputTopics.map((topic): InputPartition => {
      const { startOffset, endOffset } = inputs.get(topic)![partition]!
      const incompleteThroughUs =
        checkpoint === null
          ? -1
          : incompleteThroughOf(checkpoint, topic, partition, startOffset, layout)
      return { topic, partition, startOffset, endOffset, incompleteThroughUs }
    })
    partitions.push(await planPartition(log, { layout, catalog }, range, of, states, unchecked))
  }
  const reports =
    partitions.length === layout.partitions ? planReports(partitions, range, reporter!) : null
  if (reports === null) unchecked.push({ kind: 'reports', fromUs: null })
  return { partitions, reports, emitted, unchecked }
}

type States = { readonly aggregator: TaskState; readonly evaluator: TaskState }

const planPartition = async (
  log: Log,
  { layout, catalog }: Pick<EvaluatorOptions, 'layout'> & { readonly catalog: LogCatalog },
  { fromUs, toUs }: VerificationRange,
  inputs: readonly InputPartition[],
  { aggregator, evaluator }: States,
  unchecked: Unchecked[],
): Promise<PartitionPlan> => {
  const { partition } = inputs[0]!
  const options: EvaluatorOptions = {
    ...{ layout, partition, catalog },
    partitionOf: (service) => partitionOfService(service, layout.partitions).partition,
  }
  const closeMs = (endUs: number): number => Math.ceil((endUs + layout.graceUs) / 1000)
  const fromMs = fromUs === null ? null : closeMs(fromUs)
  const start = await judgementStart(log, inputs, options, evaluator.checkpoint, fromUs, fromMs)
  if (start === null) unchecked.push({ kind: 'judgements', partition, fromUs: null })
  else if (start.throughUs !== null && start.throughUs > (fromUs ?? -1))
    unchecked.push({ kind: 'judgements', partition, fromUs: start.throughUs })
  const committed = aggregator.checkpoint === null ? [] : ledgerOf(aggregator.checkpoint)
  const sources: SourcePlan[] = []
  for (const input of inputs) {
    const { topic, startOffset, endOffset } = input
    const begin = start?.sources.get(topic) ?? (await sourceStart(log, input, layout, fromMs))
    const first =
      fromMs === null ? startOffset : (await firstAfter(log, input, layout, fromMs - 1)).position
    const last =
      toUs === null ? endOffset : (await firstAfter(log, input, layout, closeMs(toUs) - 1)).position
    const position = committed.find((source) => source.topic === topic)?.position ?? (0 as Offset)
    sources.push({
      ...{ topic, partition, ...begin },
      endOffset: Math.min(endOffset, last + 1) as Offset,
      after: fromMs === null || first === 0 ? beforeAll : [first, Infinity],
      through: last < endOffset ? [last, Infinity] : afterAll,
      requiredThrough: [position - 1, Infinity],
    })
    if (startOffset > 0 && begin.position === startOffset)
      unchecked.push({
        ...{ kind: 'inputs-removed', topic, partition, startOffset },
        fromUs: begin.exactFromUs,
      })
    const wholeUs = wholeFromUs(input, layout)
    if (wholeUs !== null && wholeUs === begin.exactFromUs && wholeUs > (fromMs ?? -1) * 1000)
      unchecked.push({ kind: 'incomplete', topic, partition, fromUs: wholeUs })
    if (begin.exactFromUs !== null) unchecked.push({ kind: 'ledger', topic, partition })
    if (position < Math.min(endOffset, last + 1))
      unchecked.push({ kind: 'tail', topic, partition, position, endOffset })
  }
  const judgedUs = evaluator.checkpoint === null ? 0 : judgedThroughUs(evaluator.checkpoint)
  return {
    ...{ partition, sources },
    judgements: start && {
      state: start.state,
      after: [Math.max(start.throughUs ?? -1, fromUs ?? -1), Infinity],
      through: toUs === null ? afterAll : [toUs, Infinity],
      requiredThrough: [judgedUs, Infinity],
    },
  }
}

const planReports = (
  partitions: readonly PartitionPlan[],
  { fromUs, toUs }: VerificationRange,
  { checkpoint }: TaskState,
): ReportsPlan | null => {
  let afterSlicesUs: number | null = null
  for (const { judgements } of partitions) {
    if (judgements === null) return null
    const { previousEndUs } = judgements.state
    if (previousEndUs !== null) afterSlicesUs = Math.max(afterSlicesUs ?? 0, previousEndUs)
  }
  return {
    afterSlicesUs,
    after: fromUs === null ? beforeAll : [fromUs, Infinity],
    through: toUs === null ? afterAll : [toUs, Infinity],
    requiredThrough: [checkpoint === null ? 0 : reportedThroughUs(checkpoint), Infinity],
  }
}
