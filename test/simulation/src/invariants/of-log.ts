import type { ReadableLog } from '@tidemark/assembly'
import { derivedTopics, inputTopics, type Layout, type TopicName } from '@tidemark/model'
import type { SnapshotStore } from '@tidemark/store'
import { recordCursor } from '@tidemark/wire'
import { derivedEventsOf, eventsOf } from './derived-events.ts'
import type { Evidence, LoggedRecord } from './evidence.ts'
import { storeContentsOf } from './store-contents.ts'

/** What a log holds that commits atomically, and the store beside it if there is one; nobody watched how it came about. */
export const evidenceOfLog = async (
  log: ReadableLog,
  layout: Layout,
  store: SnapshotStore | null = null,
): Promise<Evidence> => {
  const derived = (await recordsIn(log, derivedTopics)).map((record) => ({
    ...{ ...record, commit: null, sentBy: null },
  }))
  const slices = eventsOf(derivedEventsOf({ derived }), 'FleetSlice')
  const sliceEndsUs = new Set(slices.map(({ event }) => event.windowEndUs))
  return {
    ...{ layout, delivery: 'exactly-once', attempts: null, derived, commits: null },
    inputs: await recordsIn(log, inputTopics),
    catalog: await recordsIn(log, ['catalog']),
    store:
      store === null
        ? null
        : { contents: await storeContentsOf(store, sliceEndsUs), moments: null },
  }
}

const recordsIn = async (
  log: ReadableLog,
  topics: readonly TopicName[],
): Promise<readonly LoggedRecord[]> => {
  const records: LoggedRecord[] = []
  const cursor = recordCursor()
  for (const topic of topics)
    for (const { partition, startOffset, endOffset } of await log.bounds(topic))
      for (let fromOffset = startOffset; fromOffset < endOffset;) {
        const batches = await log.read({ topic, partition, fromOffset })
        cursor.open(batches)
        while (cursor.next()) {
          const { bytes, keyStart, keyEnd, valueStart, valueEnd, offset, timestampMs } = cursor
          const cut = (start: number, end: number) => (end < 0 ? null : bytes.slice(start, end))
          const [key, value] = [cut(keyStart, keyEnd), cut(valueStart, valueEnd)]
          records.push({ topic, partition, offset, timestampMs, key, value })
        }
        fromOffset = batches.nextOffset
      }
  return records
}
