import { FencedError, type LogError } from '@tidemark/log'
import { invariant, sendBytesMax } from '@tidemark/model'
import { splitBySize, writeRecordBatch } from '@tidemark/wire'
import { listOffsets, openConnection, type Connection } from './connection.ts'
import { openCoordinator, type Coordinator } from './coordinator.ts'
import { logErrorOf, rootFailure } from './failures.ts'
import {
  readTxnOffsetCommitAnswer,
  txnOffsetCommitRequest,
  type GroupIdentity,
} from './group-offsets.ts'
import { askRaw, protocolError } from './kafkajs-internals.ts'
import type { ProducerIdentity } from './kafkajs-types.ts'
import { openLines } from './lines.ts'
import type { Settings } from './options.ts'
import { writeBatch } from './partition-writer.ts'
import type { CommitContent, PartitionRecords, TaskWriter } from './task-writer.ts'
import { sleep } from './waiting.ts'

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

type Writing = TransactionalParts & {
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

type PartitionEnd = { readonly name: string; readonly partition: number; readonly end: number }

/**
 * Exactly once: a commit is one Kafka transaction. Drives the requests itself, on kafkajs's connections: its producer initialises too
 * late, stays broken after a commit without an answer, and retries where nothing is known. Here an error inside a transaction
 * ends the writer. Nobody aborts: the next owner's InitProducerId does, or the broker after the transaction timeout, either of them
 * with a new epoch, so that what may still be under way cannot become part of a later transaction.
 */
export const transactionalWriter = (parts: TransactionalParts): TaskWriter => {
  const { settings, transactionalId } = parts
  const { clock, transactionTimeoutMs, timeoutMs } = settings
  const connection = openConnection(settings, transactionTimeoutMs)
  const writing: Writing = {
    ...parts,
    connection,
    transactions: openCoordinator(settings, connection, 'transaction', transactionalId),
    group: openCoordinator(settings, connection, 'group', parts.identity().groupId),
    phase: 'new',
    producer: { transactionalId, producerId: -1, producerEpoch: -1 },
    known: new Set(),
    sequences: new Map(),
    ends: new Map(),
  }
  const lines = openLines()
  return {
    open: () => initialise(writing),
    append: async (name, partition, records) => {
      const batch = writeRecordBatch(records, 0)
      const question = { name, partition, batch, transactionalId: null, timeoutMs }
      const endMs = clock.monotonicMs() + timeoutMs
      try {
        const { baseOffset } = await lines.inLine(`${name}/${partition}`, async () => {
          await requireTopics(writing, [name])
          return writeBatch(settings, connection, question, endMs)
        })
        return baseOffset
      } catch (error) {
        throw logErrorOf(error, `append to ${name}/${partition}`)
      }
    },
    commit: (content) => commit(writing, content),
    close: async () => {
      if (writing.phase === 'ready') await untilVisible(writing)
      await connection.close()
    },
  }
}

/** Fences whoever had the transactional id, and returns when the transaction that was left open is aborted, or committed, to the end. */
const initialise = async (writing: Writing): Promise<void> => {
  const { settings, connection, transactions, transactionalId } = writing
  const { clock, timeoutMs, transactionTimeoutMs } = settings
  const what = `producer ${transactionalId}`
  const endMs = clock.monotonicMs() + timeoutMs
  const { producerId, producerEpoch } = await connection.attempt(what, () =>
    transactions.ask(what, endMs, (broker) =>
      broker.initProducerId({ transactionalId, transactionTimeout: transactionTimeoutMs }),
    ),
  )
  writing.producer = { transactionalId, producerId: Number(producerId), producerEpoch }
  writing.phase = 'ready'
}

const commit = async (writing: Writing, content: CommitContent): Promise<void> => {
  const { settings, transactionalId, phase } = writing
  invariant(phase === 'ready', `${transactionalId}: a commit on a producer that is ${phase}`)
  // A broker refuses to end a transaction that nothing was added to.
  invariant(content.partitions.length > 0, `${transactionalId}: a commit of nothing`)
  await requireTopics(
    writing,
    content.partitions.map(({ name }) => name),
  )
  // Later than this the broker may have aborted it.
  const endMs = settings.clock.monotonicMs() + settings.transactionTimeoutMs
  try {
    writing.phase = 'open'
    await addAll(writing, content, endMs)
    await sendAll(writing, content, endMs)
    settings.reached('sent')
    await sendOffsets(writing, content, endMs)
    settings.reached('offsets-sent')
    writing.assertOurs()
    await end(writing, endMs)
    writing.phase = 'ready'
  } catch (error) {
    writing.phase = 'broken'
    throw transactionError(error, `commit of ${transactionalId}`)
  }
  settings.reached('committed')
}

const requireTopics = async (
  { connection, known }: Writing,
  names: readonly string[],
): Promise<void> => {
  const unknown = names.filter((name) => !known.has(name))
  if (unknown.length === 0) return
  await connection.requireTopics(unknown)
  for (const name of unknown) known.add(name)
}

/** Tells the coordinator what the transaction will touch, all at once, before any of it is touched. */
const addAll = async (
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
const sendAll = async (
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

const sendOffsets = async (
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

const end = async ({ settings, transactions, producer }: Writing, endMs: number): Promise<void> => {
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

const transactionError = (error: unknown, what: string): LogError => {
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

/** Markers take a few milliseconds; longer only while somebody else's transaction is open before ours. */
const visibleMsMax = 2000
const visibleLookMs = 5

/** The end of a transaction is answered before readers see it. Whoever gives a task back waits for that, so that what it says is there is there. */
const untilVisible = async ({ settings, connection, ends }: Writing): Promise<void> => {
  const endMs = settings.clock.monotonicMs() + visibleMsMax
  const isVisible = async ({ name, partition, end }: PartitionEnd): Promise<boolean> => {
    const ranges = await listOffsets(connection, name, [partition])
    return ranges.get(partition)!.endOffset >= end
  }
  try {
    for (const written of ends.values())
      while (!(await isVisible(written)) && settings.clock.monotonicMs() < endMs)
        await sleep(visibleLookMs)
  } catch (error) {
    settings.observe({ kind: 'trouble', what: 'end of a task', error })
  }
}
