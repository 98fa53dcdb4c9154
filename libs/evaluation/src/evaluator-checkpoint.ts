import { offset, type Checkpoint, type Offset } from '@tidemark/model'
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
  /** Begins a snapshot of a state between two records, in place of one that is not finished. */
  readonly begin: (state: EvaluatorState, from: Offset) => void
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
  let snapshot: Snapshot = { from: saved.from, parts: withoutManifest(checkpoint) }
  let manifest = checkpoint?.get(manifestKey)
  let writing: Writing | null = null

  const writeOne = ({ from, drafts, parts }: Writing): void => {
    const draft = drafts.pop()
    if (draft === undefined) {
      snapshot = { from, parts }
      writing = null
    } else for (const [key, part] of partsOf(draft, snapshot.parts)) parts.set(key, part)
  }

  return {
    restored: hasState ? restoredState(options, documentsOf(checkpoint, saved.parts)) : null,
    throughUs: saved.throughUs,
    from: () => snapshot.from,
    begin: (state, from) => {
      writing = { from, drafts: [...snapshotOf(state)], parts: new Map() }
    },
    isWriting: () => writing !== null,
    write: (units) => {
      let left = units
      for (; writing !== null && left > 0; left -= unitsPerDocument) writeOne(writing)
      return left
    },
    checkpoint: (throughUs) => {
      const { from, parts } = snapshot
      const bytes = jsonBytes({ version, from, throughUs, parts: partCounts(parts) })
      manifest = unchanged(bytes, manifest)
      return new Map([...parts, [manifestKey, manifest]])
    },
  }
}

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
}

type Manifest = {
  readonly from: Offset
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
