import { recordReader } from '@tidemark/codec'
import type { Log } from '@tidemark/log'
import type { Offset, TidemarkEvent, TopicName } from '@tidemark/model'

const waitMs = 1000

/** Hands out what comes into a topic from now on, with the wall-clock time at which a consumer could read it; until the signal aborts. */
export const follow = async (
  log: Log,
  topic: TopicName,
  take: (event: TidemarkEvent, seenMs: number) => void,
  signal: AbortSignal,
): Promise<void> => {
  const followPartition = async (partition: number, endOffset: Offset): Promise<void> => {
    const reader = recordReader()
    for (let fromOffset = endOffset; !signal.aborted;) {
      const batches = await log.read({ topic, partition, fromOffset, maxWaitMs: waitMs, signal })
      const seenMs = Date.now()
      reader.open(batches)
      for (let record = reader.next(); record !== null; record = reader.next()) {
        const { decoded } = record
        if (!decoded.ok) throw new Error(`${topic}/${partition}: ${decoded.detail}`)
        take(decoded.event, seenMs)
      }
      fromOffset = batches.nextOffset
    }
  }
  const bounds = await log.bounds(topic)
  await Promise.all(bounds.map(({ partition, endOffset }) => followPartition(partition, endOffset)))
}
