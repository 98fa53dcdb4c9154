import {
  EntryRefusedError,
  UnavailableError,
  type Appended,
  type Entry,
  type LogPublisher,
} from '@tidemark/log'
import { inputTopics, sendBytesMax, type TopicName } from '@tidemark/model'
import { appendBatch, type Stamp } from './append.ts'
import type { Store } from './store.ts'
import { isInput, type Topic } from './topic-table.ts'
import { partitionName } from './watch.ts'

/** Appends to input topics and `catalog`, of all publishers and tasks of an open log. */
export type Appender = {
  readonly append: (
    topic: TopicName,
    partition: number,
    entries: readonly Entry[],
    options: AppendOptions,
  ) => Promise<Appended>
}

export type AppendOptions = {
  readonly timeoutMs: number
  /** Runs in the same transaction, before the append: whether it may happen. */
  readonly permit: () => void
}

/** Appends that wait for a transaction, of all publishers together; above either, appends are refused until some are through. */
const waitingMax = 20_000
const waitingBytesMax = 64 * 1024 * 1024

export const appender = ({ database, topics, queue, settings }: Store): Appender => {
  let waiting = 0
  let waitingBytes = 0
  return {
    append: async (name, partition, entries, { timeoutMs, permit }) => {
      const topic = topics.topic(name)
      const bytes = checkedBytes(topic, partition, entries)
      if (waiting >= waitingMax || (waiting > 0 && waitingBytes + bytes > waitingBytesMax))
        throw new UnavailableError(
          `${name}/${partition}: ${waiting} appends of ${waitingBytes} bytes wait already; more are taken when some of them are through`,
        )
      const place = { topic: name, partition, partitionId: topics.partitionId(name, partition) }
      const batch = entries.map(batchEntryOf)
      waiting++
      waitingBytes += bytes
      try {
        return await queue.write(
          (changed) => {
            permit()
            const stamp = stampFor(topic, settings.clock)
            const appended = appendBatch(database, place, batch, stamp)
            changed(partitionName(name, partition))
            return appended
          },
          { bytes, timeoutMs },
        )
      } finally {
        waiting--
        waitingBytes -= bytes
      }
    },
  }
}

/** A publisher is a door to the log's one appender; `permit` keeps the log within its size. */
export const openPublisher = (
  appends: Appender,
  timeoutMs: number,
  permit: (bytes: number) => void,
): LogPublisher => {
  const underWay = new Set<Promise<unknown>>()
  let closed = false
  return {
    append: (topic, partition, entries) => {
      if (closed) return Promise.reject(new UnavailableError('append: the publisher was closed'))
      const appended = appends.append(topic, partition, entries, {
        timeoutMs,
        permit: () => permit(valueBytesOf(entries)),
      })
      const settled = appended.then(
        () => void underWay.delete(settled),
        () => void underWay.delete(settled),
      )
      underWay.add(settled)
      return appended
    },
    close: async () => {
      closed = true
      await Promise.all(underWay)
    },
  }
}

const stampFor = (topic: Topic, clock: Store['settings']['clock']): Stamp => {
  const by = stamperOf(topic)
  return by === 'producer' ? { by } : { by, nowMs: clock() }
}

/** `writer`: this log for whoever appends, in topics that producers do not write. */
const stamperOf = ({ topic, stampedBy }: Topic): Stamp['by'] =>
  isInput(topic) ? stampedBy : 'writer'

const batchEntryOf = ({ key, value, timestampMs }: Entry) => ({
  key,
  value,
  timestampMs: timestampMs ?? 0,
})

const valueBytesOf = (entries: readonly Entry[]): number =>
  entries.reduce((sum, { value }) => sum + value.length, 0)

/** Bytes of the values; EntryRefusedError for what this log does not take. */
const checkedBytes = (topic: Topic, partition: number, entries: readonly Entry[]): number => {
  const refuse = (what: string): never => {
    throw new EntryRefusedError(`${topic.topic}/${partition}: ${what}`)
  }
  if (!isInput(topic.topic) && topic.topic !== 'catalog')
    refuse(`only ${inputTopics.join(', ')} and catalog are published to`)
  if (!(Number.isInteger(partition) && partition >= 0 && partition < topic.partitions))
    refuse(`the topic has ${topic.partitions} partitions, and this is none of them`)
  if (entries.length === 0) refuse('no entries')
  const bytes = valueBytesOf(entries)
  if (bytes > sendBytesMax)
    refuse(`${bytes} bytes of values in one append, at most ${sendBytesMax} are taken`)
  const isProducers = stamperOf(topic) === 'producer'
  for (const { timestampMs } of entries) {
    if (!isProducers && timestampMs !== undefined)
      refuse(`this log stamps its records itself, an entry has timestamp ${timestampMs}`)
    if (isProducers && !isTimestamp(timestampMs))
      refuse(
        `producers stamp the records of this log, an entry has ${timestampMs ?? 'no timestamp'}`,
      )
  }
  return bytes
}

const isTimestamp = (value: number | undefined): boolean =>
  value !== undefined && Number.isSafeInteger(value) && value >= 0
