import {
  partitionView,
  reportJson,
  reportPlatform,
  reportText,
  type PlatformReport,
} from '@tidemark/evaluation'
import { isoOf, type FleetSlice } from '@tidemark/model'
import type { SnapshotStore } from '@tidemark/store'
import { UsageError, type CommandContext, type ExitCode, type JsonOptions } from '../context.ts'
import { withStore } from '../open.ts'
import { parseMoment } from '../times.ts'

export type ReportOptions = JsonOptions & { readonly at?: string }

/** How the platform is doing, as of the newest window that every partition has judged. */
export const report = (options: ReportOptions, { terminal }: CommandContext): Promise<ExitCode> =>
  withStore<ExitCode>(options, async (store) => {
    const atUs =
      options.at === undefined ? Number.MAX_SAFE_INTEGER : parseMoment('--at', options.at)
    const { platform, lagging } = await platformAt(store, atUs)
    if (platform === null) {
      const when = options.at === undefined ? 'yet' : `at or before ${isoOf(atUs)}`
      throw new UsageError(
        `no window is judged ${when}; windows are judged some 15 s after they begin`,
      )
    }
    for (const line of lagging) terminal.err(line)
    if (options.json === true) terminal.out(JSON.stringify(reportJson(platform)))
    else terminal.out(reportText(platform).trimEnd())
    return 0
  })

type PlatformAt = {
  readonly platform: PlatformReport | null
  /** A line for each partition that is behind the others. */
  readonly lagging: readonly string[]
}

/** A partition this much behind the newest one is named. */
const lagUs = 60_000_000

const platformAt = async (store: SnapshotStore, atUs: number): Promise<PlatformAt> => {
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
