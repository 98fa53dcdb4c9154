import type { Brand } from './brand.ts'

/** Position of a record in its partition, or of the next one to read. Below 2^53: a million records a second for 285 years. */
export type Offset = Brand<number, 'Offset'>
export const offset = (value: number): Offset => {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`offset: ${value} is not an integer of 0 to 2^53 - 1`)
  return value as Offset
}

export const inputTopics = ['requests', 'health-checks', 'facts'] as const
export const derivedTopics = [
  'aggregates',
  'assessments',
  'alerts',
  'fleet',
  'platform-reports',
  'rejected',
] as const
export const systemTopics = ['catalog', 'checkpoints'] as const
export const topicNames = [...inputTopics, ...derivedTopics, ...systemTopics] as const

export type InputTopic = (typeof inputTopics)[number]
export type DerivedTopic = (typeof derivedTopics)[number]
export type TopicName = (typeof topicNames)[number]

const day = 86_400_000

/** What provisioning sets for a topic; names get the layout's prefix. */
export type TopicSpec = {
  /** `P`: the layout's partition count. */
  readonly partitions: 'P' | 1
  readonly cleanup: 'delete' | 'compact'
  /** Who stamps records: inputs follow the layout (`broker` = LogAppendTime), the rest are stamped by their writer. */
  readonly stamped: 'layout' | 'writer'
  /** -1: kept for ever. */
  readonly retentionMs: number
}

export const topicCatalogue: { readonly [T in TopicName]: TopicSpec } = {
  requests: { partitions: 'P', cleanup: 'delete', stamped: 'layout', retentionMs: 7 * day },
  'health-checks': { partitions: 'P', cleanup: 'delete', stamped: 'layout', retentionMs: 7 * day },
  facts: { partitions: 'P', cleanup: 'delete', stamped: 'layout', retentionMs: -1 },
  aggregates: { partitions: 'P', cleanup: 'delete', stamped: 'writer', retentionMs: 30 * day },
  assessments: { partitions: 'P', cleanup: 'compact', stamped: 'writer', retentionMs: -1 },
  alerts: { partitions: 'P', cleanup: 'delete', stamped: 'writer', retentionMs: -1 },
  fleet: { partitions: 1, cleanup: 'delete', stamped: 'writer', retentionMs: 7 * day },
  'platform-reports': { partitions: 1, cleanup: 'delete', stamped: 'writer', retentionMs: -1 },
  rejected: { partitions: 'P', cleanup: 'delete', stamped: 'writer', retentionMs: 7 * day },
  catalog: { partitions: 1, cleanup: 'delete', stamped: 'writer', retentionMs: -1 },
  checkpoints: { partitions: 'P', cleanup: 'compact', stamped: 'writer', retentionMs: -1 },
}

/** The largest record value and the largest send. */
export const sendBytesMax = 900_000

export const partitionsOf = (topic: TopicName, partitions: number): number =>
  topicCatalogue[topic].partitions === 'P' ? partitions : 1
