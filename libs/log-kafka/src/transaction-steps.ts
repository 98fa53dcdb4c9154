import { FencedError, type LogError } from '@tidemark/log'
import { sendBytesMax } from '@tidemark/model'
import { splitBySize, writeRecordBatch } from '@tidemark/wire'
import type { Connection } from './connection.ts'
import type { Coordinator } from './coordinator.ts'
import { logErrorOf, rootFailure } from './failures.ts'
import {
  readTxnOffsetCommitAnswer,
  txnOffsetCommitRequest,
  type GroupIdentity,
} from './group-offsets.ts'
import { askRaw, protocolError } from './kafkajs-internals.ts'
import type { ProducerIdentity } from './kafkajs-types.ts'
import type { Settings } from './options.ts'
import { writeBatch } from './partition-writer.ts'
import type { CommitContent, PartitionRecords } from './task-writer.ts'

// What a transaction consists of, step by step, each done before the next one begins.

export type TransactionalParts = {
  readonly settings: Settings
  /** Fixed by prefix, processor and task: whoever opens it next fences this one. */
  readonly transactionalId: string
  /** As of now: the coordinator compares it with the members that it has. */
  readonly identity: () => GroupIdentity
  /** Asks the coordinator of the group, where no positions go with a commit. Throws FencedError. */
  readonly confirm: () => Promise<void>
  /** Throws FencedError when the task may be somebody else's by now. */
  readonly assertOurs: () => void
}

/** A writer's state. */
export type Writing = TransactionalParts & {
  readonly connection: Connection
  readonly transactions: Coordinator
  readonly group: Coordinator
  /** `broken`: an error left open what stands in the log. Only another producer may go on. */
  phase: 'new' | 'ready' | 'open' | 'broken'
  producer: ProducerIdentity
  /** Topics that are in the metadata. */
  readonly known: Set<string>
  /** By partition: records written, which number the next batch. */
  readonly sequences: Map<string, number>
  /** By partition: where what was committed last ends. */
  readonly ends: Map<string, PartitionEnd>
}

export type PartitionEnd = {
  readonly name: string
  readonly partition: number
  readonly end: number
}

/** Tells the coordinator what the transaction will touch, all at once, before any of it is touched. */
export const addAll = async (
  { transactions, producer, identity, assertOurs }: Writing,
  { partitions, offsets }: CommitContent,
  endMs: number,
): Promise<void> => {
  const byTopic = Map.groupBy(partitions, ({ name }) => name)
  const topics = Array.from(byTopic, ([topic, of]) => ({
    topic,
    partitions: of.map(({ partition }) => partition),
  }))
  const { groupId } = identity()
  assertOurs()
  // Both on one connection, which a broker works off in order: the second does not wait for the answer to the first.
  await allEnded([
    transactions.ask('adding partitions to a transaction', endMs, (broker) =>
      broker.addPartitionsToTxn({ ...producer, topics }),
    ),
    ...(offsets.length === 0
      ? []
      : [
          transactions.ask('adding positions to a transaction', endMs, (broker) =>
            broker.addOffsetsToTxn({ ...producer, groupId }),
          ),
        ]),
  ])
}

/** Partitions side by side, each with one batch under way at a time. */
export const sendAll = async (
  writing: Writing,
  { partitions }: CommitContent,
  endMs: number,
): Promise<void> => {
  await allEnded(partitions.map((partition) => sendPartition(writing, partition, endMs)))
}

const sendPartition = async (
  writing: Writing,
  { name, partition, records }: PartitionRecords,
  endMs: number,
): Promise<void> => {
  const { settings, connection, producer, transactionalId, sequences, ends } = writing
  const { producerId, producerEpoch } = producer
  const key = `${name}/${partition}`
  for (const piece of splitBySize(records, sendBytesMax)) {
    writing.assertOurs()
    const sequence = sequences.get(key) ?? 0
    const batch = writeRecordBatch(piece, 0, null, { producerId, producerEpoch, sequence })
    const timeoutMs = settings.transactionTimeoutMs
    const question = { name, partition, batch, transactionalId, timeoutMs }
    const { baseOffset } = await writeBatch(settings, connection, question, endMs)
    // Sequence numbers go round after the largest int32.
    sequences.set(key, (sequence + piece.length) % 2 ** 31)
    ends.set(key, { name, partition, end: baseOffset + piece.length })
  }
}

export const sendOffsets = async (
  { group, identity, producer, confirm }: Writing,
  { offsets }: CommitContent,
  endMs: number,
): Promise<void> => {
  if (offsets.length === 0) {
    await confirm()
    return
  }
  await group.ask('positions of a transaction', endMs, async (broker) => {
    const request = txnOffsetCommitRequest(producer, identity(), offsets)
    const errorCode = readTxnOffsetCommitAnswer(await askRaw(broker, request))
    if (errorCode !== 0) throw protocolError(errorCode)
  })
}

export const end = async (
  { settings, transactions, producer }: Writing,
  endMs: number,
): Promise<void> => {
  const ended = transactions.ask('end of a transaction', endMs, (broker) =>
    broker.endTxn({ ...producer, transactionResult: true }),
  )
  if (settings.isWatched) {
    // By then it is on its way: the connection was in use a moment ago.
    await new Promise((resolve) => setImmediate(resolve))
    settings.reached('commit-sent')
  }
  await ended
}

/** What goes wrong in one is told when all have ended: none of them goes on behind the back of whoever hears of it. */
const allEnded = async (work: readonly Promise<unknown>[]): Promise<void> => {
  await Promise.allSettled(work)
  await Promise.all(work)
}

export const transactionError = (error: unknown, what: string): LogError => {
  const failure = rootFailure(error)
  return fencings.has(failure.type ?? '')
    ? new FencedError(`${what}: ${failure.message}`, { cause: error })
    : logErrorOf(error, what)
}

/** A newer producer has the transactional id, the transaction took too long, or the group knows another generation. */
const fencings: ReadonlySet<string> = new Set([
  'INVALID_PRODUCER_EPOCH',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'FENCED_INSTANCE_ID',
])
