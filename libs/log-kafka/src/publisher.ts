import {
  EntryRefusedError,
  NotProvisionedError,
  type Entry,
  type LogPublisher,
} from '@tidemark/log'
import { inputTopics, sendBytesMax, type EpochMs, type TopicName } from '@tidemark/model'
import type { TopicAdmin } from './admin.ts'
import type { Settings } from './options.ts'
import { openSender, type SentRecord } from './sender.ts'

export type InputTopics = ReadonlyMap<
  TopicName,
  { readonly partitions: number; readonly stampedBy: 'broker' | 'producer' }
>

/** How the inputs were provisioned. */
export const inputTopicsOf = async (admin: TopicAdmin, prefix: string): Promise<InputTopics> => {
  const names = inputTopics.map((topic) => prefix + topic)
  const found = await admin.find(names)
  const missing = names.filter((name) => !found.has(name))
  if (missing.length > 0)
    throw new NotProvisionedError(`topics do not exist: ${missing.join(', ')}`)
  return new Map(
    inputTopics.map((topic) => {
      const { partitions, config } = found.get(prefix + topic)!
      const isBroker = config.get('message.timestamp.type') === 'LogAppendTime'
      return [topic, { partitions, stampedBy: isBroker ? 'broker' : 'producer' }]
    }),
  )
}

export const openPublisher = (
  settings: Settings,
  topics: InputTopics,
  timeoutMs: number,
): LogPublisher => {
  const sender = openSender(settings, timeoutMs)
  return {
    append: async (topic, partition, entries) => {
      const records = recordsOf(topics, topic, partition, entries)
      const { baseOffset, appendedAtMs } = await sender.send(
        settings.prefix + topic,
        partition,
        records,
      )
      const latestMs = records.reduce((latest, { timestampMs }) => Math.max(latest, timestampMs), 0)
      return { baseOffset, timestampMs: appendedAtMs ?? (latestMs as EpochMs) }
    },
    close: () => sender.close(),
  }
}

const recordsOf = (
  topics: InputTopics,
  topic: TopicName,
  partition: number,
  entries: readonly Entry[],
): SentRecord[] => {
  const input = topics.get(topic)
  if (input === undefined)
    throw new EntryRefusedError(`${topic}: only input topics are published to`)
  if (!(partition >= 0 && partition < input.partitions))
    throw new EntryRefusedError(`${topic}: partition ${partition} is none of ${input.partitions}`)
  if (entries.length === 0) throw new EntryRefusedError(`${topic}/${partition}: no entries`)
  const bytes = entries.reduce((sum, { key, value }) => sum + value.length + (key?.length ?? 0), 0)
  if (bytes > sendBytesMax)
    throw new EntryRefusedError(
      `${topic}/${partition}: ${bytes} bytes in one append, at most ${sendBytesMax} are taken`,
    )
  return entries.map(({ key, value, timestampMs }) => {
    if ((timestampMs === undefined) !== (input.stampedBy === 'broker'))
      throw new EntryRefusedError(
        input.stampedBy === 'broker'
          ? `${topic}/${partition}: the broker stamps the records of this log, an entry has timestamp ${timestampMs}`
          : `${topic}/${partition}: producers stamp the records of this log, an entry has no timestamp`,
      )
    return { key, value, timestampMs: timestampMs ?? 0 }
  })
}
