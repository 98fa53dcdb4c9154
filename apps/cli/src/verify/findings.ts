import type { Difference, RecordBytes, Verification } from '@tidemark/assembly'
import { decodeRecord, plainCodec } from '@tidemark/codec'
import type { EpochMs, Offset } from '@tidemark/model'
import { recordJson } from '../record-json.ts'

/** A difference with both records as `tail` prints them; what was re-executed has neither offset nor timestamp. */
export type DifferenceJson = {
  readonly kind: Difference['kind']
  readonly topic: Difference['topic']
  readonly partition: number
  readonly detail: string
  readonly emitted: object | null
  readonly reexecuted: object | null
}

export const differenceJson = (difference: Difference): DifferenceJson => {
  const { kind, topic, partition, detail, emitted, reexecuted } = difference
  const json = (record: RecordBytes, at: { offset: Offset; timestampMs: EpochMs } | null) => {
    const { key, value } = record
    const decoded = decodeRecord(plainCodec, topic, key, value)
    const place = at ?? { offset: 0 as Offset, timestampMs: 0 as EpochMs }
    const shown = recordJson({ topic, partition }, { ...place, key, value, decoded })
    return at === null ? { ...shown, offset: undefined, timestamp: undefined } : shown
  }
  return {
    ...{ kind, topic, partition, detail },
    emitted: emitted && json(emitted, emitted),
    reexecuted: reexecuted && json(reexecuted, null),
  }
}

/** The fields of both sides in which they differ come out when the two lines are read one above the other. */
export const differenceLines = ({
  emitted,
  reexecuted,
  ...found
}: DifferenceJson): readonly string[] => [
  `${found.topic}/${found.partition}: ${found.kind}: ${found.detail}`,
  `  emitted     ${emitted === null ? 'nothing' : JSON.stringify(emitted)}`,
  `  re-executed ${reexecuted === null ? 'nothing' : JSON.stringify(reexecuted)}`,
]

/** For programs: one object. */
export const verificationJson = ({ outcome, inputs, topics, unchecked }: Verification): object => ({
  ...{ outcome, inputs },
  topics: topics.map(({ first, ...findings }) => ({
    ...findings,
    first: first && differenceJson(first),
  })),
  unchecked,
})
