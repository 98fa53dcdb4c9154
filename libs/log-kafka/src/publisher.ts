import {
  EntryRefusedError,
  NotProvisionedError,
  UnavailableError,
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

/** Appends under way or waiting for their turn: as many as the embedded log takes. */
const waitingMax = 20_000
const waitingBytesMax = 64 * 1024 * 1024

export const openPublisher = (
  settings: Settings,
  topics: InputTopics,
  timeoutMs: number,
): LogPublisher => {
  const sender = openSender(settings, timeoutMs)
  let waiting = 0
  let waitingBytes = 0
  const sent = async (topic: string, partition: number, records: readonly SentRecord[]) => {
    const bytes = bytesOf(records)
    if (waiting >= waitingMax || (waiting > 0 && waitingBytes + bytes > waitingBytesMax))
      throw new UnavailableError(
        `${topic}/${partition}: ${waiting} appends of ${waitingBytes} bytes wait already; more are taken when some of them are through`,
      )
    waiting++
    waitingBytes += bytes
    try {
      return await sender.send(settings.prefix + topic, partition, records)
    } finally {
      waiting--
      waitingBytes -= bytes
    }
  }
  return {
    append: async (topic, partition, entries) => {
      const records = recordsOf(topics, topic, partition, entries)
      const { baseOffset, appendedAtMs } = await sent(topic, partition, records)
      const latestMs = records.reduce((latest, { timestampMs }) => Math.max(latest, timestampMs), 0)
      return { baseOffset, timestampMs: appendedAtMs ?? (latestMs as EpochMs) }
    },
    close: () => sender.close(),
  }
}

const bytesOf = (records: readonly Pick<SentRecord, 'key' | 'value'>[]): number =>
  records.reduce((sum, { key, value }) => sum + (value?.length ?? 0) + (key?.length ?? 0), 0)

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
  const bytes = bytesOf(entries)
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
