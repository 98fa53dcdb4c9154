import { decode } from '@tidemark/codec'
import {
  rejectReasons,
  type AggregateEvent,
  type Ledger,
  type PartitionAdvanced,
} from '@tidemark/model'
import type { EmittedRecord } from './tally.ts'

/** Gives the ledgers of a re-execution that began in the middle what had been counted before. */
export type LedgerBase = {
  /** `emitted` finds what stands where an event belongs. */
  readonly on: (
    event: AggregateEvent,
    emitted: () => Promise<EmittedRecord | null>,
  ) => Promise<AggregateEvent>
}

/** The first emitted ledger is believed; from then on what is added to it must be what the re-execution adds. */
export const ledgerBase = (): LedgerBase => {
  let base: Ledger | null = null
  return {
    on: async (event, emitted) => {
      if (event.type !== 'PartitionAdvanced') return event
      base ??= difference(await ledgerIn(emitted), event.ledger)
      return base === null ? event : { ...event, ledger: sum(base, event.ledger, 1) }
    },
  }
}

const ledgerIn = async (
  emitted: () => Promise<EmittedRecord | null>,
): Promise<PartitionAdvanced['ledger'] | null> => {
  const decoded = decode((await emitted())?.value ?? null)
  return decoded.ok && decoded.event.type === 'PartitionAdvanced' ? decoded.event.ledger : null
}

const difference = (emitted: Ledger | null, own: Ledger): Ledger | null =>
  emitted && sum(emitted, own, -1)

const sum = (a: Ledger, b: Ledger, sign: 1 | -1): Ledger => ({
  events: a.events + sign * b.events,
  aggregated: a.aggregated + sign * b.aggregated,
  late: a.late + sign * b.late,
  duplicate: a.duplicate + sign * b.duplicate,
  lost: a.lost + sign * b.lost,
  rejected: rejectReasons
    .map((reason) => {
      const of = ({ rejected }: Ledger): number =>
        rejected.find((row) => row.reason === reason)?.events ?? 0
      return { reason, events: of(a) + sign * of(b) }
    })
    .filter(({ events }) => events !== 0),
})
