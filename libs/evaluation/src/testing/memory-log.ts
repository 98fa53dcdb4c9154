import type { RecordBatches, TidemarkEvent, TopicName } from '@tidemark/model'
import { offset } from '@tidemark/model'
import type { RecordReader } from '../record-reader.ts'

/** A topic partition that hands out the n-th event at offset n, without bytes. */
export type MemoryLog = {
  readonly reader: RecordReader
  readonly batches: (from: number, to: number) => RecordBatches
}

export const memoryLog = (
  topic: TopicName,
  partition: number,
  events: readonly TidemarkEvent[],
): MemoryLog => {
  let next = 0
  let end = 0
  return {
    reader: {
      open: (batches) => {
        next = batches.fromOffset
        end = batches.nextOffset
      },
      next: () => {
        const event = next < end ? events[next] : undefined
        return event === undefined ? null : { offset: next++, event }
      },
    },
    batches: (from, to) => ({
      topic,
      partition,
      bytes: new Uint8Array(0),
      fromOffset: offset(from),
      nextOffset: offset(Math.min(to, events.length)),
      endOffset: offset(events.length),
    }),
  }
}
