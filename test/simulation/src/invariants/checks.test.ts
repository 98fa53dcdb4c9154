import { beforeAll, describe, expect, it } from '@jest/globals'
import type { Id } from '@tidemark/model'
import { checkBounds } from './bounds.ts'
import { checkByOracle } from './by-oracle.ts'
import { contradictionsIn, violationsOf } from './check.ts'
import { checkConservation } from './conservation.ts'
import { derivedEventsOf } from './derived-events.ts'
import { checkEpisodes } from './episodes.ts'
import type { Evidence, ObservedCommit } from './evidence.ts'
import { checkJournal } from './journal.ts'
import { checkMarks } from './marks.ts'
import { judgedRunOf, type JudgedRun } from './judged-run.ts'
import { checkBalances, checkLedgers } from './ledgers.ts'
import { checkOwners } from './owners.ts'
import { checkRejections } from './rejections.ts'
import { checkRepeats } from './repeats.ts'
import { checkRestores } from './restores.ts'
import { checkSameBytes } from './same-bytes.ts'
import { checkStore } from './stored-rows.ts'
import { cleanRun } from './testing/clean-run.ts'
import { without, withDerived, withEvent, withRepeat } from './testing/planting.ts'
import type { InvariantNumber, Violation } from './violation.ts'

let clean: Evidence
let cleanJudged: JudgedRun

beforeAll(async () => {
  clean = await cleanRun()
  cleanJudged = await judgedRunOf(clean)
})

type Check = (run: JudgedRun) => readonly Violation[] | Promise<readonly Violation[]>

/** A fault that is planted in a clean run, and what one check must say of it. */
type Plant = readonly [
  what: string,
  check: Check,
  invariant: InvariantNumber,
  said: RegExp,
  plant: (evidence: Evidence) => Evidence,
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

const plants: readonly Plant[] = [
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
  [
    'a raise that is missing',
    checkEpisodes,
    'I7',
    /after episode 0, not firing/,
    (evidence) => without(evidence, 'AlertRaised'),
  ],
  [
    'an id that is not its own',
    checkEpisodes,
    'I7',
    /the id of .* again/,
    (evidence) =>
      withDerived(evidence, (derived) => {
        const first = derived.find(({ topic }) => topic === 'alerts')!
        const raised = withEvent({ ...evidence, derived: [first] }, 'AlertRaised', (event) => ({
          ...event,
          fingerprint: 'f'.repeat(32) as Id,
        }))
        return [...derived, ...raised.derived]
      }),
  ],
  [
    'a mark of an alert that is not up',
    checkEpisodes,
    'I7',
    /AlertMarked of .* firing as/,
    (evidence) =>
      withEvent(evidence, 'AlertMarked', (event) => ({
        ...event,
        alertId: '0'.repeat(32) as Id,
      })),
  ],
  [
    'an alert that is silenced by nothing',
    checkMarks,
    'I7',
    /silenced by what does not hold/,
    (evidence) =>
      withEvent(evidence, 'AlertRaised', (event) => ({ ...event, silencedBy: ['nothing'] })),
  ],
  [
    'an alert that is silenced when the silence is over',
    checkMarks,
    'I7',
    /silenced by what does not hold/,
    (evidence) =>
      withEvent(
        evidence,
        'AlertMarked',
        (event) => ({ ...event, windowEndUs: event.windowEndUs + 600_000_000 }),
        ({ silencedBy }) => silencedBy.length > 0,
      ),
  ],
  [
    'an answer that nobody gave',
    checkMarks,
    'I7',
    /an answer that nobody gave/,
    (evidence) =>
      withEvent(
        evidence,
        'AlertAcknowledged',
        (event) => ({
          ...event,
          acknowledgement: event.acknowledgement && { ...event.acknowledgement, by: 'bob' },
        }),
        ({ acknowledgement }) => acknowledgement !== null,
      ),
  ],
  [
    'a snooze that does not end',
    checkMarks,
    'I7',
    /a snooze that is over/,
    (evidence) =>
      withEvent(
        evidence,
        'AlertAcknowledged',
        (event) => ({ ...event, windowEndUs: event.acknowledgement!.untilUs! }),
        ({ acknowledgement }) => acknowledgement !== null,
      ),
  ],
  [
    'an alert that inhibits itself',
    checkMarks,
    'I7',
    /inhibited by itself/,
    (evidence) =>
      withEvent(evidence, 'AlertRaised', (event) => ({ ...event, inhibitedBy: event.alertId })),
  ],
  [
    'a commit of an owner that was replaced',
    checkOwners,
    'I8',
    /after a successor's/,
    (evidence) => {
      const old = evidence.commits!.find(({ processor }) => processor === 'aggregator')!
      return { ...evidence, commits: [...evidence.commits!, old] }
    },
  ],
  [
    'a commit in an older epoch',
    checkOwners,
    'I8',
    /after epoch/,
    (evidence) => {
      const last = evidence.commits!.findLast(({ processor }) => processor === 'evaluator')!
      const zombie = { ...last, owner: 'zombie', epoch: last.epoch - 1 }
      return { ...evidence, commits: [...evidence.commits!, zombie] }
    },
  ],
  [
    'a record that another owner committed',
    checkOwners,
    'I8',
    /of zombie, epoch 1: committed by/,
    (evidence) =>
      withDerived(evidence, ([first, ...rest]) => [
        { ...first!, sentBy: { owner: 'zombie', epoch: 1 } },
        ...rest,
      ]),
  ],
  [
    'a committed position that went back',
    checkOwners,
    'I8',
    /which was at/,
    (evidence) => {
      const last = evidence.commits!.findLast(({ processor }) => processor === 'evaluator')!
      const positions = last.positions.map((at) => ({ ...at, position: 0 }))
      return { ...evidence, commits: [...evidence.commits!, { ...last, positions }] }
    },
  ],
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
  [
    'a refusal that is there twice',
    checkRejections,
    'I10',
    /once more/,
    (evidence) => withRepeat(evidence, 'RecordRejected'),
  ],
  [
    'a refusal with other bytes',
    checkRejections,
    'I10',
    /other bytes/,
    (evidence) =>
      withEvent(evidence, 'RecordRejected', (event) => ({ ...event, value: Buffer.from('x') })),
  ],
  [
    'a refusal of a record that does not exist',
    checkRejections,
    'I10',
    /no such record/,
    (evidence) =>
      withEvent(evidence, 'RecordRejected', (event) => ({
        ...event,
        cause: { ...event.cause, offset: 1_000_000 },
      })),
  ],
  [
    'a refusal that says more bytes than it may',
    checkBounds,
    'I11',
    /5000 bytes of a refused value, at most 4096/,
    (evidence) =>
      withEvent(evidence, 'RecordRejected', (event) => ({ ...event, value: Buffer.alloc(5000) })),
  ],
  [
    'more services in a window than the cap',
    checkBounds,
    'I11',
    /services, at most 1/,
    (evidence) => ({
      ...evidence,
      layout: { ...evidence.layout, limits: { ...evidence.layout.limits, servicesPerWindow: 1 } },
    }),
  ],
  [
    'more operations in a window than the cap, over all services',
    checkBounds,
    'I11',
    /operations or checks of all services, at most 1/,
    (evidence) => ({
      ...evidence,
      layout: { ...evidence.layout, limits: { ...evidence.layout.limits, operationsPerWindow: 1 } },
    }),
  ],
  [
    'a ledger that adds up and counts a late event as a repeat',
    checkByOracle,
    'I2',
    /ledger/,
    (evidence) =>
      withEvent(
        evidence,
        'PartitionAdvanced',
        (event) => ({
          ...event,
          ledger: {
            ...event.ledger,
            late: event.ledger.late - 1,
            duplicate: event.ledger.duplicate + 1,
          },
        }),
        ({ ledger }) => ledger.late > 0,
      ),
  ],
  [
    'a window that holds another maximum',
    checkByOracle,
    'I3',
    /latencyUsMax/,
    (evidence) =>
      withEvent(evidence, 'RequestWindowClosed', (event) => ({
        ...event,
        latencyUsMax: event.latencyUsMax! + 1,
      })),
  ],
  [
    'a window that was never closed',
    checkByOracle,
    'I4',
    /instead of/,
    (evidence) => without(evidence, 'HealthWindowClosed'),
  ],
  [
    'an alert that is raised a window late',
    checkByOracle,
    'I7',
    /windowEndUs/,
    (evidence) =>
      withEvent(evidence, 'AlertRaised', (event) => ({
        ...event,
        windowEndUs: event.windowEndUs + 10_000_000,
      })),
  ],
  [
    'a fact that is handed on with another clock',
    checkByOracle,
    'I12',
    /FactApplied: clockMs/,
    (evidence) =>
      withEvent(evidence, 'FactApplied', (event) => ({ ...event, clockMs: event.clockMs + 1 })),
  ],
  [
    'a refusal that is missing',
    checkByOracle,
    'I10',
    /rejected/,
    (evidence) => without(evidence, 'RecordRejected'),
  ],
  [
    'a slice that has forgotten a service',
    checkByOracle,
    'I12',
    /fleet .*rows/,
    (evidence) =>
      withEvent(
        evidence,
        'FleetSlice',
        (event) => ({ ...event, rows: event.rows.slice(1) }),
        ({ rows }) => rows.length > 0,
      ),
  ],
  [
    'a report that nobody can read',
    checkByOracle,
    'I12',
    /not readable/,
    (evidence) =>
      withDerived(evidence, (derived) => [
        ...derived,
        { ...derived.at(-1)!, topic: 'platform-reports', partition: 0, value: Buffer.from('x') },
      ]),
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

describe('the checks of the invariants', () => {
  it('have nothing to say of a clean run that was restarted and cut off again and again', async () => {
    expect(await violationsOf(clean)).toEqual([])
  })

  it('have everything to look at: refusals of every kind, alerts that end, restored tasks, rows', () => {
    const types = new Set(cleanJudged.events.read.map(({ event }) => event.type))
    expect([...types].sort()).toEqual([
      'AlertAcknowledged',
      'AlertMarked',
      'AlertRaised',
      'AlertResolved',
      'AlertSeverityChanged',
      'FactApplied',
      'FleetSlice',
      'HealthWindowClosed',
      'PartitionAdvanced',
      'PlatformReported',
      'RecordRejected',
      'RequestWindowClosed',
      'ServiceAssessed',
    ])
    for (const processor of ['aggregator', 'evaluator'])
      expect(
        clean.commits!.some((commit) => commit.processor === processor && commit.epoch > 1),
      ).toBe(true)
    const { ledger } = cleanJudged.oracle.sourceOf('requests', 0).ledgers.at(-1)!
    expect(ledger.rejected.map(({ reason }) => reason)).toEqual([
      'bad_avro',
      'bad_frame',
      'future',
      'tombstone',
    ])
    expect(Math.min(ledger.late, ledger.duplicate, ledger.aggregated)).toBeGreaterThan(0)
  })

  it('need nothing but the outputs to see that they contradict each other', () => {
    expect(contradictionsIn(clean)).toEqual([])
    const repeated = withRepeat(clean, 'RequestWindowClosed')
    expect(contradictionsIn(repeated).map(({ invariant }) => invariant)).toContain('I4')
  })

  it.each(plants)('catch %s', async (_what, check, invariant, said, plant) => {
    const evidence = plant(clean)
    const found = await check({ ...cleanJudged, evidence, events: derivedEventsOf(evidence) })
    expect(found).toContainEqual({ invariant, what: expect.stringMatching(said) })
  })

  it('refuse evidence without the first records of a partition', async () => {
    await expect(judgedRunOf({ ...clean, inputs: clean.inputs.slice(1) })).rejects.toThrow(
      'the record at 0 is missing',
    )
  })
})
