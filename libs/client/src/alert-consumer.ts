import type { Log } from '@tidemark/log'
import type { AlertEvent, Offset, RecordBatches } from '@tidemark/model'
import { isRepeat, positionAfter, type AlertPosition } from './alert-position.ts'
import { alertsIn } from './alert-records.ts'

/** Positions of all partitions of `alerts`, by partition. */
export type AlertPositions = readonly AlertPosition[]

export type ConsumedAlert = {
  readonly event: AlertEvent
  readonly partition: number
  readonly offset: Offset
  /** Where to go on after this event, for a caller that keeps the position. */
  readonly positions: AlertPositions
}

export type AlertConsumerOptions = {
  /** Where to start: positions that the caller kept, the oldest alert, or the next one. */
  readonly from: AlertPositions | 'earliest' | 'latest'
  /** Ends at what is in the topic now instead of waiting for more. */
  readonly untilEnd?: boolean
  readonly signal: AbortSignal
}

const pollMs = 500

/**
 * Alert events in the committed view, each once: repeats, which at-least-once delivery leaves in the topic, are removed by their cause.
 * Partitions are read side by side; inside one the order is that of the topic. The caller keeps the position. An error
 * of the log ends it; who goes on from the last positions misses nothing.
 */
export async function* consumeAlerts(
  log: Log,
  { from, untilEnd = false, signal }: AlertConsumerOptions,
): AsyncGenerator<ConsumedAlert, void, void> {
  const bounds = await log.bounds('alerts')
  const positions = bounds.map(({ partition, startOffset, endOffset }): AlertPosition => {
    if (from === 'earliest') return { next: startOffset, last: null }
    if (from === 'latest') return { next: endOffset, last: null }
    return from[partition] ?? { next: startOffset, last: null }
  })
  const ended = new AbortController()
  const reading = AbortSignal.any([signal, ended.signal])
  const reads = new Map<number, Promise<RecordBatches>>()
  try {
    for (;;) {
      for (const { partition, endOffset } of bounds) {
        const { next: fromOffset } = positions[partition]!
        if (reads.has(partition) || (untilEnd && fromOffset >= endOffset)) continue
        reads.set(partition, log.read({ ...alertsOf(partition), fromOffset, signal: reading }))
      }
      if (reads.size === 0 || signal.aborted) return
      const batches = await Promise.race(reads.values())
      const { partition, nextOffset } = batches
      reads.delete(partition)
      for (const [event, offset] of alertsIn(batches)) {
        const position = positions[partition]!
        if (isRepeat(position, event)) continue
        positions[partition] = positionAfter(offset, event)
        yield { event, partition, offset, positions: [...positions] }
        if (signal.aborted) return
      }
      positions[partition] = { ...positions[partition]!, next: nextOffset }
    }
  } finally {
    // Also when the caller leaves its loop: what is under way has ended before the log may be closed.
    ended.abort()
    await Promise.allSettled(reads.values())
  }
}

const alertsOf = (partition: number) => ({ topic: 'alerts', partition, maxWaitMs: pollMs }) as const
