import type { DerivedEvent } from '@tidemark/model'
import { contentOf } from '../oracle/avro.ts'
import type { DerivedRecord, Evidence } from './evidence.ts'

/** A derived record with what it says. */
export type ReadRecord = { readonly record: DerivedRecord; readonly event: DerivedEvent }

/** Derived records decoded, each once however many checks ask; a record that does not decode has no event and is reported by I12. */
export type DerivedEvents = {
  readonly read: readonly ReadRecord[]
  readonly unreadable: readonly DerivedRecord[]
}

/** Decoded by the oracle's reader: ids and digests in hexadecimal, as the model has them. */
export const derivedEventsOf = ({ derived }: Pick<Evidence, 'derived'>): DerivedEvents => {
  const read: ReadRecord[] = []
  const unreadable: DerivedRecord[] = []
  for (const record of derived) {
    const content = record.value === null ? null : contentOf(record.value)
    if (content?.kind === 'event')
      read.push({ record, event: { type: content.type, ...content.fields } as never })
    else unreadable.push(record)
  }
  return { read, unreadable }
}

/** Those of one type. */
export const eventsOf = <T extends DerivedEvent['type']>(
  { read }: DerivedEvents,
  type: T,
): readonly (ReadRecord & { readonly event: Extract<DerivedEvent, { type: T }> })[] =>
  read.filter(
    (each): each is ReadRecord & { readonly event: Extract<DerivedEvent, { type: T }> } =>
      each.event.type === type,
  )
