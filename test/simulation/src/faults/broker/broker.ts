import {
  EntryRefusedError,
  LayoutMismatchError,
  LogFullError,
  NotProvisionedError,
  type CatalogRecord,
} from '@tidemark/log'
import {
  partitionsOf,
  topicNames,
  type EpochMs,
  type Layout,
  type RecordBatches,
  type TopicName,
} from '@tidemark/model'
import type { Chronicle } from '../chronicle.ts'
import type { Scheduler } from '../scheduler.ts'
import { groups, type Groups } from './groups.ts'
import { partitionOf, type Partition } from './partition.ts'
import { taskStates, type TaskStates } from './task-states.ts'
import { transactions, type Transactions } from './transactions.ts'

/** The brokers of a simulated cluster, as one. Whatever they are asked takes effect at once; it is the network that takes time. */
export type Broker = {
  readonly provision: (layout: Layout, record: CatalogRecord) => 'created' | 'unchanged'
  readonly layoutRecord: () => Uint8Array | null
  readonly layout: () => Layout
  readonly partition: (topic: TopicName, partition: number) => Partition
  readonly partitions: (topic: TopicName) => readonly Partition[]
  /** What is there in several partitions; waits for something, at most so long. */
  readonly fetch: (fetch: Fetch) => readonly RecordBatches[] | Promise<readonly RecordBatches[]>
  /** The time that the broker stamps a record of this partition with. */
  readonly stampMs: (partition: Partition) => EpochMs
  /** LogFullError while the log is at its size limit. */
  readonly requireRoom: () => void
  /** For a producer without transactions. */
  readonly producerId: () => number
  readonly transactions: Transactions
  readonly groups: Groups
  readonly states: TaskStates
}

export type Fetch = {
  readonly wants: readonly {
    readonly topic: TopicName
    readonly partition: number
    readonly position: RecordBatches['fromOffset']
  }[]
  readonly maxWaitMs: number
  readonly bytesMax: number
}

export type BrokerSettings = {
  readonly time: Scheduler
  readonly chronicle: Chronicle
  readonly wallMs: () => number
  /** Whether stamps may go back with the clock, as they do when a leader with another clock takes over. */
  readonly stampsGoBack: boolean
  readonly markerDelayMs: (partition: Partition) => number
  readonly isFull: () => boolean
  /** Whether the coordinator gives a transaction up soon after this append. */
  readonly abortsAfter: () => number | null
  readonly sessionMs: number
  readonly rebalanceMs: number
  readonly transactionMs: number
}

export const openBroker = (settings: BrokerSettings): Broker => {
  const { time, chronicle } = settings
  const topics = new Map<TopicName, readonly Partition[]>()
  let producerCount = 0
  let provisioned: { readonly layout: Layout; readonly record: Uint8Array } | null = null

  const partitions = (topic: TopicName): readonly Partition[] => {
    const known = topics.get(topic)
    if (known !== undefined) return known
    throw new NotProvisionedError(`${topic}: nothing is provisioned`)
  }
  const states = taskStates(chronicle, (task) => partitions('checkpoints')[task]!)

  const coordinator = transactions(time, {
    timeoutMs: settings.transactionMs,
    markerDelayMs: settings.markerDelayMs,
    fenced: () => chronicle.sight('producer-fenced'),
    produced: (producer) => {
      const afterMs = settings.abortsAfter()
      if (afterMs !== null) time.at(time.nowMs() + afterMs, () => coordinator.abort(producer))
    },
    ended: (partition, transaction, ending) => {
      if (ending === 'abort') chronicle.sight('aborted-records-in-log')
      else if (partition.topic === 'checkpoints') states.committed(partition, transaction)
    },
  })

  return {
    provision: (layout, record) => {
      if (provisioned !== null) {
        if (Buffer.compare(provisioned.record, record.value) === 0) return 'unchanged'
        throw new LayoutMismatchError('the log was provisioned with another layout')
      }
      provisioned = { layout, record: record.value }
      for (const topic of topicNames)
        topics.set(
          topic,
          Array.from({ length: partitionsOf(topic, layout.partitions) }, (_, partition) =>
            partitionOf(topic, partition),
          ),
        )
      partitions('catalog')[0]!.append({
        entries: [{ ...record, timestampMs: settings.wallMs() }],
        ...{ stampMs: null, numbers: null, transaction: null },
        writer: { kind: 'provisioning' },
        at: time.moment(),
      })
      return 'created'
    },
    layoutRecord: () => provisioned?.record ?? null,
    layout: () => {
      if (provisioned === null) throw new NotProvisionedError('nothing is provisioned')
      return provisioned.layout
    },
    partitions,
    partition: (topic, partition) => {
      const known = partitions(topic)[partition]
      if (known !== undefined) return known
      throw new EntryRefusedError(`${topic}/${partition}: the topic has no such partition`)
    },
    fetch: (fetch) => fetchOrWait(time, (topic, index) => partitions(topic)[index]!, fetch),
    stampMs: (partition) => {
      const nowMs = settings.wallMs()
      const lastMs = partition.lastTimestampMs() ?? 0
      return (settings.stampsGoBack ? nowMs : Math.max(nowMs, lastMs)) as EpochMs
    },
    requireRoom: () => {
      if (settings.isFull()) throw new LogFullError('the log is at its size limit')
    },
    producerId: () => ++producerCount,
    transactions: coordinator,
    groups: groups(time, settings),
    states,
  }
}

const fetchOrWait = (
  time: Scheduler,
  partitionAt: (topic: TopicName, partition: number) => Partition,
  { wants, maxWaitMs, bytesMax }: Fetch,
): readonly RecordBatches[] | Promise<readonly RecordBatches[]> => {
  const places = wants.map((want) => ({
    position: want.position,
    partition: partitionAt(want.topic, want.partition),
  }))
  const read = (): readonly RecordBatches[] =>
    places
      .map(({ partition, position }) =>
        partition.read(position, bytesMax / Math.max(1, places.length)),
      )
      .filter(({ fromOffset, nextOffset }) => nextOffset > fromOffset)
  const found = read()
  if (found.length > 0 || maxWaitMs <= 0) return found
  return new Promise((resolve, reject) => {
    let isAnswered = false
    const answer = (): void => {
      if (isAnswered) return
      isAnswered = true
      for (const { partition } of places) partition.waiting.delete(answer)
      try {
        resolve(read())
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    }
    for (const { partition } of places) partition.waiting.add(answer)
    time.at(time.nowMs() + maxWaitMs, answer)
  })
}
