import { checkConservation } from '../conservation.ts'
import { checkJournal } from '../journal.ts'
import { checkBalances, checkLedgers } from '../ledgers.ts'
import { checkRepeats } from '../repeats.ts'
import { checkRestores } from '../restores.ts'
import { checkSameBytes } from '../same-bytes.ts'
import type { Evidence, ObservedCommit } from '../evidence.ts'
import type { Plant } from './plant.ts'
import { withEvent, withRepeat } from './planting.ts'

/** Faults in what was written and how it was committed: I1 to I6. */
export const plantedRecords: readonly Plant[] = [
  [
    'an acknowledged record that is not in the log',
    checkJournal,
    'I1',
    /which does not exist/,
    (evidence) => ({
      ...evidence,
      inputs: evidence.inputs.filter(({ topic }) => topic !== 'health-checks'),
    }),
  ],
  [
    'another record where an acknowledged one should be',
    checkJournal,
    'I1',
    /where another record stands/,
    (evidence) => {
      const at = evidence.inputs.findIndex(({ offset, key }) => key !== null && offset % 5 === 1)
      const inputs = evidence.inputs.with(at, { ...evidence.inputs[at]!, value: Buffer.from('x') })
      return { ...evidence, inputs }
    },
  ],
  [
    'a refused record in the log',
    checkJournal,
    'I1',
    /is nobody's, or was refused/,
    (evidence) => ({
      ...evidence,
      attempts: evidence.attempts!.with(0, {
        ...evidence.attempts![0]!,
        outcome: { kind: 'refused' },
      }),
    }),
  ],
  [
    'an advance whose ledger does not add up',
    checkBalances,
    'I2',
    /does not add up/,
    (evidence) =>
      withEvent(evidence, 'PartitionAdvanced', (event) => ({
        ...event,
        ledger: { ...event.ledger, late: event.ledger.late + 1 },
      })),
  ],
  [
    'a commit that counts another number of open events',
    checkLedgers,
    'I2',
    /open: 12345 instead of/,
    (evidence) =>
      withCommit(evidence, isAggregators, (commit) =>
        withCheckpointText(commit, /"open":\d+/, '"open":12345'),
      ),
  ],
  [
    'a window with a count that its histogram does not hold',
    checkConservation,
    'I3',
    /the slots do not add up to the count/,
    (evidence) =>
      withEvent(evidence, 'RequestWindowClosed', (event) => ({ ...event, total: event.total + 1 })),
  ],
  [
    'a window whose statuses are one short',
    checkConservation,
    'I3',
    /the statuses do not add up/,
    (evidence) =>
      withEvent(evidence, 'RequestWindowClosed', (event) => ({
        ...event,
        statuses: event.statuses.slice(1),
      })),
  ],
  [
    'checks that do not add up',
    checkConservation,
    'I3',
    /checks do not add up/,
    (evidence) =>
      withEvent(evidence, 'HealthWindowClosed', (event) => ({
        ...event,
        passed: event.passed + 1,
      })),
  ],
  [
    'a window that is closed twice',
    checkRepeats,
    'I4',
    /RequestWindowClosed of .* and aggregates/,
    (evidence) => withRepeat(evidence, 'RequestWindowClosed'),
  ],
  [
    'an assessment that is there twice',
    checkRepeats,
    'I4',
    /cause .* after/,
    (evidence) => withRepeat(evidence, 'ServiceAssessed'),
  ],
  [
    'a repeat with other bytes where delivery is at least once',
    checkRepeats,
    'I4',
    /is not what .* said/,
    (evidence) => {
      const repeated = withRepeat({ ...evidence, delivery: 'at-least-once' }, 'ServiceAssessed')
      return withEvent(repeated, 'ServiceAssessed', (event) => ({ ...event, stale: !event.stale }))
    },
  ],
  [
    'a checkpoint that has lost its late counts and position',
    checkRestores,
    'I5',
    /restored from commit/,
    (evidence) => {
      const commits = evidence.commits!.map((commit) =>
        commit.processor === 'aggregator'
          ? withCheckpointText(commit, /"aggregated":\d+/g, '"aggregated":7')
          : commit,
      )
      return { ...evidence, commits }
    },
  ],
  [
    'a state of the evaluator that is older than its commit',
    checkRestores,
    'I5',
    /^evaluator .*restored from commit/,
    (evidence) => {
      const oldest = evidence.commits!.find(({ processor }) => processor === 'evaluator')!
      const commits = evidence.commits!.map((commit) =>
        commit.processor === 'evaluator' && commit.task === oldest.task
          ? { ...commit, checkpoint: oldest.checkpoint }
          : commit,
      )
      return { ...evidence, commits }
    },
  ],
  [
    'a record that says less than an undisturbed run',
    checkSameBytes,
    'I6',
    /not the bytes of an undisturbed run/,
    (evidence) =>
      withEvent(evidence, 'ServiceAssessed', (event) => ({ ...event, stale: !event.stale })),
  ],
  [
    'a record too many',
    checkSameBytes,
    'I6',
    /an undisturbed run has/,
    (evidence) => withRepeat(evidence, 'PlatformReported'),
  ],
]

const withCommit = (
  evidence: Evidence,
  of: (commit: ObservedCommit) => boolean,
  change: (commit: ObservedCommit) => ObservedCommit,
): Evidence => {
  const commits = evidence.commits!
  const at = commits.findIndex(of)
  return { ...evidence, commits: commits.with(at, change(commits[at]!)) }
}

/** The aggregator's checkpoint with its text changed. */
const withCheckpointText = (commit: ObservedCommit, from: RegExp, to: string): ObservedCommit => {
  const text = Buffer.from(commit.checkpoint.get('aggregator')!).toString()
  const changed = Buffer.from(text.replace(from, to))
  return { ...commit, checkpoint: new Map([...commit.checkpoint, ['aggregator', changed]]) }
}

const isAggregators = ({ processor, epoch }: ObservedCommit): boolean =>
  processor === 'aggregator' && epoch > 1
