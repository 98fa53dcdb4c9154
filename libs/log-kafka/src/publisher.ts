import {
  EntryRefusedError,
  NotProvisionedError,
  UnavailableError,
  type Entry,
  type LogPublisher,
} from '@tidemark/log'
import { inputTopics, sendBytesMax, type EpochMs, type TopicName } from '@tidemark/model'
import type { FoundTopic, TopicAdmin } from './admin.ts'
import type { Settings } from './options.ts'
import { openSender, type SentRecord } from './sender.ts'

export type PublishedTopics = ReadonlyMap<TopicName, PublishedTopic>

type PublishedTopic = {
  readonly partitions: number
  readonly stampedBy: 'broker' | 'producer' | 'client'
}

/** How the topics that are published to were provisioned: the inputs, and the catalog, whose records this client stamps. */
export const publishedTopicsOf = async (
  admin: TopicAdmin,
  prefix: string,
): Promise<PublishedTopics> => {
  const topics = [...inputTopics, 'catalog'] as const
  const names = topics.map((topic) => prefix + topic)
  const found = await admin.find(names)
  const missing = names.filter((name) => !found.has(name))
  if (missing.length > 0)
    throw new NotProvisionedError(`topics do not exist: ${missing.join(', ')}`)
  return new Map(topics.map((topic) => [topic, publishedTopic(topic, found.get(prefix + topic)!)]))
}

const publishedTopic = (topic: TopicName, { partitions, config }: FoundTopic): PublishedTopic => {
  if (topic === 'catalog') return { partitions, stampedBy: 'client' }
  const isBroker = config.get('message.timestamp.type') === 'LogAppendTime'
  return { partitions, stampedBy: isBroker ? 'broker' : 'producer' }
}

/** Appends under way or waiting for their turn: as many as the embedded log takes. */
const waitingMax = 20_000
const waitingBytesMax = 64 * 1024 * 1024

export type PublisherParts = {
  readonly settings: Settings
  readonly topics: PublishedTopics
  /** The first record of `catalog`; null when there is none. */
  readonly firstRecord: () => Promise<Uint8Array | null>
}

export const openPublisher = (
  { settings, topics, firstRecord }: PublisherParts,
  timeoutMs: number,
): LogPublisher => {
  const { clock } = settings
  const sender = openSender(settings, timeoutMs)
  let isLayoutThere = false
  /** Whoever writes the first record of the catalog fixes the layout; nothing else may stand there. */
  const requireLayout = async (): Promise<void> => {
    isLayoutThere ||= (await firstRecord()) !== null
    if (!isLayoutThere)
      throw new NotProvisionedError(`${settings.prefix}catalog: its first record is still to come`)
  }
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
      const records = recordsOf(topics, topic, partition, entries, clock.nowMs())
      if (topic === 'catalog') await requireLayout()
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
  topics: PublishedTopics,
  topic: TopicName,
  partition: number,
  entries: readonly Entry[],
  nowMs: number,
): SentRecord[] => {
  const found = topics.get(topic)
  if (found === undefined)
    throw new EntryRefusedError(`${topic}: only input topics and catalog are published to`)
  if (!(partition >= 0 && partition < found.partitions))
    throw new EntryRefusedError(`${topic}: partition ${partition} is none of ${found.partitions}`)
  if (entries.length === 0) throw new EntryRefusedError(`${topic}/${partition}: no entries`)
  const bytes = bytesOf(entries)
  if (bytes > sendBytesMax)
    throw new EntryRefusedError(
      `${topic}/${partition}: ${bytes} bytes in one append, at most ${sendBytesMax} are taken`,
    )
  return entries.map(({ key, value, timestampMs }) => {
    if ((timestampMs === undefined) === (found.stampedBy === 'producer'))
      throw new EntryRefusedError(
        timestampMs === undefined
          ? `${topic}/${partition}: producers stamp the records of this log, an entry has no timestamp`
          : `${topic}/${partition}: the ${found.stampedBy} stamps these records, an entry has timestamp ${timestampMs}`,
      )
    return { key, value, timestampMs: timestampMs ?? (found.stampedBy === 'client' ? nowMs : 0) }
  })
}
