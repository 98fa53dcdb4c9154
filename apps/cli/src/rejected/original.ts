import { topicRecords } from '@tidemark/assembly'
import type { Log } from '@tidemark/log'
import type { Offset, RecordRejected } from '@tidemark/model'

/** The value of a refused record; `gone`: `rejected` kept its beginning only, and the input topic keeps it no more. */
export type Original =
  | { readonly kind: 'value'; readonly value: Uint8Array }
  | { readonly kind: 'gone' }
  | { readonly kind: 'tombstone' }

/** From `rejected` itself, or from the input topic where `rejected` had to cut it. */
export const originalOf = async (log: Log, rejection: RecordRejected): Promise<Original> => {
  const { cause, value, valueBytes } = rejection
  if (value === null) return { kind: 'tombstone' }
  if (value.length === valueBytes) return { kind: 'value', value }
  const { topic, partition, offset } = cause
  const bounds = (await log.bounds(topic)).find((each) => each.partition === partition)
  if (bounds === undefined || offset < bounds.startOffset) return { kind: 'gone' }
  const stretch = {
    topic,
    partition,
    fromOffset: offset as Offset,
    toOffset: (offset + 1) as Offset,
  }
  for await (const record of topicRecords(log, stretch))
    if (record.value !== null) return { kind: 'value', value: record.value.slice() }
  return { kind: 'gone' }
}
