import { offset, type Checkpoint, type Id, type Offset } from '@tidemark/model'
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
import { configurationOf, type EvaluatorOptions } from './plan.ts'

/** What an evaluator has saved, and the snapshot that it may be writing. */
export type EvaluatorCheckpoint = {
  /** The configuration that was in force in the saved state; null when nothing was saved. */
  readonly configurationId: Id | null
  /** The state as it stood just before `from`; null where nothing was saved, or before its configuration was loaded. */
  readonly restored: () => EvaluatorState | null
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
  const { from, endUs, configurationId } = saved
  let snapshot: Snapshot = { from, endUs, configurationId, parts: snapshotParts(checkpoint) }
  let days: DaySnapshots = daysIn(checkpoint ?? new Map(), saved.days)
  let manifest = checkpoint?.get(manifestKey)
  let writing: Writing | null = null

  const writeOne = ({ drafts, parts, isOfDay, ...begun }: Writing): void => {
    const draft = drafts.pop()
    if (draft === undefined) {
      snapshot = { ...begun, parts }
      writing = null
      const { endUs, configurationId } = snapshot
      if (isOfDay && endUs !== null && configurationId !== null)
        days = withDay(days, { endUs, configurationId }, parts)
    } else for (const [key, part] of partsOf(draft, snapshot.parts)) parts.set(key, part)
  }

  return {
    configurationId,
    restored: () =>
      checkpoint === null ||
      configurationId === null ||
      configurationOf(options, configurationId) === null
        ? null
        : restoredState(options, documentsOf(checkpoint, saved.parts)),
    throughUs: saved.throughUs,
    from: () => snapshot.from,
    begin: (state, position, keep) => {
      // What takes the place of an unfinished snapshot of the day is that of the day.
      const isOfDay = keep === 'day' || writing?.isOfDay === true
      const { previousEndUs, plan } = state
      writing = {
        ...{ from: position, endUs: previousEndUs, configurationId: plan.configurationId, isOfDay },
        ...{ drafts: [...snapshotOf(state)], parts: new Map() },
      }
    },
    isWriting: () => writing !== null,
    write: (units) => {
      let left = units
      for (; writing !== null && left > 0; left -= unitsPerDocument) writeOne(writing)
      return left
    },
    checkpoint: (throughUs) => {
      const { parts, ...begun } = snapshot
      const saying = { version, ...begun, throughUs, parts: partCounts(parts), days: days.days }
      manifest = unchanged(jsonBytes(saying), manifest)
      return new Map([...parts, ...days.parts, [manifestKey, manifest]])
    },
  }
}

/** The checkpoint of a state between two records, `from` being the next of them. */
export const checkpointOf = (state: EvaluatorState, from: Offset): Checkpoint => {
  const saved = evaluatorCheckpoint(state.options, null)
  saved.begin(state, from)
  saved.write(Infinity)
  return saved.checkpoint(state.previousEndUs ?? 0)
}

/** A state that a checkpoint holds, for whoever wants to judge again from there. */
export type SavedState = {
  /** End of the last window that was judged; null: none yet. */
  readonly throughUs: number | null
  /** The configuration that was in force; to be loaded before `restore` is called. */
  readonly configurationId: Id
  readonly restore: () => EvaluatorState
}

/** Every state in a checkpoint, the oldest first: those of the days, and the last one. */
export const savedStates = (
  options: EvaluatorOptions,
  checkpoint: Checkpoint,
): readonly SavedState[] => {
  const { endUs, configurationId, parts, days } = readManifest(checkpoint)
  const kept = days.map((day) => ({
    throughUs: day.endUs,
    configurationId: day.configurationId,
    restore: () => restoredState(options, documentsOfDay(checkpoint, day)),
  }))
  if (configurationId === null) return kept
  const restore = (): EvaluatorState => restoredState(options, documentsOf(checkpoint, parts))
  return [...kept, { throughUs: endUs, configurationId, restore }]
}

/** End of the last window whose outputs are committed; 0 before the first. */
export const judgedThroughUs = (checkpoint: Checkpoint): number =>
  readManifest(checkpoint).throughUs

/** Raised when the same bytes would mean something else. */
const version = 3
const manifestKey = 'manifest'
/** A shard of a hundred services takes about as long to write as so many services to judge. */
const unitsPerDocument = 100

/** What is known of a snapshot without opening it. */
type Begun = {
  readonly from: Offset
  /** End of the last window that was judged; null: none. */
  readonly endUs: number | null
  /** In force then; null where there is no snapshot. */
  readonly configurationId: Id | null
}

type Snapshot = Begun & { readonly parts: Checkpoint }
type Writing = Begun & {
  readonly drafts: DocumentDraft[]
  readonly parts: Map<string, Uint8Array>
  /** It is to be kept as that of its day. */
  readonly isOfDay: boolean
}

type Manifest = Begun & {
  readonly throughUs: number
  /** Parts of each document of the snapshot. */
  readonly parts: Readonly<Record<string, number>>
  readonly days: readonly DaySnapshot[]
}

const nothingSaved: Manifest = {
  ...{ from: offset(0), endUs: null, configurationId: null },
  ...{ throughUs: 0, parts: {}, days: [] },
}

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
