/** Every wait has an end; all in milliseconds. */
export type PostgresTimeouts = {
  /** Until a connection is open and has said who it is. */
  readonly connectMs: number
  /** Kept by the server: of one statement, of a wait for a lock, and between two statements of a transaction. */
  readonly statementMs: number
  readonly lockMs: number
  readonly idleInTransactionMs: number
  /** Kept here: until an answer, for a server that is not there any more to keep the others. */
  readonly answerMs: number
  /** Both, for a migration or for pruning. */
  readonly exclusiveMs: number
  /** Until connections are cut that do not end. */
  readonly closeMs: number
}

export const timeoutsDefault: PostgresTimeouts = {
  connectMs: 5000,
  statementMs: 30_000,
  lockMs: 10_000,
  idleInTransactionMs: 30_000,
  answerMs: 40_000,
  exclusiveMs: 600_000,
  closeMs: 5000,
}
