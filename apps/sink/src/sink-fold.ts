import {
  derivedReader,
  UnexpectedRecordError,
  type DerivedRecord,
  type StartOf,
} from '@tidemark/assembly'
import {
  topicCatalogue,
  type Offset,
  type RecordBatches,
  type SourcePosition,
  type TaskFold,
  type TopicName,
} from '@tidemark/model'
import type { Reached } from '@tidemark/log'
import type { SnapshotEvent, SnapshotStore } from '@tidemark/store'

export const sinkTopics = [
  'aggregates',
  'assessments',
  'alerts',
  'fleet',
  'platform-reports',
] as const satisfies readonly TopicName[]

const hourUs = 3_600_000_000

/** How long what ended stays in the store, in the time of the newest window; null: for ever. */
export type Retention = { readonly us: number } | null

/**
 * Writes what the topics say into the store. Its position is in the store, saved with the rows in one transaction; the log's commit
 * comes after and serves lag tools only. What the store holds already is not written again, so repeats are harmless.
 */
export const sinkFold = async (
  task: number,
  store: SnapshotStore,
  retention: Retention,
  reached: Reached = () => undefined,
  startOf: StartOf = () => Promise.resolve(0 as Offset),
): Promise<TaskFold> => {
  const positions = new Map<TopicName, Offset>()
  for (const topic of sinkTopics)
    if (task === 0 || topicCatalogue[topic].partitions === 'P') positions.set(topic, 0 as Offset)
  const saved = (await store.positions()).filter(({ partition }) => partition === task)
  for (const name of positions.keys()) {
    const position = saved.find(({ topic }) => topic === name)?.position
    // A new store holds what the log still keeps: it is a snapshot, not an account.
    positions.set(name, position ?? (await startOf(name, task)))
  }
  const reader = derivedReader()
  let topic: TopicName = 'aggregates'
  let nextOffset = 0 as Offset
  let rows: SnapshotEvent[] = []
  let newestUs = 0
  let prunedUs = 0
  const partition = task
  return {
    sources: () =>
      [...positions].map(([name, position]): SourcePosition => ({
        topic: name,
        partition,
        position,
        from: position,
        held: false,
      })),
    feed: (batches: RecordBatches) => {
      topic = batches.topic
      nextOffset = batches.nextOffset
      reader.open(batches)
    },
    work: (units) => {
      for (let i = 0; i < units; i++) {
        const record = reader.next()
        if (record === null) {
          positions.set(topic, nextOffset)
          return false
        }
        positions.set(topic, (record.offset + 1) as Offset)
        const event = snapshotEvent(topic, record)
        if (event.type === 'FleetSlice') newestUs = Math.max(newestUs, event.windowEndUs)
        rows.push(event)
      }
      return true
    },
    atRecordBoundary: () => true,
    checkpoint: () => new Map(),
    persist: async () => {
      const events = rows
      rows = []
      await store.apply(
        events,
        [...positions].map(([name, position]) => ({ topic: name, partition, position })),
        () => reached('rows-written'),
      )
      reached('rows-committed')
      if (retention === null || newestUs - prunedUs < hourUs) return
      prunedUs = newestUs
      await store.prune(newestUs - retention.us)
    },
  }
}

const snapshotEvent = (topic: TopicName, { offset, event }: DerivedRecord): SnapshotEvent => {
  switch (event.type) {
    case 'RequestWindowClosed':
    case 'HealthWindowClosed':
    case 'PartitionAdvanced':
    case 'FactApplied':
    case 'ServiceAssessed':
    case 'AlertRaised':
    case 'AlertSeverityChanged':
    case 'AlertAcknowledged':
    case 'AlertEscalated':
    case 'AlertMarked':
    case 'AlertResolved':
    case 'FleetSlice':
    case 'PlatformReported':
      return event
    default:
      throw new UnexpectedRecordError(
        `${topic}, offset ${offset}: a ${event.type} does not belong here`,
      )
  }
}
