import { recordReader, type DecodedRecord } from '@tidemark/codec'
import type { Log } from '@tidemark/log'
import type { Offset, TopicName } from '@tidemark/model'
import { readOn } from './verification/read-on.ts'

export type TopicStretch = {
  readonly topic: TopicName
  readonly partition: number
  readonly fromOffset: Offset
  /** The position to end at; must be within the log. */
  readonly toOffset: Offset
}

/** A record's key and value are views that are gone when the next record is asked for. */
export type PlacedRecord = DecodedRecord & {
  readonly topic: TopicName
  readonly partition: number
}

/** The committed records of a stretch of one partition, in their order; ends early when the signal aborts. */
export async function* topicRecords(
  log: Log,
  { topic, partition, fromOffset, toOffset }: TopicStretch,
  signal?: AbortSignal,
): AsyncGenerator<PlacedRecord> {
  const reader = recordReader()
  let position = fromOffset
  while (position < toOffset && signal?.aborted !== true) {
    const batches = await readOn(log, { topic, partition, fromOffset: position })
    reader.open(batches)
    for (let record = reader.next(); record !== null; record = reader.next()) {
      if (record.offset >= toOffset) return
      yield { ...record, topic, partition }
    }
    position = batches.nextOffset
  }
}
