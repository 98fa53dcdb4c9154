import {
  EntryRefusedError,
  LogFullError,
  UnavailableError,
  type Appended,
  type Entry,
  type LogPublisher,
} from '@tidemark/log'
import {
  inputTopics,
  sendBytesMax,
  type EpochMs,
  type Offset,
  type TopicName,
} from '@tidemark/model'
import type { Database } from './database.ts'
import { appendEntries } from './partitions.ts'

/** What waits for the next transaction. */
type Pending = {
  readonly topic: TopicName
  readonly partition: number
  readonly entries: readonly Entry[]
  readonly resolve: (appended: Appended) => void
  readonly reject: (error: unknown) => void
}

/** Appends in one transaction; those beyond wait for the next one. */
const groupMax = 256

export type Appending = {
  readonly append: LogPublisher['append']
  /** Resolves when nothing waits any more. */
  readonly idle: () => Promise<void>
}

export type AppendingOptions = {
  readonly nowMs: () => number
  /** Null: nothing is provisioned yet. */
  readonly timestamps: () => 'broker' | 'producer'
  /** Makes room where there is a limit; false when there is none left. */
  readonly hasRoom: () => boolean
  readonly appended: (partitions: readonly string[]) => void
}

/**
 * Appends to input topics. What is appended while a transaction is on its way shares the next one, so that many small appends cost
 * one flush to the disk.
 */
export const appendingTo = (database: Database, options: AppendingOptions): Appending => {
  let pending: Pending[] = []
  let turn: Promise<void> | null = null
  const writeGroup = (): void => {
    const group = pending.slice(0, groupMax)
    pending = pending.slice(groupMax)
    try {
      if (!options.hasRoom())
        throw new LogFullError(
          `${database.file}: at its size limit, and retention can remove nothing`,
        )
      const appendMs = options.timestamps() === 'broker' ? options.nowMs() : null
      const outcomes = database.transaction(() =>
        group.map(({ topic, partition, entries }) =>
          appendEntries(database, topic, partition, entries.map(batchEntry), appendMs),
        ),
      )
      for (const [i, { resolve }] of group.entries()) {
        const { baseOffset, timestampMs } = outcomes[i]!
        resolve({ baseOffset: baseOffset as Offset, timestampMs: timestampMs as EpochMs })
      }
      options.appended(group.map(({ topic, partition }) => `${topic}/${partition}`))
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }
  const run = async (): Promise<void> => {
    while (pending.length > 0) {
      // Everything that is asked for in this turn of the loop joins.
      await new Promise((resolve) => setImmediate(resolve))
      writeGroup()
    }
    turn = null
  }
  return {
    append: (topic, partition, entries) =>
      new Promise((resolve, reject) => {
        const fault = faultIn(topic, entries, options.timestamps())
        if (fault !== null) {
          reject(new EntryRefusedError(`${topic}/${partition}: ${fault}`))
          return
        }
        pending.push({ topic, partition, entries, resolve, reject })
        turn ??= run()
      }),
    idle: async () => {
      while (turn !== null) await turn
    },
  }
}

/** A publisher is only a door; all of them share the transactions. */
export const publisherOn = (appending: Appending): LogPublisher => {
  let closed = false
  return {
    append: (topic, partition, entries) =>
      closed
        ? Promise.reject(new UnavailableError('append: the publisher is closed'))
        : appending.append(topic, partition, entries),
    close: async () => {
      closed = true
      await appending.idle()
    },
  }
}

const batchEntry = ({ key, value, timestampMs = 0 as EpochMs }: Entry) => ({
  key,
  value,
  timestampMs,
})

const faultIn = (
  topic: TopicName,
  entries: readonly Entry[],
  timestamps: 'broker' | 'producer',
): string | null => {
  if (!(inputTopics as readonly TopicName[]).includes(topic))
    return `only processors write it; publishers write ${inputTopics.join(', ')}`
  if (entries.length === 0) return 'nothing to append'
  const bytes = entries.reduce((sum, { key, value }) => sum + value.length + (key?.length ?? 0), 0)
  if (bytes > sendBytesMax) return `${bytes} bytes in one append, ${sendBytesMax} are allowed`
  const stamped = entries.filter(({ timestampMs }) => timestampMs !== undefined).length
  if (timestamps === 'broker' && stamped > 0)
    return 'an entry with a timestamp, where the log stamps its records itself'
  if (timestamps === 'producer' && stamped < entries.length)
    return 'an entry without a timestamp, where producers stamp the records'
  return null
}
