import type { Id } from '@tidemark/model'
import { checkStore } from '../stored-rows.ts'
import type { Evidence } from '../evidence.ts'
import type { Plant } from './plant.ts'

/** Faults in the snapshot store: I9. */
export const plantedRows: readonly Plant[] = [
  [
    'a row that is missing',
    checkStore,
    'I9',
    /reports: the row of .* is missing/,
    (evidence) => withStore(evidence, ({ reports }) => ({ reports: reports.slice(1) })),
  ],
  [
    'a row that says something else',
    checkStore,
    'I9',
    /assessments: the row of .* is another/,
    (evidence) =>
      withStore(evidence, ({ assessments: [first, ...rest] }) => ({
        assessments: [{ ...first!, stale: !first!.stale }, ...rest],
      })),
  ],
  [
    'a row that no topic holds',
    checkStore,
    'I9',
    /alerts: a row of .*, which no topic holds/,
    (evidence) =>
      withStore(evidence, ({ alerts }) => ({
        alerts: [...alerts, { ...alerts[0]!, id: '0'.repeat(32) as Id }],
      })),
  ],
  [
    'a fact that is missing',
    checkStore,
    'I9',
    /facts: the row of .* is missing/,
    (evidence) => withStore(evidence, ({ facts }) => ({ facts: facts.slice(1) })),
  ],
  [
    'an hour of an objective that counts something else',
    checkStore,
    'I9',
    /hours of objectives: the row of .* is another/,
    (evidence) =>
      withStore(evidence, ({ sloHours: [first, ...rest] }) => ({
        sloHours: [{ ...first!, valid: first!.valid + 1 }, ...rest],
      })),
  ],
  [
    'a change of status that nobody noted',
    checkStore,
    'I9',
    /changes of status: the row of .* is missing/,
    (evidence) => withStore(evidence, (all) => ({ statusChanges: all.statusChanges.slice(1) })),
  ],
  [
    'a position before the end',
    checkStore,
    'I9',
    /position of fleet\/0: 1, its end is/,
    (evidence) =>
      withStore(evidence, ({ positions }) => ({
        positions: positions.map((at) => (at.topic === 'fleet' ? { ...at, position: 1 } : at)),
      })),
  ],
  [
    'a position that went back',
    checkStore,
    'I9',
    /position of .* after transaction 1, which was/,
    (evidence) => withMoment(evidence, { versions: [] }),
  ],
  [
    'a row whose version went down',
    checkStore,
    'I9',
    /: 1 after transaction 1, which was/,
    (evidence) => {
      const { row } = evidence.store!.moments![0]!.versions[0]!
      return withMoment(evidence, { positions: [], versions: [{ row, version: 1 }] })
    },
  ],
]

type Contents = NonNullable<Evidence['store']>['contents']

const withStore = (
  evidence: Evidence,
  change: (contents: Contents) => Partial<Contents>,
): Evidence => {
  const { contents, moments } = evidence.store!
  return { ...evidence, store: { contents: { ...contents, ...change(contents) }, moments } }
}

type StoreMoment = NonNullable<NonNullable<Evidence['store']>['moments']>[number]

/** A later transaction, after which every position is 0 unless `moment` says otherwise. */
const withMoment = (evidence: Evidence, moment: Partial<StoreMoment>): Evidence => {
  const { contents, moments } = evidence.store!
  const positions = contents.positions.map((at) => ({ ...at, position: 0 }))
  const later = { positions, versions: [], ...moment }
  return { ...evidence, store: { contents, moments: [...moments!, later] } }
}
