import type { Log } from '@tidemark/log'
import { topicRecords } from '../topic-records.ts'

/** Stores what the catalog of a log holds of configurations in that of another, record for record, for a replay there. */
export const copyConfigurations = async (from: Log, to: Log): Promise<void> => {
  const [bounds] = await from.bounds('catalog')
  if (bounds === undefined) return
  const { partition, startOffset: fromOffset, endOffset: toOffset } = bounds
  const publisher = await to.publisher()
  try {
    const stretch = { topic: 'catalog', partition, fromOffset, toOffset } as const
    for await (const { key, value, decoded } of topicRecords(from, stretch)) {
      if (!decoded.ok || decoded.event.type !== 'ConfigurationStored' || value === null) continue
      const entry = { key: key && new Uint8Array(key), value: new Uint8Array(value) }
      await publisher.append('catalog', 0, [entry])
    }
  } finally {
    await publisher.close()
  }
}
