import { invariant } from '@tidemark/model'
import { writeRecordBatch } from '@tidemark/wire'
import { listOffsets, openConnection } from './connection.ts'
import { openCoordinator } from './coordinator.ts'
import { logErrorOf } from './failures.ts'
import { openLines } from './lines.ts'
import { writeBatch } from './partition-writer.ts'
import type { CommitContent, TaskWriter } from './task-writer.ts'
import {
  addAll,
  end,
  sendAll,
  sendOffsets,
  transactionError,
  type PartitionEnd,
  type TransactionalParts,
  type Writing,
} from './transaction-steps.ts'
import { sleep, withDeadline } from './waiting.ts'

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

/** Markers take a few milliseconds; longer only while somebody else's transaction is open before ours. */
const visibleMsMax = 2000
const visibleLookMs = 5

/** The end of a transaction is answered before readers see it. Whoever gives a task back waits for that, so that what it says is there is there. */
const untilVisible = async ({ settings, connection, ends }: Writing): Promise<void> => {
  const endMs = settings.clock.monotonicMs() + visibleMsMax
  const what = 'end of a task'
  const isVisible = async ({ name, partition, end }: PartitionEnd): Promise<boolean> => {
    const ranges = await listOffsets(connection, name, [partition])
    return ranges.get(partition)!.endOffset >= end
  }
  try {
    for (const written of ends.values())
      while (
        settings.clock.monotonicMs() < endMs &&
        !(await withDeadline(isVisible(written), endMs - settings.clock.monotonicMs(), what))
      )
        await sleep(visibleLookMs)
  } catch (error) {
    settings.observe({ kind: 'trouble', what, error })
  }
}
