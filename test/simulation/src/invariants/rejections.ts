import { rejectReasons } from '@tidemark/model'
import { eventsOf } from './derived-events.ts'
import type { ReadRun } from './judged-run.ts'
import { streamsOf, withoutRepeats } from './streams.ts'
import { placeOf, violations, type Violation } from './violation.ts'

/** I10: what is refused stands in `rejected` once for each reason, with the place and the bytes of the record that it was. */
export const checkRejections = ({ events, evidence }: ReadRun): readonly Violation[] => {
  const { layout, inputs, delivery } = evidence
  const all = eventsOf(events, 'RecordRejected')
  const once =
    delivery === 'exactly-once' ? all : [...streamsOf(all).values()].flatMap(withoutRepeats)
  const logged = new Map(inputs.map((record) => [placeOf(record), record]))
  const seen = new Set<string>()
  return violations(
    'I10',
    once.flatMap(({ record, event }) => {
      if (event.type !== 'RecordRejected') return []
      const { cause, reason, key, value, valueBytes, timestampMs } = event
      const source = placeOf(cause)
      const said = `${placeOf(record)}, of ${source}`
      const input = logged.get(source)
      if (input === undefined) return [`${said}: no such record`]
      const isRepeat = seen.has(`${source} ${reason}`)
      seen.add(`${source} ${reason}`)
      const cut = (bytes: Uint8Array | null) =>
        bytes === null ? null : Buffer.from(bytes.subarray(0, layout.limits.rejectedBytes))
      const faults = {
        [`refused for ${reason} once more`]: isRepeat,
        [`an unknown reason, ${reason}`]: !rejectReasons.includes(reason),
        'another key': !isSame(key, cut(input.key)),
        'other bytes': !isSame(value, cut(input.value)),
        'another length': valueBytes !== (input.value?.length ?? 0),
        'another timestamp': timestampMs !== input.timestampMs,
      }
      return Object.entries(faults)
        .filter(([, holds]) => holds)
        .map(([what]) => `${said}: ${what}`)
    }),
  )
}

const isSame = (a: Uint8Array | null, b: Uint8Array | null): boolean =>
  a === null || b === null ? a === b : Buffer.compare(a, b) === 0
