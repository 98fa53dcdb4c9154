import {
  InvariantError,
  invariant,
  offset,
  type Checkpoint,
  type FleetSlice,
  type HealthStatus,
  type Layout,
  type Offset,
  type RecordBatches,
  type TaskFold,
  type TidemarkEvent,
} from '@tidemark/model'
import { CheckpointFormatError, jsonBytes, jsonOf, partOf, unchanged } from './documents.ts'
import type { RecordReader } from './record-reader.ts'
import { isReportDue, oldestNeeded, reporterState, reportNext, takeSlice } from './reporter.ts'

export type ReporterFoldOptions = {
  readonly layout: Pick<Layout, 'partitions'>
  readonly reader: RecordReader
}

/**
 * The reporter as the engine runs it. The slices are their own changelog: a recovery reads again from the oldest one that is still needed
 * and says nothing of the windows up to `throughUs`.
 */
export const reporterFold = (
  { layout, reader }: ReporterFoldOptions,
  checkpoint: Checkpoint | null,
): TaskFold => {
  const saved = checkpoint === null ? nothingSaved : readSaved(checkpoint)
  const state = { ...reporterState(layout), throughUs: saved.throughUs, overall: saved.overall }
  let part = checkpoint?.get(partKey)
  let position = saved.from
  let fed: RecordBatches | null = null

  const from = (): Offset => offset(oldestNeeded(state) ?? position)

  /** False at the end of what was fed. */
  const takeNext = (): boolean => {
    if (fed === null) return false
    const record = reader.next()
    if (record === null) {
      position = fed.nextOffset
      fed = null
      return false
    }
    takeSlice(state, sliceOf(record.event), record.offset)
    position = offset(record.offset + 1)
    return true
  }

  return {
    sources: () => [{ topic: 'fleet', partition: 0, position, from: from(), held: false }],
    feed: (batches) => {
      invariant(fed === null, 'reporter: fed before the last batches were worked off')
      fed = batches
      reader.open(batches)
    },
    work: (units, emit) => {
      for (let left = units; left > 0; left--) {
        if (!isReportDue(state)) {
          if (!takeNext()) return false
          continue
        }
        const event = reportNext(state)
        if (event !== null) emit({ topic: 'platform-reports', event })
      }
      return true
    },
    atRecordBoundary: () => !isReportDue(state),
    checkpoint: () => {
      const { throughUs, overall } = state
      part = unchanged(jsonBytes({ version, from: from(), throughUs, overall }), part)
      return new Map([[partKey, part]])
    },
  }
}

/** End of the last window whose report, if it got one, is committed; 0 before the first. */
export const reportedThroughUs = (checkpoint: Checkpoint): number => readSaved(checkpoint).throughUs

/** Raised when the same bytes would mean something else. */
const version = 1
const partKey = 'reporter'

type Saved = {
  readonly from: Offset
  readonly throughUs: number
  readonly overall: HealthStatus | null
}

const nothingSaved: Saved = { from: offset(0), throughUs: 0, overall: null }

const readSaved = (checkpoint: Checkpoint): Saved => {
  const saved = jsonOf(partOf(checkpoint, partKey)) as Saved & { version: number }
  if (saved.version !== version)
    throw new CheckpointFormatError(
      `reporter checkpoint: version ${saved.version}, this is ${version}`,
    )
  return saved
}

const sliceOf = (event: TidemarkEvent): FleetSlice => {
  if (event.type !== 'FleetSlice')
    throw new InvariantError(`fleet: ${event.type} does not belong there`)
  return event
}
