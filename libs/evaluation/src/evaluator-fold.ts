import {
  InvariantError,
  invariant,
  offset,
  type AggregateEvent,
  type Checkpoint,
  type Output,
  type RecordBatches,
  type TaskFold,
  type TidemarkEvent,
} from '@tidemark/model'
import { isNewDay } from './day-snapshots.ts'
import { hasWork, judge } from './evaluator.ts'
import { evaluatorCheckpoint } from './evaluator-checkpoint.ts'
import { evaluatorState, take } from './evaluator-state.ts'
import type { EvaluatorOptions } from './plan.ts'
import type { RecordReader } from './record-reader.ts'

export type EvaluatorFoldOptions = EvaluatorOptions & {
  readonly reader: RecordReader
  /** Judged windows after which a new snapshot is begun: about what a recovery judges again. Default 60. */
  readonly snapshotEveryWindows?: number
}

export type EvaluatorFold = TaskFold & {
  /** Makes the next checkpoint hold a snapshot of its own moment. */
  readonly snapshotNext: () => void
}

/**
 * The evaluator of one partition as the engine runs it. Its checkpoint is `{ from, state, through }`: the state as it stood just before
 * record `from`, and the last window whose outputs are committed. A recovery reads from `from` again and drops what it emits up to
 * `through`.
 */
export const evaluatorFold = (
  options: EvaluatorFoldOptions,
  checkpoint: Checkpoint | null,
): EvaluatorFold => {
  const { reader, partition, snapshotEveryWindows = 60 } = options
  const saved = evaluatorCheckpoint(options, checkpoint)
  const state = saved.restored ?? evaluatorState(options)
  let position = saved.from()
  let fed: RecordBatches | null = null
  let judgedWindows = 0
  let isWanted = false
  /** End of the last window that was judged when the fold was last between two records. */
  let judgedUs = state.previousEndUs

  const beginDay = (): void => {
    if (isNewDay(judgedUs, state.previousEndUs)) {
      saved.begin(state, position, 'day')
      judgedWindows = 0
    }
    judgedUs = state.previousEndUs
  }

  const nextEvent = (batches: RecordBatches): AggregateEvent | null => {
    const record = reader.next()
    position = record === null ? batches.nextOffset : offset(record.offset + 1)
    return record && aggregateEvent(record.event)
  }

  return {
    sources: () => [{ topic: 'aggregates', partition, position, from: saved.from(), held: false }],
    feed: (batches) => {
      invariant(fed === null, `evaluator ${partition}: fed before the last batches were worked off`)
      fed = batches
      reader.open(batches)
    },
    work: (units, emit) => {
      const emitNews = (output: Output): void => {
        const { event } = output
        if (event.type === 'FleetSlice' && event.part === 0) judgedWindows++
        if (isAfter(output, saved.throughUs)) emit(output)
      }
      let left = saved.write(units)
      while (left > 0) {
        left = judge(state, left, emitNews)
        if (left <= 0) break
        if (state.previousEndUs !== judgedUs) beginDay()
        const event = fed && nextEvent(fed)
        if (event === null) {
          fed = null
          return saved.isWriting()
        }
        take(state, event)
        left--
      }
      return true
    },
    atRecordBoundary: () => !hasWork(state),
    checkpoint: () => {
      invariant(!hasWork(state), `evaluator ${partition}: a checkpoint in the middle of a record`)
      const isDue = judgedWindows >= snapshotEveryWindows && !saved.isWriting()
      if (isWanted || isDue) {
        saved.begin(state, position)
        judgedWindows = 0
      }
      if (isWanted) saved.write(Infinity)
      isWanted = false
      return saved.checkpoint(Math.max(saved.throughUs, state.previousEndUs ?? 0))
    },
    snapshotNext: () => {
      isWanted = true
    },
  }
}

const isAfter = ({ event }: Output, throughUs: number): boolean =>
  'windowEndUs' in event.cause && event.cause.windowEndUs > throughUs

const aggregateEvent = (event: TidemarkEvent): AggregateEvent => {
  switch (event.type) {
    case 'RequestWindowClosed':
    case 'HealthWindowClosed':
    case 'FactApplied':
    case 'PartitionAdvanced':
      return event
    default:
      throw new InvariantError(`aggregates: ${event.type} does not belong there`)
  }
}
