import type { Id } from '@tidemark/model'
import { checkEpisodes } from '../episodes.ts'
import { checkMarks } from '../marks.ts'
import { checkOwners } from '../owners.ts'
import type { Plant } from './plant.ts'
import { without, withDerived, withEvent } from './planting.ts'

/** Faults in alerts and in who may say what: I7 and I8. */
export const plantedAlerts: readonly Plant[] = [
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
]
