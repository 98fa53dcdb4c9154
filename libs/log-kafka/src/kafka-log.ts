import type { HostSpec, Log, LogPublisher, RunTask } from '@tidemark/log'
import { topicAdmin } from './admin.ts'
import { partitionBounds } from './bounds.ts'
import { openConnection, type Connection } from './connection.ts'
import { describeTopics } from './describe.ts'
import { openFetcher, type Fetcher } from './fetcher.ts'
import { groupIdOf, hostTasks } from './host.ts'
import { settingsOf, type KafkaLogOptions, type Settings } from './options.ts'
import { taskOwners } from './owners.ts'
import { checkTopics, provisionTopics } from './provision.ts'
import { openPublisher, publishedTopicsOf } from './publisher.ts'
import { firstCatalogRecord, readCheckpoints, readPartition } from './reading.ts'
import { openSender } from './sender.ts'

/** An answer that takes longer than this, beyond what a question may wait, means that the connection is dead. */
const requestTimeoutMs = 6000
/** For tasks: what they want next is always in the question, so it may wait. Four questions a second cost 0.1 % of a core. */
const taskLongPollMs = 250
/** For all other reading: a question concerns one caller, and the next one waits behind it. */
const readLongPollMs = 50

/** The log on Kafka. Connects when it is first used. All that is read is what was committed. */
export const openKafkaLog = async (options: KafkaLogOptions): Promise<Log> => {
  const settings = settingsOf(options)
  const admin = topicAdmin(settings)
  const reading = { settings, ...openReading(settings, readLongPollMs) }
  const { connection, fetcher } = reading
  const closing = new AbortController()
  const hosting = new Set<Promise<void>>()
  const publishers = new Set<LogPublisher>()
  let tasks: OpenReading | null = null

  const host = (spec: HostSpec, run: RunTask, signal: AbortSignal): Promise<void> => {
    tasks ??= openReading(settings, taskLongPollMs)
    const parts = { settings, connection, fetcher, taskFetcher: tasks.fetcher }
    const done = hostTasks(parts, spec, run, AbortSignal.any([signal, closing.signal]))
    const ended = done.catch(() => undefined).then(() => void hosting.delete(ended))
    hosting.add(ended)
    return done
  }

  return {
    kind: 'kafka',
    provision: async (layout, record) => {
      const sender = openSender(settings, settings.timeoutMs)
      const firstRecord = () => firstCatalogRecord(reading)
      try {
        return await provisionTopics({ admin, sender, firstRecord }, settings, layout, record)
      } finally {
        await sender.close()
      }
    },
    layoutRecord: () => firstCatalogRecord(reading),
    describe: () =>
      describeTopics(admin, settings.prefix, (topic) => partitionBounds(reading, topic)),
    check: (layout) => checkTopics(admin, layout),
    publisher: async ({ timeoutMs = settings.timeoutMs } = {}) => {
      const topics = await publishedTopicsOf(admin, settings.prefix)
      const firstRecord = () => firstCatalogRecord(reading)
      const publisher = openPublisher({ settings, topics, firstRecord }, timeoutMs)
      publishers.add(publisher)
      return {
        append: publisher.append,
        close: async () => {
          publishers.delete(publisher)
          await publisher.close()
        },
      }
    },
    read: (request) => readPartition(reading, request),
    bounds: (topic) => partitionBounds(reading, topic),
    host,
    checkpoints: (processor, count) => readCheckpoints(reading, processor, count),
    owners: (processor) => taskOwners(admin, groupIdOf(settings.prefix, processor)),
    close: async () => {
      closing.abort()
      await Promise.all([...hosting, ...Array.from(publishers, ({ close }) => close())])
      await Promise.all([closeReading(reading), tasks === null ? null : closeReading(tasks)])
    },
  }
}

type OpenReading = { readonly connection: Connection; readonly fetcher: Fetcher }

/** A connection of its own for each kind of reading, since a broker answers the questions of one in their order. */
const openReading = (settings: Settings, longPollMs: number): OpenReading => {
  const connection = openConnection(settings, requestTimeoutMs)
  return { connection, fetcher: openFetcher(connection, settings, { longPollMs }) }
}

const closeReading = async ({ connection, fetcher }: OpenReading): Promise<void> => {
  fetcher.close()
  await connection.close()
}
