import type { Connection } from '@tidemark/assembly'
import { inputTopics, isoOf } from '@tidemark/model'
import type { Traffic } from '@tidemark/traffic'
import { UnfitLogError } from './errors.ts'
import { senderOf } from './sender.ts'
import { virtualEntries } from './virtual-entries.ts'

export type ToLogOptions = {
  readonly signal?: AbortSignal
  /** Told the number of entries so far, ticks included, after each flush. */
  readonly progress?: (entries: number) => void
}

export type ToLogResult = {
  readonly entries: number
  /** False when the signal aborted: then windows are left open. */
  readonly complete: boolean
}

/** Entries in memory, all partitions together. */
const waitingMax = 20_000

/**
 * Puts traffic on a log in virtual time, as fast as the log takes it. Only where producers stamp the records, and only behind what is
 * there: throws UnfitLogError otherwise, LogErrors as they come.
 */
export const simulateToLog = async (
  { log, layout }: Connection,
  traffic: Traffic,
  { signal, progress }: ToLogOptions = {},
): Promise<ToLogResult> => {
  if (traffic.endUs === null)
    throw new UnfitLogError('traffic in virtual time needs an end: give it a duration')
  await requireVirtualTime({ log, layout }, traffic.startUs)
  const publisher = await log.publisher()
  const sender = senderOf(publisher.append)
  let entries = 0
  const flush = async (): Promise<void> => {
    await sender.flush()
    progress?.(entries)
  }
  try {
    for (const { topic, partition, entry } of virtualEntries(traffic, layout)) {
      if (signal?.aborted === true) break
      sender.add(topic, partition, entry)
      entries++
      if (sender.waiting() >= waitingMax) await flush()
    }
    await flush()
  } finally {
    await publisher.close()
  }
  return { entries, complete: signal?.aborted !== true }
}

const requireVirtualTime = async ({ log, layout }: Connection, startUs: number): Promise<void> => {
  if (layout.timestamps !== 'producer')
    throw new UnfitLogError(
      'this log stamps its records itself (timestamps: broker); virtual time needs one that was provisioned with --timestamps producer, or a new folder',
    )
  for (const topic of inputTopics)
    for (const { partition, lastTimestampMs } of await log.bounds(topic))
      if (lastTimestampMs !== null && lastTimestampMs * 1000 > startUs)
        throw new UnfitLogError(
          `${topic}/${partition} ends at ${isoOf(lastTimestampMs * 1000)}, and this traffic begins at ${isoOf(startUs)}: begin it later, or use a new folder or prefix`,
        )
}
