import { rejectReasons, type Ledger, type RejectReason } from '@tidemark/model'

/** A ledger that is being written. `rejected` runs in the order of `rejectReasons`, which is sorted. */
export type LedgerCounts = {
  events: number
  aggregated: number
  late: number
  duplicate: number
  readonly rejected: number[]
  lost: number
}

export const ledgerCounts = (ledger?: Ledger): LedgerCounts => ({
  events: ledger?.events ?? 0,
  aggregated: ledger?.aggregated ?? 0,
  late: ledger?.late ?? 0,
  duplicate: ledger?.duplicate ?? 0,
  rejected: rejectReasons.map(
    (reason) => ledger?.rejected.find((row) => row.reason === reason)?.events ?? 0,
  ),
  lost: ledger?.lost ?? 0,
})

/** Counts events that were refused, as read and as rejected. */
export const countRejected = (counts: LedgerCounts, reason: RejectReason, events: number): void => {
  counts.rejected[rejectReasons.indexOf(reason)]! += events
}

export const ledgerOfCounts = (counts: LedgerCounts): Ledger => ({
  events: counts.events,
  aggregated: counts.aggregated,
  late: counts.late,
  duplicate: counts.duplicate,
  rejected: rejectReasons
    .map((reason, i) => ({ reason, events: counts.rejected[i]! }))
    .filter(({ events }) => events > 0),
  lost: counts.lost,
})
