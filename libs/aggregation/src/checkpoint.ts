import {
  canonicalJson,
  emptyLedger,
  inputTopics,
  type Checkpoint,
  type InputTopic,
  type Layout,
  type Ledger,
  type Offset,
} from '@tidemark/model'
import { decodeUtf8, encodeUtf8 } from '@tidemark/wire'
import { markedAt, noGaps, type GapMarks } from './gaps.ts'

/**
 * One input partition as it stands before `position`. Recovery loads the saved windows, reads from `from` to `position` again and puts
 * the events there whose windows are still open at the clock; nothing is counted or emitted twice.
 */
export type SavedSource = {
  readonly topic: InputTopic
  readonly partition: number
  readonly position: Offset
  readonly from: Offset
  /** Events of the partition below `from`: what is read again must bring the ledger's sum back. */
  readonly eventsBefore: number
  /** Null: nothing was read yet. */
  readonly clockMs: number | null
  readonly ledger: Ledger
  /** Late events since the last `PartitionAdvanced`. */
  readonly late: readonly (readonly [service: string, events: number])[]
  /** Events in open windows. */
  readonly open: number
  readonly gaps: GapMarks
  /** Windows that are saved in parts of their own, with the number of these. */
  readonly windows: readonly SavedWindow[]
}

export type SavedWindow = { readonly endUs: number; readonly parts: number }

/** A checkpoint that this version did not write. */
export class CheckpointFormatError extends Error {
  readonly code = 'checkpoint_format'
  readonly retriable = false
}

/** The part that holds positions, clocks and ledgers: at most 800 KB, nearly all of it names of services with late events. */
const mainPart = 'aggregator'

export const windowPart = (topic: InputTopic, endUs: number, index: number): string =>
  `windows/${topic}/${endUs}/${index}`

export const encodeSources = (sources: readonly SavedSource[]): Checkpoint =>
  new Map([[mainPart, encodeUtf8(canonicalJson({ version: 1, sources }))]])

export type SourceStart = {
  readonly topic: InputTopic
  readonly position: Offset
  /** Stream clock before that record; null: unknown, it begins with the record. */
  readonly clockMs: number | null
}

/**
 * A checkpoint of a fold that begins in the middle and knows nothing of what came before. What it says of windows with events below the
 * position is wrong, and its ledger counts from there.
 */
export const startingAt = (partition: number, starts: readonly SourceStart[]): Checkpoint =>
  encodeSources(
    starts.map(({ topic, position, clockMs }) => ({
      ...{ topic, partition, position, from: position, clockMs },
      ...{ ledger: emptyLedger, eventsBefore: 0, late: [], open: 0, gaps: noGaps, windows: [] },
    })),
  )

export const decodeSources = (checkpoint: Checkpoint): readonly SavedSource[] => {
  const bytes = checkpoint.get(mainPart)
  if (bytes === undefined) throw new CheckpointFormatError(`checkpoint: no part "${mainPart}"`)
  const text = decodeUtf8(bytes, 0, bytes.length)
  const saved = parse(text ?? '')
  if (saved?.version !== 1)
    throw new CheckpointFormatError(`checkpoint: part "${mainPart}" is not version 1`)
  return saved.sources
}

const parse = (text: string): { version: 1; sources: readonly SavedSource[] } | null => {
  try {
    return JSON.parse(text) as ReturnType<typeof parse>
  } catch (cause) {
    throw new CheckpointFormatError(`checkpoint: part "${mainPart}" is no JSON`, { cause })
  }
}

export const savedSourceOf = (
  sources: readonly SavedSource[],
  topic: InputTopic,
  partition: number,
): SavedSource => {
  const saved = sources.find((source) => source.topic === topic && source.partition === partition)
  if (saved !== undefined) return saved
  throw new CheckpointFormatError(`checkpoint: says nothing of ${topic}/${partition}`)
}

/** An input partition's ledger, and how many of its aggregated events are in windows that are still open. */
export type SourceLedger = Pick<SavedSource, 'topic' | 'partition' | 'position' | 'ledger' | 'open'>

/** What a checkpoint of the aggregator says was read. */
export const ledgerOf = (checkpoint: Checkpoint): readonly SourceLedger[] =>
  decodeSources(checkpoint).map(({ topic, partition, position, ledger, open }) => ({
    topic,
    partition,
    position,
    ledger,
    open,
  }))

/**
 * Windows of an input that start at or before it may lack events of a gap; -1: none does. One that begins at `startOffset` has a gap in
 * front of a recovery that wants what is below.
 */
export const incompleteThroughOf = (
  checkpoint: Checkpoint,
  topic: InputTopic,
  partition: number,
  startOffset: Offset,
  layout: Layout,
): number => {
  const { gaps, clockMs, from } = savedSourceOf(decodeSources(checkpoint), topic, partition)
  return (from < startOffset ? markedAt(gaps, clockMs ?? -1, layout) : gaps).incompleteThroughUs
}

/** Where a recovery from a checkpoint begins to read each input; null: at the beginning of all. */
export const wantedOf = (
  checkpoint: Checkpoint | null,
): readonly Pick<SavedSource, 'topic' | 'from' | 'position'>[] =>
  checkpoint === null
    ? inputTopics.map((topic) => ({ topic, from: 0 as Offset, position: 0 as Offset }))
    : decodeSources(checkpoint).map(({ topic, from, position }) => ({ topic, from, position }))
