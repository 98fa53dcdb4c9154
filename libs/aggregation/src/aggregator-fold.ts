import {
  invariant,
  type Checkpoint,
  type InputTopic,
  type Layout,
  type TaskFold,
} from '@tidemark/model'
import { decodeSources, encodeSources } from './checkpoint.ts'
import type { CheckPart } from './check-part.ts'
import { closedChecks, closedRequests } from './closed-row.ts'
import type { Gap } from './gaps.ts'
import type { InputSchemas } from './input-frames.ts'
import { factPlacing } from './fact-placing.ts'
import { checkPlacing, requestPlacing } from './placing.ts'
import type { RequestPart } from './request-part.ts'
import { checkPartForm, requestPartForm } from './saved-window.ts'
import { sourceFold, type SourceFold, type SourceKind } from './source-fold.ts'

export type AggregatorOptions = {
  readonly layout: Layout
  /** Of all three input topics. */
  readonly partition: number
  readonly schemas: InputSchemas
  /** What an earlier fold of this partition saved; null: from the beginning. */
  readonly checkpoint: Checkpoint | null
  /** What is gone of the records that a recovery would read, at most one of each source. */
  readonly gaps?: readonly Gap[]
  /**
   * Any 32-bit integer. With one that nobody else knows, nobody can choose names or ids that make the tables slow; what comes out is the
   * same with any.
   */
  readonly hashSeed?: number
}

/**
 * The aggregator's task: folds one partition of requests, health checks and facts into closed windows. Each source is a fold of its
 * own, and what it emits depends on its records alone; only `held` looks at all three.
 */
export const aggregatorFold = (options: AggregatorOptions): TaskFold => {
  const { layout, partition, schemas, checkpoint, gaps = [], hashSeed = 0 } = options
  const gapOf = (topic: InputTopic): Gap | null =>
    gaps.find((gap) => gap.topic === topic && gap.partition === partition) ?? null
  const requests: SourceKind<RequestPart> = {
    topic: 'requests',
    placing: (state, refuse) => requestPlacing(state, layout, schemas, refuse),
    closed: (row, window, cause) => closedRequests(row, window, cause, layout.histogram),
    form: requestPartForm(layout.histogram),
  }
  const checks: SourceKind<CheckPart> = {
    topic: 'health-checks',
    placing: (state, refuse) => ({
      record: checkPlacing(state, layout, schemas, refuse),
      run: null,
    }),
    closed: closedChecks,
    form: checkPartForm,
  }
  const facts: SourceKind<never> = {
    topic: 'facts',
    placing: (state, refuse, apply) => ({
      record: factPlacing(state, layout, schemas, refuse, apply),
      run: null,
    }),
    closed: neverClosed,
    form: { write: neverClosed, read: neverClosed },
  }
  const restore = checkpoint && { sources: decodeSources(checkpoint), checkpoint }
  const sources = [
    sourceFold(requests, layout, partition, hashSeed, restore, gapOf('requests')),
    sourceFold(checks, layout, partition, hashSeed, restore, gapOf('health-checks')),
    sourceFold(facts, layout, partition, hashSeed, restore, gapOf('facts')),
  ]
  let fed: SourceFold | undefined
  return {
    sources: () =>
      sources.map((source) => ({
        topic: source.topic,
        partition,
        position: source.position(),
        from: source.from(),
        held: isHeld(source, sources, layout.limits.maxAheadMs),
      })),
    feed: (batches) => {
      fed = sources.find(({ topic }) => topic === batches.topic)
      invariant(
        fed !== undefined && batches.partition === partition,
        `aggregator ${partition}: fed with ${batches.topic}/${batches.partition}`,
      )
      fed.feed(batches)
    },
    work: (units, emit) => fed !== undefined && fed.work(units, emit) <= 0,
    atRecordBoundary: () => sources.every((source) => source.atRecordBoundary()),
    checkpoint: () => {
      const saved = sources.map((source) => source.save())
      return new Map([
        ...encodeSources(saved.map(({ source }) => source)),
        ...saved.flatMap(({ parts }) => [...parts]),
      ])
    },
  }
}

/**
 * Whether a source is too far ahead of one that has more to read. One that is read to its end holds nobody back, and neither does one
 * that was never fed, of which nobody knows; so somebody always goes on: the slowest that has more.
 */
const isHeld = (source: SourceFold, sources: readonly SourceFold[], maxAheadMs: number): boolean =>
  sources.some(
    (other) => other.atEnd() === false && source.clockMs() - other.clockMs() > maxAheadMs,
  )

const neverClosed = (): never => {
  throw new TypeError('facts have no windows')
}
