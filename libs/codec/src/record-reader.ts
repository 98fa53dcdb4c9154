import {
  inputTopics,
  keyOfEvent,
  topicOfEvent,
  type EpochMs,
  type Offset,
  type RecordBatches,
  type TidemarkEvent,
  type TopicName,
} from '@tidemark/model'
import { encodeUtf8, recordCursor } from '@tidemark/wire'
import { plainCodec, type Codec, type Decoded } from './codec.ts'

/** A record with what it holds. `key` and `value` are views of the batches' bytes, gone when the next ones are opened; `decoded` stays. */
export type DecodedRecord = {
  readonly offset: Offset
  readonly timestampMs: EpochMs
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly decoded: Decoded
}

/** Hands out the records of batches one by one, so that a fold may stop between any two of them and go on later. */
export type RecordReader = {
  /** Starts over on other batches. */
  readonly open: (batches: RecordBatches) => void
  /** The next record at or above `fromOffset`, or null at the end. Throws where the batches are damaged (CorruptBatchError). */
  readonly next: () => DecodedRecord | null
}

export const recordReader = (codec: Codec = plainCodec): RecordReader => {
  const cursor = recordCursor()
  let topic: TopicName = 'requests'
  return {
    open: (batches) => {
      topic = batches.topic
      cursor.open(batches)
    },
    next: () => {
      if (!cursor.next()) return null
      const { bytes, keyStart, keyEnd, valueStart, valueEnd } = cursor
      const key = keyEnd === -1 ? null : bytes.subarray(keyStart, keyEnd)
      const value = valueEnd === -1 ? null : bytes.subarray(valueStart, valueEnd)
      return {
        offset: cursor.offset as Offset,
        timestampMs: cursor.timestampMs as EpochMs,
        key,
        value,
        decoded: decodeRecord(codec, topic, key, value),
      }
    },
  }
}

/** What a record holds as a record of its topic: an event that belongs there, under its own key. */
export const decodeRecord = (
  codec: Codec,
  topic: TopicName,
  key: Uint8Array | null,
  value: Uint8Array | null,
): Decoded => {
  const decoded = codec.decode(value)
  if (!decoded.ok) return decoded
  const { event } = decoded
  if (!takes(topic, event))
    return { ok: false, reason: 'unknown_schema', detail: `${topic} takes no ${event.type}` }
  const expected = keyOfEvent(event)
  if (expected === null || isText(key, expected)) return decoded
  const detail = key === null ? 'no key' : `the key is not ${JSON.stringify(expected)}`
  return { ok: false, reason: 'bad_key', detail: `${event.type}: ${detail}` }
}

const takes = (topic: TopicName, event: TidemarkEvent): boolean =>
  event.type === 'Tick'
    ? (inputTopics as readonly TopicName[]).includes(topic)
    : topicOfEvent[event.type] === topic

const isText = (bytes: Uint8Array | null, text: string): boolean => {
  if (bytes === null) return false
  const expected = encodeUtf8(text)
  return bytes.length === expected.length && expected.every((byte, i) => byte === bytes[i])
}
