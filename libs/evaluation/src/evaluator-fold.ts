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
import { evaluatorState, take, type EvaluatorState } from './evaluator-state.ts'
import { lookFor, type EvaluatorOptions } from './plan.ts'
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
 * `through`. Where a configuration is missing, it waits between two windows: the record at hand is not behind it then.
 */
export const evaluatorFold = (
  options: EvaluatorFoldOptions,
  checkpoint: Checkpoint | null,
): EvaluatorFold => {
  const { reader, partition, snapshotEveryWindows = 60 } = options
  const saved = evaluatorCheckpoint(options, checkpoint)
  /** Null while the configuration of the saved state is missing. */
  let state = saved.configurationId === null ? evaluatorState(options) : saved.restored()
  let position = saved.from()
  let fed: RecordBatches | null = null
  let judgedWindows = 0
  let isWanted = false
  /** End of the last window that was judged when the fold was last between two records. */
  let judgedUs = state?.previousEndUs ?? null

  const beginDay = (of: EvaluatorState): void => {
    if (isNewDay(judgedUs, of.previousEndUs)) {
      saved.begin(of, position, 'day')
      judgedWindows = 0
    }
    judgedUs = of.previousEndUs
  }

  const nextEvent = (batches: RecordBatches): AggregateEvent | null => {
    const record = reader.next()
    position = record === null ? batches.nextOffset : offset(record.offset + 1)
    return record && aggregateEvent(record.event)
  }

  /** True when more is left to do. */
  const workOn = (of: EvaluatorState, units: number, emit: (output: Output) => void): boolean => {
    const emitNews = (output: Output): void => {
      const { event } = output
      if (event.type === 'FleetSlice' && event.part === 0) judgedWindows++
      if (isAfter(output, saved.throughUs)) emit(output)
    }
    let left = saved.write(units)
    while (left > 0) {
      left = judge(of, left, emitNews)
      if (left <= 0 || of.awaited !== null) return true
      if (of.previousEndUs !== judgedUs) beginDay(of)
      const event = fed && nextEvent(fed)
      if (event === null) {
        fed = null
        return saved.isWriting()
      }
      take(of, event)
      left--
    }
    return true
  }

  return {
    sources: () => {
      const isHeldUp = state !== null && state.awaited !== null
      const behind = isHeldUp ? offset(position - 1) : position
      return [{ topic: 'aggregates', partition, position: behind, from: saved.from(), held: false }]
    },
    feed: (batches) => {
      invariant(fed === null, `evaluator ${partition}: fed before the last batches were worked off`)
      fed = batches
      reader.open(batches)
    },
    work: (units, emit) => {
      if (state === null) {
        state = saved.restored()
        judgedUs = state?.previousEndUs ?? null
      }
      return state === null || workOn(state, units, emit)
    },
    missing: () => lookFor(options, state === null ? saved.configurationId : state.awaited),
    atRecordBoundary: () => state === null || isBetweenWindows(state),
    checkpoint: () => {
      if (state === null) return saved.checkpoint(saved.throughUs)
      invariant(isBetweenWindows(state), `evaluator ${partition}: a checkpoint within a record`)
      // A snapshot is one between two records.
      const mayBegin = !hasWork(state)
      const isDue = judgedWindows >= snapshotEveryWindows && !saved.isWriting()
      if (mayBegin && (isWanted || isDue)) {
        saved.begin(state, position)
        judgedWindows = 0
        if (isWanted) saved.write(Infinity)
        isWanted = false
      }
      return saved.checkpoint(Math.max(saved.throughUs, state.previousEndUs ?? 0))
    },
    snapshotNext: () => {
      isWanted = true
    },
  }
}

/** Where a commit may stand: between two records, and where the next window waits for its configuration. */
const isBetweenWindows = (state: EvaluatorState): boolean =>
  state.judging === null && (state.awaited !== null || !hasWork(state))

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
