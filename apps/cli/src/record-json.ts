import type { DecodedRecord } from '@tidemark/codec'
import { isoOf, type RecordBatches } from '@tidemark/model'

/** A record for reading: where it stands, when, its key, and the event or why there is none. Bytes in base64. */
export const recordJson = (
  { topic, partition }: Pick<RecordBatches, 'topic' | 'partition'>,
  { offset, timestampMs, key, value, decoded }: DecodedRecord,
): object => ({
  topic,
  partition,
  offset,
  timestamp: isoOf(timestampMs * 1000),
  key: key === null ? null : new TextDecoder().decode(key),
  ...(decoded.ok
    ? { event: plain(decoded.event) }
    : {
        reason: decoded.reason,
        detail: decoded.detail,
        value: value === null ? null : plain(value),
      }),
})

const plain = (value: unknown): unknown => {
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]))
}
