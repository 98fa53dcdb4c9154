import type { StoredState } from './broker/task-states.ts'
import type { StoredBatch } from './broker/partition.ts'
import { faultClasses, sightings, type FaultClass, type Sighting } from './fault-classes.ts'
import type {
  Acquisition,
  Attempt,
  CommittedState,
  Exit,
  Moment,
  StoreCommit,
  Writer,
} from './run.ts'
import type { Scheduler } from './scheduler.ts'

/** What happened in a run, noted down as it happens. */
export type Chronicle = {
  readonly journal: Attempt[]
  readonly checkpoints: CommittedState[]
  readonly acquisitions: Acquisition[]
  readonly storeCommits: StoreCommit[]
  readonly exits: Exit[]
  /** Commits and publications whose outcome their writers do not know, as the brokers know it in the end. */
  readonly unknownCommits: (StoredBatch | null)[]
  readonly unknownPublications: { readonly batch: StoredBatch | null }[]
  readonly faults: Record<FaultClass, number>
  readonly sightings: Record<Sighting, number>
  readonly lastFault: () => Moment | null
  readonly moment: () => Moment
  readonly strike: (fault: FaultClass) => void
  readonly sight: (sighting: Sighting) => void
  readonly committed: (
    batch: StoredBatch,
    writer: Extract<Writer, { kind: 'task' }>,
    state: StoredState,
  ) => void
}

export const openChronicle = (time: Scheduler): Chronicle => {
  const faults = zeros(faultClasses)
  const seen = zeros(sightings)
  const checkpoints: CommittedState[] = []
  let lastFault: Moment | null = null
  return {
    ...{ journal: [], checkpoints, acquisitions: [], storeCommits: [], exits: [] },
    ...{ unknownCommits: [], unknownPublications: [] },
    faults,
    sightings: seen,
    lastFault: () => lastFault,
    moment: time.moment,
    strike: (fault) => {
      faults[fault]++
      lastFault = time.moment()
    },
    sight: (sighting) => {
      seen[sighting]++
    },
    committed: ({ appended, visible, transaction }, writer, { checkpoint, positions }) => {
      if (visible === null || transaction === null) return
      checkpoints.push({ writer, transaction, checkpoint, positions, appended, visible })
    },
  }
}

const zeros = <K extends string>(names: readonly K[]): Record<K, number> =>
  Object.fromEntries(names.map((name) => [name, 0])) as Record<K, number>
