import { decode, encodeOutput } from '@tidemark/codec'
import type { DerivedEvent } from '@tidemark/model'
import type { DerivedRecord, Evidence } from '../evidence.ts'

type EventOf<T extends DerivedEvent['type']> = Extract<DerivedEvent, { type: T }>

/** The evidence with other derived records. */
export const withDerived = (
  evidence: Evidence,
  change: (derived: readonly DerivedRecord[]) => readonly DerivedRecord[],
): Evidence => ({ ...evidence, derived: change(evidence.derived) })

/** The evidence with another event in the place of the first one of a type that `of` takes. */
export const withEvent = <T extends DerivedEvent['type']>(
  evidence: Evidence,
  type: T,
  change: (event: EventOf<T>) => EventOf<T>,
  of: (event: EventOf<T>) => boolean = () => true,
): Evidence =>
  withDerived(evidence, (derived) => {
    const at = indexOf(derived, type, of)
    const record = derived[at]!
    const { key, value } = encodeOutput(change(eventIn(record) as EventOf<T>))
    return derived.with(at, { ...record, key, value })
  })

/** The evidence with the first record of a type there once more, at the end of its partition. */
export const withRepeat = (evidence: Evidence, type: DerivedEvent['type']): Evidence =>
  withDerived(evidence, (derived) => {
    const record = derived[indexOf(derived, type, () => true)]!
    const partition = derived.filter(
      ({ topic, partition: number }) => topic === record.topic && number === record.partition,
    )
    return [...derived, { ...record, offset: partition.length }]
  })

/** The evidence without the first record of a type. */
export const without = (evidence: Evidence, type: DerivedEvent['type']): Evidence =>
  withDerived(evidence, (derived) =>
    derived.toSpliced(
      indexOf(derived, type, () => true),
      1,
    ),
  )

const indexOf = <T extends DerivedEvent['type']>(
  derived: readonly DerivedRecord[],
  type: T,
  of: (event: EventOf<T>) => boolean,
): number => {
  const at = derived.findIndex((record) => {
    const event = eventIn(record)
    return event.type === type && of(event as EventOf<T>)
  })
  if (at < 0) throw new Error(`nothing to plant a fault in: no ${type}`)
  return at
}

const eventIn = ({ value }: DerivedRecord): DerivedEvent => {
  const decoded = decode(value)
  if (!decoded.ok) throw new Error(decoded.detail)
  return decoded.event as DerivedEvent
}
