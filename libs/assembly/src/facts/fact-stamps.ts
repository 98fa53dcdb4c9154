import type { Log } from '@tidemark/log'
import { epochMs, inputTopics, isoOf, type EpochMs, type Layout } from '@tidemark/model'
import { FactError, type FactRecord } from './fact-record.ts'

export type FactStamps = {
  /** The newest time that the log knows: of its records, and by this machine's clock where the log stamps them itself. */
  readonly newestMs: number
  /** What a record with this fact is stamped with, or will be at the earliest. FactError where it would be refused as from the future. */
  readonly stamp: (partition: number, fact: FactRecord) => EpochMs
}

/**
 * Timestamps of facts. Where producers stamp the records, a fact gets its own time, but never one ahead of what the log has seen: it must not
 * move time on by itself.
 */
export const factStamps = async (
  log: Pick<Log, 'bounds'>,
  { timestamps, maxFutureSkewUs }: Pick<Layout, 'timestamps' | 'maxFutureSkewUs'>,
): Promise<FactStamps> => {
  const lastMs = new Map<number, number>()
  let newestMs = timestamps === 'broker' ? Date.now() : 0
  for (const topic of inputTopics)
    for (const { partition, lastTimestampMs } of await log.bounds(topic)) {
      if (lastTimestampMs === null) continue
      newestMs = Math.max(newestMs, lastTimestampMs)
      if (topic === 'facts') lastMs.set(partition, lastTimestampMs)
    }
  const stampOf = (partition: number, atUs: number): number => {
    const known = lastMs.get(partition)
    if (timestamps === 'broker' || known === undefined) return newestMs
    return Math.max(known, Math.min(Math.floor(atUs / 1000), newestMs))
  }
  return {
    newestMs,
    stamp: (partition, fact) => {
      const atUs = fact.type === 'LossAccepted' ? 0 : fact.atUs
      const stampMs = stampOf(partition, atUs)
      if (atUs > stampMs * 1000 + maxFutureSkewUs)
        throw new FactError(
          `${fact.type}: atUs ${atUs} (${isoOf(atUs)}) is in the future of this log, which stands at ${isoOf(stampMs * 1000)}; at most ${maxFutureSkewUs} us ahead are taken`,
        )
      lastMs.set(partition, stampMs)
      return epochMs(stampMs)
    },
  }
}
