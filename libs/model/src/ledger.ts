/**
 * Why an event or a record is refused; a closed list. `bad_frame`: no known frame; `unknown_schema`: a fingerprint or id nobody
 * knows, or a schema that this topic does not take; `bad_avro`: the body is not what its schema says; `bad_value`: a
 * field outside its range or a name outside its alphabet; `bad_key`: no key, or one that is not the body's service;
 * `tombstone`: no value; `future`: `at` is more than the allowed skew ahead of the record's timestamp.
 */
export const rejectReasons = [
  'bad_avro',
  'bad_frame',
  'bad_key',
  'bad_value',
  'future',
  'tombstone',
  'unknown_schema',
] as const
export type RejectReason = (typeof rejectReasons)[number]

/** Every event of an input partition below a position, by where it ended (I2). */
export type Ledger = {
  readonly events: number
  readonly aggregated: number
  readonly late: number
  readonly duplicate: number
  /** Reasons that occurred, sorted by name. */
  readonly rejected: readonly RejectedCount[]
  /** Records that the log had removed before they were read. Nobody knows their events, so they are no part of `events`. */
  readonly lost: number
}

export type RejectedCount = { readonly reason: RejectReason; readonly events: number }

export const emptyLedger: Ledger = {
  events: 0,
  aggregated: 0,
  late: 0,
  duplicate: 0,
  rejected: [],
  lost: 0,
}

/** I2: every event read ended in exactly one of aggregated, late, duplicate, rejected. */
export const ledgerBalances = (ledger: Ledger): boolean =>
  ledger.events ===
  ledger.rejected.reduce(
    (sum, { events }) => sum + events,
    ledger.aggregated + ledger.late + ledger.duplicate,
  )
