import { derivedTopics, partitionsOf } from '@tidemark/model'
import type { DerivedRecord } from './evidence.ts'
import { derivedEventsOf, type ReadRecord } from './derived-events.ts'
import type { JudgedRun } from './judged-run.ts'
import { streamsOf, withoutRepeats } from './streams.ts'
import { placeOf, violations, type Violation } from './violation.ts'

/** I6: keys and values are those of an undisturbed run of the same inputs, byte for byte in every stream. */
export const checkSameBytes = (run: JudgedRun): readonly Violation[] => {
  const isExact = run.evidence.delivery === 'exactly-once'
  const found = streamsOf(run.events.read)
  const expected = streamsOf(derivedEventsOf({ derived: undisturbedRecords(run) }).read)
  const names = [...new Set([...found.keys(), ...expected.keys()])]
  return violations(
    'I6',
    names.flatMap((name) => {
      const stream = found.get(name) ?? []
      return differenceOf(name, isExact ? stream : withoutRepeats(stream), expected.get(name) ?? [])
    }),
  )
}

const undisturbedRecords = ({ evidence, undisturbed }: JudgedRun): readonly DerivedRecord[] =>
  derivedTopics.flatMap((topic) =>
    Array.from({ length: partitionsOf(topic, evidence.layout.partitions) }, (_, partition) =>
      undisturbed.records(topic, partition).map((entry, offset) => ({
        topic,
        partition,
        offset,
        ...entry,
        commit: null,
        sentBy: null,
      })),
    ).flat(),
  )

const differenceOf = (
  name: string,
  found: readonly ReadRecord[],
  expected: readonly ReadRecord[],
): readonly string[] => {
  const at = expected.findIndex(({ record }, i) => !isSame(record, found[i]?.record))
  if (at >= 0) {
    const where = found[at] === undefined ? 'its end' : placeOf(found[at].record)
    return [`${name}: at ${where}, number ${at}: not the bytes of an undisturbed run`]
  }
  const surplus = found[expected.length]
  return surplus === undefined
    ? []
    : [`${name}: ${placeOf(surplus.record)}: an undisturbed run has ${expected.length} records`]
}

const isSame = (a: DerivedRecord, b: DerivedRecord | undefined): boolean =>
  b !== undefined && areEqual(a.key, b.key) && areEqual(a.value, b.value)

const areEqual = (a: Uint8Array | null, b: Uint8Array | null): boolean =>
  a === null || b === null ? a === b : Buffer.compare(a, b) === 0
