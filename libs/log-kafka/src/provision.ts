import {
  CorruptLogError,
  LayoutMismatchError,
  NotProvisionedError,
  type CatalogRecord,
} from '@tidemark/log'
import { partitionsOf, topicNames, type Layout } from '@tidemark/model'
import type { FoundTopic, NewTopic, TopicAdmin } from './admin.ts'
import type { Settings } from './options.ts'
import type { Sender } from './sender.ts'
import { configDifferences, topicConfig } from './topic-settings.ts'

export type Provisioning = {
  readonly admin: TopicAdmin
  readonly sender: Sender
  /** The first record of `catalog`; null when there is none, or no such topic. */
  readonly firstRecord: () => Promise<Uint8Array | null>
}

const replicasByDefault = 3

/** Creates what is missing of a layout's topics, then fixes the layout by the first record of `catalog`: whoever writes it first wins. */
export const provisionTopics = async (
  { admin, sender, firstRecord }: Provisioning,
  settings: Settings,
  layout: Layout,
  record: CatalogRecord,
): Promise<'created' | 'unchanged'> => {
  const { prefix } = settings
  if (layout.prefix !== prefix)
    throw new LayoutMismatchError(
      `the layout's prefix is ${JSON.stringify(layout.prefix)}, the log was opened with ${JSON.stringify(prefix)}`,
    )
  const replicas =
    settings.replicationFactor ?? Math.min(replicasByDefault, await admin.brokerCount())
  const wanted = topicsOf(layout, replicas)
  const found = await admin.find(wanted.map(({ name }) => name))
  if (found.has(`${prefix}catalog`)) expectSame(await firstRecord(), record)
  expectAlike(wanted, found)
  const missing = wanted.filter(({ name }) => !found.has(name))
  if (missing.length > 0) await admin.create(missing)
  const isNew = await fixLayout({ admin, sender, firstRecord }, settings, record)
  return missing.length > 0 || isNew ? 'created' : 'unchanged'
}

/** Compares what stands on the brokers with a layout; replication is the operator's choice. */
export const checkTopics = async (admin: TopicAdmin, layout: Layout): Promise<void> => {
  const wanted = topicsOf(layout, 1)
  const found = await admin.find(wanted.map(({ name }) => name))
  const missing = wanted.map(({ name }) => name).filter((name) => !found.has(name))
  if (missing.length > 0)
    throw new NotProvisionedError(
      `topics do not exist: ${missing.join(', ')}; "tidemark topics provision" creates them`,
    )
  expectAlike(wanted, found)
}

const topicsOf = (layout: Layout, replicas: number): readonly NewTopic[] =>
  topicNames.map((topic) => ({
    name: layout.prefix + topic,
    partitions: partitionsOf(topic, layout.partitions),
    replicas,
    config: topicConfig(topic, layout, replicas),
  }))

/** Throws with every difference between topics that should be there and those that are. */
const expectAlike = (wanted: readonly NewTopic[], found: ReadonlyMap<string, FoundTopic>): void => {
  const otherPartitions = wanted.flatMap(({ name, partitions }) => {
    const actual = found.get(name)?.partitions ?? partitions
    return actual === partitions ? [] : [`${name}: ${actual} partitions, not ${partitions}`]
  })
  const otherSettings = wanted.flatMap(({ name, config }) =>
    configDifferences(name, config, found.get(name)?.config ?? new Map()),
  )
  const differences = [...otherPartitions, ...otherSettings].join('; ')
  if (otherPartitions.length > 0)
    throw new LayoutMismatchError(`topics exist with another layout: ${differences}`)
  if (otherSettings.length > 0)
    throw new NotProvisionedError(`topics exist with other settings: ${differences}`)
}

const fixLayout = async (
  { sender, firstRecord }: Provisioning,
  { prefix, clock }: Settings,
  record: CatalogRecord,
): Promise<boolean> => {
  const before = await firstRecord()
  if (before === null)
    await sender.send(`${prefix}catalog`, 0, [{ ...record, timestampMs: clock.nowMs() }])
  const first = await firstRecord()
  if (first === null)
    throw new CorruptLogError(`${prefix}catalog: the record just written is missing`)
  expectSame(first, record)
  return before === null
}

const expectSame = (found: Uint8Array | null, { value }: CatalogRecord): void => {
  if (found === null || Buffer.compare(found, value) === 0) return
  throw new LayoutMismatchError(
    'the log was provisioned with another layout: use another prefix and replay the inputs there',
  )
}
