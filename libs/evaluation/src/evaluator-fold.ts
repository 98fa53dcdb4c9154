import {
  InvariantError,
  invariant,
  offset,
  type AggregateEvent,
  type Checkpoint,
  type Offset,
  type Output,
  type RecordBatches,
  type TaskFold,
  type TidemarkEvent,
} from '@tidemark/model'
import {
  CheckpointFormatError,
  documentsOf,
  jsonBytes,
  jsonOf,
  partCounts,
  partOf,
  partsOf,
  unchanged,
} from './documents.ts'
import { hasWork, judge, type Emit } from './evaluator.ts'
import { restoredState, snapshotOf } from './evaluator-snapshot.ts'
import { evaluatorState, take } from './evaluator-state.ts'
import type { EvaluatorOptions } from './plan.ts'
import type { RecordReader } from './record-reader.ts'

export type EvaluatorFoldOptions = EvaluatorOptions & {
  readonly reader: RecordReader
  /** Judged windows after which a checkpoint holds a new snapshot; what a recovery reads again at most, in windows. Default 60. */
  readonly snapshotEveryWindows?: number
}

export type EvaluatorFold = TaskFold & {
  /** Makes the next checkpoint hold a snapshot of that moment. */
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
  const saved = checkpoint === null ? nothingSaved : readManifest(checkpoint)
  const state =
    checkpoint === null || Object.keys(saved.parts).length === 0
      ? evaluatorState(options)
      : restoredState(options, documentsOf(checkpoint, saved.parts))
  let snapshot = { from: saved.from, parts: withoutManifest(checkpoint) }
  let manifest = checkpoint?.get(manifestKey)
  let position = saved.from
  let fed: RecordBatches | null = null
  let judgedWindows = 0
  let isWanted = false

  const emitNews = (emit: Emit) => {
    return (output: Output): void => {
      const { event } = output
      if (event.type === 'FleetSlice' && event.part === 0) judgedWindows++
      if (isNews(output, saved.throughUs)) emit(output)
    }
  }

  const nextEvent = (batches: RecordBatches): AggregateEvent | null => {
    const record = reader.next()
    position = record === null ? batches.nextOffset : offset(record.offset + 1)
    return record && aggregateEvent(record.event)
  }

  return {
    sources: () => [{ topic: 'aggregates', partition, position, from: snapshot.from, held: false }],
    feed: (batches) => {
      invariant(fed === null, `evaluator ${partition}: fed before the last batches were worked off`)
      fed = batches
      reader.open(batches)
    },
    work: (units, emit) => {
      const news = emitNews(emit)
      let left = units
      for (;;) {
        left = judge(state, left, news)
        if (left <= 0) return true
        const event = fed && nextEvent(fed)
        if (event === null) {
          fed = null
          return false
        }
        take(state, event)
        left--
      }
    },
    atRecordBoundary: () => !hasWork(state),
    checkpoint: () => {
      invariant(!hasWork(state), `evaluator ${partition}: a checkpoint in the middle of a record`)
      if (isWanted || judgedWindows >= snapshotEveryWindows) {
        snapshot = { from: position, parts: partsOf(snapshotOf(state), snapshot.parts) }
        judgedWindows = 0
        isWanted = false
      }
      const throughUs = Math.max(saved.throughUs, state.previousEndUs ?? 0)
      const parts = partCounts(snapshot.parts)
      const bytes = jsonBytes({ version, from: snapshot.from, throughUs, parts })
      manifest = unchanged(bytes, manifest)
      return new Map([...snapshot.parts, [manifestKey, manifest]])
    },
    snapshotNext: () => {
      isWanted = true
    },
  }
}

/** Raised when the same bytes would mean something else. */
const version = 1
const manifestKey = 'manifest'

type Manifest = {
  readonly from: Offset
  /** 0 before the first window. */
  readonly throughUs: number
  /** Parts of each document of the snapshot. */
  readonly parts: Readonly<Record<string, number>>
}

const nothingSaved: Manifest = { from: offset(0), throughUs: 0, parts: {} }

const readManifest = (checkpoint: Checkpoint): Manifest => {
  const manifest = jsonOf(partOf(checkpoint, manifestKey)) as Manifest & { version: number }
  if (manifest.version !== version)
    throw new CheckpointFormatError(
      `evaluator checkpoint: version ${manifest.version}, this is ${version}`,
    )
  return manifest
}

const withoutManifest = (checkpoint: Checkpoint | null): Checkpoint =>
  new Map([...(checkpoint ?? [])].filter(([key]) => key !== manifestKey))

const isNews = ({ event }: Output, throughUs: number): boolean =>
  'windowEndUs' in event.cause && event.cause.windowEndUs > throughUs

const aggregateEvent = (event: TidemarkEvent): AggregateEvent => {
  switch (event.type) {
    case 'RequestWindowClosed':
    case 'HealthWindowClosed':
    case 'PartitionAdvanced':
      return event
    default:
      throw new InvariantError(`aggregates: ${event.type} does not belong there`)
  }
}
