import { NotProvisionedError } from '@tidemark/log'
import {
  inputTopics,
  type EpochMs,
  type InputTopic,
  type Offset,
  type TopicName,
} from '@tidemark/model'
import type { Database } from './database.ts'

/** The topics as provisioned. They never change, so they are read once. */
export type TopicTable = {
  readonly all: () => readonly Topic[]
  readonly topic: (topic: TopicName) => Topic
  /** Row of a partition. */
  readonly partitionId: (topic: TopicName, partition: number) => number
}

export type Topic = {
  readonly topic: TopicName
  /** With the prefix. */
  readonly name: string
  readonly partitions: number
  readonly stampedBy: 'broker' | 'producer'
  readonly cleanup: 'delete' | 'compact'
  /** -1: kept for ever. */
  readonly retentionMs: number
}

/** What the log knows of a partition beside its batches. */
export type PartitionState = {
  readonly startOffset: Offset
  readonly endOffset: Offset
  readonly lastTimestampMs: EpochMs | null
}

type Loaded = {
  readonly topics: ReadonlyMap<TopicName, Topic>
  readonly partitionIds: ReadonlyMap<TopicName, readonly number[]>
}

export const topicTable = (database: Database): TopicTable => {
  let known: Loaded | null = null
  const loaded = (): Loaded => {
    known ??= load(database)
    if (known === null)
      throw new NotProvisionedError(`${database.file}: nothing is provisioned there`)
    return known
  }
  return {
    all: () => [...loaded().topics.values()],
    topic: (topic) => {
      const found = loaded().topics.get(topic)
      if (found === undefined) throw new NotProvisionedError(`${database.file}: no topic ${topic}`)
      return found
    },
    partitionId: (topic, partition) => {
      const ids = loaded().partitionIds.get(topic) ?? []
      const id = ids[partition]
      if (id === undefined)
        throw new NotProvisionedError(
          `${database.file}: ${topic} has ${ids.length} partitions, ${partition} is none of them`,
        )
      return id
    },
  }
}

export const isInput = (topic: TopicName): topic is InputTopic =>
  (inputTopics as readonly TopicName[]).includes(topic)

export const partitionState = (database: Database, partitionId: number): PartitionState => {
  const row = database.first(
    'select start_offset, end_offset, last_timestamp_ms from partition_state where partition_id = ?',
    partitionId,
  )
  const lastMs = row?.last_timestamp_ms ?? null
  return {
    startOffset: Number(row?.start_offset) as Offset,
    endOffset: Number(row?.end_offset) as Offset,
    lastTimestampMs: lastMs === null ? null : (Number(lastMs) as EpochMs),
  }
}

const load = (database: Database): Loaded | null => {
  const topics = database.all('select * from topic')
  if (topics.length === 0) return null
  const partitionIds = new Map<TopicName, number[]>()
  for (const row of database.all(
    'select topic, partition, partition_id from partition_state order by topic, partition',
  )) {
    const topic = String(row.topic) as TopicName
    const ids = partitionIds.get(topic) ?? []
    ids.push(Number(row.partition_id))
    partitionIds.set(topic, ids)
  }
  return {
    partitionIds,
    topics: new Map(
      topics.map((row) => [
        String(row.topic) as TopicName,
        {
          topic: String(row.topic) as TopicName,
          name: String(row.name),
          partitions: Number(row.partitions),
          stampedBy: row.stamped_by === 'broker' ? 'broker' : 'producer',
          cleanup: row.cleanup === 'compact' ? 'compact' : 'delete',
          retentionMs: Number(row.retention_ms),
        },
      ]),
    ),
  }
}
