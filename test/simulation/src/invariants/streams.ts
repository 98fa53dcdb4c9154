import type { DerivedEvent } from '@tidemark/model'
import type { ReadRecord } from './derived-events.ts'

/**
 * The writer and the source of a derived event: in a stream the order is fixed, between streams of one partition it is free. Named like the
 * streams of the oracle.
 */
export const streamOf = (event: DerivedEvent): string => {
  if (event.type === 'PlatformReported') return 'platform'
  const { cause } = event
  return 'topic' in cause ? `${cause.topic}/${cause.partition}` : `partition ${cause.partition}`
}

/** Records by topic and stream, in the order of the log. */
export const streamsOf = (
  read: readonly ReadRecord[],
): ReadonlyMap<string, readonly ReadRecord[]> =>
  Map.groupBy(read, ({ record, event }) => `${record.topic} ${streamOf(event)}`)

/** What an event follows from, within its stream: rises from event to event. */
export const causeOf = ({ cause }: DerivedEvent): readonly [at: number, index: number] => [
  'topic' in cause ? cause.offset : cause.windowEndUs,
  cause.index,
]

/** Without those that repeat a cause, as readers drop them. */
export const withoutRepeats = (stream: readonly ReadRecord[]): readonly ReadRecord[] => {
  let last: readonly [number, number] = [-1, -1]
  return stream.filter(({ event }) => {
    const [at, index] = causeOf(event)
    const isNew = at > last[0] || (at === last[0] && index > last[1])
    if (isNew) last = [at, index]
    return isNew
  })
}
