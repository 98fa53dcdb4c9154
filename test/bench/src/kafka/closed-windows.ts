import { topicRecords } from '@tidemark/assembly'
import type { Log } from '@tidemark/log'
import { emptyHistogram, encodeV2, record } from '@tidemark/histogram'
import { defaultLayout, type Offset } from '@tidemark/model'
import type { ClosedWindow } from './expected-windows.ts'

/** Where each partition of `aggregates` ends. */
export const aggregatesEnds = async (log: Log): Promise<readonly Offset[]> =>
  (await log.bounds('aggregates'))
    .toSorted((a, b) => a.partition - b.partition)
    .map(({ endOffset }) => endOffset)

/** The windows that were closed behind these positions, from the events of Tidemark. Their identities must have been checked. */
export const closedByTidemark = async (
  log: Log,
  from: readonly Offset[],
): Promise<readonly ClosedWindow[]> => {
  const closed: ClosedWindow[] = []
  for (const [partition, toOffset] of (await aggregatesEnds(log)).entries())
    for await (const { decoded } of topicRecords(log, {
      ...{ topic: 'aggregates', partition, fromOffset: from[partition]!, toOffset },
    })) {
      if (!decoded.ok) throw new Error(`aggregates/${partition}: ${decoded.detail}`)
      const { event } = decoded
      if (event.type !== 'RequestWindowClosed') continue
      const { service, windowStartUs: startUs, total: count, failed: errors, histogram } = event
      const byOperation = event.operations.reduce((sum, { total }) => sum + total, 0)
      if (!event.identityChecked || event.overflow || byOperation !== count)
        throw new Error(
          `${service} at ${startUs}: identities ${event.identityChecked ? 'checked' : 'not checked'}, ${byOperation} of ${count} requests by operation`,
        )
      closed.push({ service, startUs, count, errors, maxUs: event.latencyUsMax ?? -1, histogram })
    }
  return closed
}

/** Window start, count, errors, maximum, 8 bytes each, then the histogram: as ServiceWindow.java writes them. */
export const closedByPeer = async (log: Log): Promise<readonly ClosedWindow[]> => {
  const closed: ClosedWindow[] = []
  for (const [partition, toOffset] of (await aggregatesEnds(log)).entries())
    for await (const { key, value } of topicRecords(log, {
      ...{ topic: 'aggregates', partition, fromOffset: 0 as Offset, toOffset },
    })) {
      if (key === null || value === null) throw new Error('a record without key or value')
      const view = new DataView(value.buffer, value.byteOffset, value.byteLength)
      const [startUs, count, errors, maxUs] = [0, 8, 16, 24].map((at) =>
        Number(view.getBigInt64(at)),
      ) as [number, number, number, number]
      const service = Buffer.from(key).toString()
      closed.push({ service, startUs, count, errors, maxUs, histogram: value.slice(32) })
    }
  return closed
}

/** A line of JSON for each window, with its slots in use, as baselines/bare-loop.ts writes them. */
export const closedByBareLoop = (lines: string): readonly ClosedWindow[] =>
  lines.split('\n').map((line) => {
    const [service, startUs, count, errors, maxUs, slots] = JSON.parse(line) as BareWindow
    const histogram = emptyHistogram(defaultLayout.histogram)
    for (const [slot, events] of slots)
      for (let i = 0; i < events; i++) record(histogram, lowestOfSlot(slot))
    return { service, startUs, count, errors, maxUs, histogram: encodeV2(histogram) }
  })

type BareWindow = readonly [
  service: string,
  startUs: number,
  count: number,
  errors: number,
  maxUs: number,
  slots: readonly (readonly [slot: number, events: number])[],
]

const lowestOfSlot = (slot: number): number => {
  const octave = Math.max(0, (slot >> 7) - 1)
  return (slot - 128 * octave) << octave
}
