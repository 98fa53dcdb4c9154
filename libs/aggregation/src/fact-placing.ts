import { factTypes, keyOfEvent, type Fact, type Layout, type RejectReason } from '@tidemark/model'
import { encodeUtf8, type RecordCursor } from '@tidemark/wire'
import {
  framed,
  refuseRecord,
  type InputSchemas,
  type Placing,
  type Refuse,
  type Taken,
} from './input-frames.ts'
import { recordTimestampMs, type SourceState } from './source-state.ts'

/**
 * Facts have no windows: each is handed on at once, and counts as one event. Ticks, and losses that were accepted, count as none; a loss acts
 * where its gap is.
 */
export const factPlacing = (
  state: SourceState<never>,
  layout: Layout,
  schemas: InputSchemas,
  refuse: Refuse,
  apply: (fact: Fact) => void,
): Placing => {
  const stage = { state, refuse }
  const placeFact = (type: Fact['type']): NonNullable<Taken[Fact['type']]> => {
    return (record, bytes, start, end) => {
      const read = readFact(schemas, layout, type, record, bytes.subarray(start, end))
      if (!read.ok) return refuseRecord(stage, read.reason, `${type}: ${read.detail}`)
      state.counts.aggregated++
      apply(read.fact)
      return 1
    }
  }
  return framed(stage, schemas, {
    ...Object.fromEntries(factTypes.map((type) => [type, placeFact(type)])),
    LossAccepted: ({ keyEnd }, bytes, start, end) => {
      if (keyEnd < 0) return refuseRecord(stage, 'bad_key', 'no key')
      const read = schemas.upgrade('LossAccepted', bytes.subarray(start, end))
      return read.ok ? 0 : refuseRecord(stage, read.reason, read.detail)
    },
  })
}

type Checked =
  | { readonly ok: true; readonly fact: Fact }
  | { readonly ok: false; readonly reason: RejectReason; readonly detail: string }

const refused = (reason: RejectReason, detail: string): Checked => ({ ok: false, reason, detail })

const readFact = (
  schemas: InputSchemas,
  layout: Layout,
  type: Fact['type'],
  record: RecordCursor,
  body: Uint8Array,
): Checked => {
  const read = schemas.fact(type, body)
  if (!read.ok) return read
  const { fact } = read
  if (!isKey(record, keyOfEvent(fact) ?? ''))
    return refused('bad_key', record.keyEnd < 0 ? 'no key' : "the key is not the fact's")
  const aheadUs = fact.atUs - recordTimestampMs(record) * 1000
  if (aheadUs > layout.maxFutureSkewUs)
    return refused('future', `atUs ${fact.atUs} is ${aheadUs} us ahead of the record's timestamp`)
  return read
}

const isKey = ({ bytes, keyStart, keyEnd }: RecordCursor, text: string): boolean => {
  const expected = encodeUtf8(text)
  return (
    keyEnd - keyStart === expected.length &&
    expected.every((byte, i) => byte === bytes[keyStart + i])
  )
}
