import {
  EntryRefusedError,
  UnavailableError,
  type Appended,
  type Entry,
  type LogPublisher,
  type PublisherOptions,
} from '@tidemark/log'
import {
  inputTopics,
  partitionsOf,
  sendBytesMax,
  type EpochMs,
  type Layout,
  type TopicName,
} from '@tidemark/model'
import type { StoredBatch } from '../broker/partition.ts'
import type { ClientParts } from './client.ts'

type Numbers = { readonly producerId: number; readonly next: Map<string, number> }

/** An idempotent producer that is thrown away after every failure, with one send under way for each partition. */
export const openPublisher = (
  { broker, process, chronicle }: ClientParts,
  _options: PublisherOptions,
): LogPublisher => {
  const lanes = new Map<string, Promise<unknown>>()
  let numbers: Numbers | null = null

  const send = async (
    topic: TopicName,
    index: number,
    entries: readonly Entry[],
  ): Promise<Appended> => {
    const place = `${topic}/${index}`
    const using = (numbers ??= { producerId: broker.producerId(), next: new Map() })
    const sequence = using.next.get(place) ?? 0
    using.next.set(place, sequence + entries.length)
    const unknown: { batch: StoredBatch | null } = { batch: null }
    try {
      return await process.request('publish', () => {
        const partition = broker.partition(topic, index)
        const { stampedBy } = placeOf(broker.layout(), topic)
        const batch = partition.append({
          entries: entries.map(({ key, value, timestampMs }) => ({
            ...{ key, value },
            timestampMs: timestampMs ?? 0,
          })),
          stampMs: stampedBy === 'producer' ? null : broker.stampMs(partition),
          writer: { kind: 'producer', process: process.name },
          numbers: { producerId: using.producerId, producerEpoch: 0, sequence },
          transaction: null,
          at: chronicle.moment(),
          requireRoom: broker.requireRoom,
        })
        unknown.batch = batch
        const timestampMs = Math.max(...batch.entries.map((entry) => entry.timestampMs))
        return {
          baseOffset: batch.baseOffset as Appended['baseOffset'],
          timestampMs: timestampMs as EpochMs,
        }
      })
    } catch (error) {
      if (numbers === using) numbers = null
      if (error instanceof UnavailableError) chronicle.unknownPublications.push(unknown)
      throw error
    }
  }

  return {
    append: async (topic, partition, entries) => {
      refuse(placeOf(broker.layout(), topic), topic, partition, entries)
      const place = `${topic}/${partition}`
      const before = lanes.get(place) ?? Promise.resolve()
      const mine = before.then(() => send(topic, partition, entries))
      lanes.set(
        place,
        mine.catch(() => undefined),
      )
      return mine
    },
    close: async () => {
      await Promise.all(lanes.values())
    },
  }
}

type Place = { readonly stampedBy: 'broker' | 'producer'; readonly partitions: number }

/** The catalog is written by clients and stamped for them, whoever stamps the inputs. */
const placeOf = ({ timestamps, partitions }: Layout, topic: TopicName): Place => ({
  stampedBy: topic === 'catalog' ? 'broker' : timestamps,
  partitions: partitionsOf(topic, partitions),
})

const isPublished = (topic: TopicName): boolean =>
  topic === 'catalog' || (inputTopics as readonly TopicName[]).includes(topic)

const refuse = (
  { stampedBy, partitions }: Place,
  topic: TopicName,
  partition: number,
  entries: readonly Entry[],
): void => {
  const bytes = entries.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)
  const hasStamp = ({ timestampMs }: Entry): boolean => timestampMs !== undefined
  const isTaken =
    isPublished(topic) &&
    partition >= 0 &&
    partition < partitions &&
    entries.length > 0 &&
    bytes <= sendBytesMax &&
    entries.every((entry) => hasStamp(entry) === (stampedBy === 'producer'))
  if (!isTaken)
    throw new EntryRefusedError(
      `${topic}/${partition}: ${entries.length} entries of ${bytes} bytes, timestamps by the ${stampedBy}: not taken`,
    )
}
