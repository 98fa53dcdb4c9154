import { partitionView, reportPlatform, type PlatformReport } from '@tidemark/evaluation'
import { isoOf, type FleetSlice } from '@tidemark/model'
import type { SnapshotStore } from '@tidemark/store'

export type PlatformAt = {
  /** Null where no window was judged by then. */
  readonly platform: PlatformReport | null
  /** A line for each partition that is behind the others. */
  readonly lagging: readonly string[]
}

/** A partition this much behind the newest one is named. */
const lagUs = 60_000_000

/** The platform as of the newest window at or before a moment that every partition has judged. */
export const platformAt = async (store: SnapshotStore, atUs: number): Promise<PlatformAt> => {
  const newest = await store.newestSlices(Number.MAX_SAFE_INTEGER)
  const newestUs = Math.max(...newest.map(({ windowEndUs }) => windowEndUs))
  // What every partition has judged is settled; a partition that is behind holds the report at its own time.
  const settledUs = Math.min(...newest.map(({ windowEndUs }) => windowEndUs), atUs)
  const lagging = newest
    .filter(({ windowEndUs }) => newestUs - windowEndUs >= lagUs)
    .map(
      ({ partition, windowEndUs }) =>
        `partition ${partition} lags: judged through ${isoOf(windowEndUs)}, others through ${isoOf(newestUs)}`,
    )
  const judged = new Set(newest.map(({ partition }) => partition))
  for (const { topic, partition } of await store.positions())
    if (topic === 'aggregates' && !judged.has(partition))
      lagging.push(
        `partition ${partition}: no window judged; nothing was sent to it, or its processors lag`,
      )
  if (newest.length === 0) return { platform: null, lagging }
  const slices = await store.slices(settledUs)
  if (slices.length === 0) return { platform: null, lagging }
  const asOfUs = Math.max(...slices.map(({ windowEndUs }) => windowEndUs))
  const views = partsByPartition(slices).map((parts) =>
    partitionView(parts, Number.MAX_SAFE_INTEGER),
  )
  return { platform: reportPlatform(asOfUs, views, Number.MAX_SAFE_INTEGER), lagging }
}

type Parts = [FleetSlice, ...FleetSlice[]]

/** Slices come sorted by partition and part. */
const partsByPartition = (slices: readonly FleetSlice[]): readonly Parts[] => {
  const partitions: Parts[] = []
  for (const slice of slices) {
    const last = partitions.at(-1)
    if (last?.[0].partition === slice.partition) last.push(slice)
    else partitions.push([slice])
  }
  return partitions
}
