import type { Saboteur } from './saboteur.ts'

/** Bugs in how the log's client takes over and commits. */
export const ofClient: readonly Saboteur[] = [
  {
    name: 'commits the positions before the outputs',
    invariant: 'I4',
    sabotage: () => ({
      name: 'commits the positions before the outputs',
      client: {
        transactions: ({ outputs, checkpoint, positions }) => [
          { checkpoint, positions },
          { outputs },
        ],
      },
    }),
  },
  {
    name: 'does not fence the last owner',
    invariant: 'I8',
    sabotage: () => ({ name: 'does not fence the last owner', client: { fences: false } }),
  },
  {
    name: 'has another transactional id each time',
    invariant: 'I8',
    sabotage: () => ({
      name: 'has another transactional id each time',
      client: { transactionalId: (processor, task, draw) => `${processor}-${task}-${draw()}` },
    }),
  },
  {
    name: 'restores from a checkpoint that was never committed',
    invariant: 'I4',
    sabotage: () => ({
      name: 'restores from a checkpoint that was never committed',
      client: { restoresFrom: 'everything' },
    }),
  },
  {
    name: 'goes on in the same producer after a failed commit',
    invariant: 'I4',
    sabotage: () => ({
      name: 'goes on in the same producer after a failed commit',
      client: { discardsAfterFailure: false },
    }),
  },
]
