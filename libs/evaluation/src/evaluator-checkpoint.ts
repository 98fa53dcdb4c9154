import { offset, type Checkpoint, type Offset } from '@tidemark/model'
import {
  daysIn,
  documentsOfDay,
  isDayPart,
  withDay,
  type DaySnapshot,
  type DaySnapshots,
} from './day-snapshots.ts'
import {
  CheckpointFormatError,
  documentsOf,
  jsonBytes,
  jsonOf,
  partCounts,
  partOf,
  partsOf,
  unchanged,
  type DocumentDraft,
} from './documents.ts'
import { restoredState, snapshotOf } from './evaluator-snapshot.ts'
import type { EvaluatorState } from './evaluator-state.ts'
import type { EvaluatorOptions } from './plan.ts'

/** What an evaluator has saved, and the snapshot that it may be writing. */
export type EvaluatorCheckpoint = {
  /** The state as it stood just before `from`; null when nothing was saved. */
  readonly restored: EvaluatorState | null
  /** End of the last window whose outputs were committed when this was opened; 0 before the first. */
  readonly throughUs: number
  /** Where a recovery begins to read. */
  readonly from: () => Offset
  /**
   * Begins a snapshot of a state between two records, in place of one that is not finished. `keep`: as the snapshot of its day, beside
   * those that follow.
   */
  readonly begin: (state: EvaluatorState, from: Offset, keep?: 'day') => void
  readonly isWriting: () => boolean
  /** Goes on with the snapshot, a document at a time until the units are used up; returns those left over. */
  readonly write: (units: number) => number
  /** The last finished snapshot and how far outputs have come since. */
  readonly checkpoint: (throughUs: number) => Checkpoint
}

export const evaluatorCheckpoint = (
  options: EvaluatorOptions,
  checkpoint: Checkpoint | null,
): EvaluatorCheckpoint => {
  const saved = checkpoint === null ? nothingSaved : readManifest(checkpoint)
  const hasState = checkpoint !== null && Object.keys(saved.parts).length > 0
  let snapshot: Snapshot = { from: saved.from, parts: snapshotParts(checkpoint) }
  let days: DaySnapshots = daysIn(checkpoint ?? new Map(), saved.days ?? [])
  let manifest = checkpoint?.get(manifestKey)
  let writing: Writing | null = null

  const writeOne = ({ from, drafts, parts, dayEndUs }: Writing): void => {
    const draft = drafts.pop()
    if (draft === undefined) {
      snapshot = { from, parts }
      writing = null
      if (dayEndUs !== null) days = withDay(days, dayEndUs, parts)
    } else for (const [key, part] of partsOf(draft, snapshot.parts)) parts.set(key, part)
  }

  return {
    restored: hasState ? restoredState(options, documentsOf(checkpoint, saved.parts)) : null,
    throughUs: saved.throughUs,
    from: () => snapshot.from,
    begin: (state, from, keep) => {
      // What takes the place of an unfinished snapshot of the day is that of the day.
      const isOfDay = keep === 'day' || (writing !== null && writing.dayEndUs !== null)
      const dayEndUs = isOfDay ? state.previousEndUs : null
      writing = { from, drafts: [...snapshotOf(state)], parts: new Map(), dayEndUs }
    },
    isWriting: () => writing !== null,
    write: (units) => {
      let left = units
      for (; writing !== null && left > 0; left -= unitsPerDocument) writeOne(writing)
      return left
    },
    checkpoint: (throughUs) => {
      const { from, parts } = snapshot
      const saying = { version, from, throughUs, parts: partCounts(parts), days: days.days }
      manifest = unchanged(jsonBytes(saying), manifest)
      return new Map([...parts, ...days.parts, [manifestKey, manifest]])
    },
  }
}

/** A state that a checkpoint holds, for whoever wants to judge again from there. */
export type SavedState = {
  /** End of the last window that was judged; null: none yet. */
  readonly throughUs: number | null
  readonly restore: () => EvaluatorState
}

/** Every state in a checkpoint, the oldest first: those of the days, and the last one. */
export const savedStates = (
  options: EvaluatorOptions,
  checkpoint: Checkpoint,
): readonly SavedState[] => {
  const { parts, days = [] } = readManifest(checkpoint)
  const kept = days.map((day) => ({
    throughUs: day.endUs,
    restore: () => restoredState(options, documentsOfDay(checkpoint, day)),
  }))
  if (Object.keys(parts).length === 0) return kept
  const documents = documentsOf(checkpoint, parts)
  const last = restoredState(options, documents)
  return [
    ...kept,
    { throughUs: last.previousEndUs, restore: () => restoredState(options, documents) },
  ]
}

/** End of the last window whose outputs are committed; 0 before the first. */
export const judgedThroughUs = (checkpoint: Checkpoint): number =>
  readManifest(checkpoint).throughUs

/** Raised when the same bytes would mean something else. */
const version = 1
const manifestKey = 'manifest'
/** A shard of a hundred services takes about as long to write as so many services to judge. */
const unitsPerDocument = 100

type Snapshot = { readonly from: Offset; readonly parts: Checkpoint }
type Writing = {
  readonly from: Offset
  readonly drafts: DocumentDraft[]
  readonly parts: Map<string, Uint8Array>
  /** End of the window up to which it goes, when it is to be kept as that of its day. */
  readonly dayEndUs: number | null
}

type Manifest = {
  readonly from: Offset
  readonly throughUs: number
  /** Parts of each document of the snapshot. */
  readonly parts: Readonly<Record<string, number>>
  /** Absent in checkpoints that were written before there were any. */
  readonly days?: readonly DaySnapshot[]
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

const snapshotParts = (checkpoint: Checkpoint | null): Checkpoint =>
  new Map([...(checkpoint ?? [])].filter(([key]) => key !== manifestKey && !isDayPart(key)))
