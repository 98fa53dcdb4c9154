import { FencedError, LogError } from '@tidemark/log'
import type { BatchEntry } from '@tidemark/wire'
import type { Writer } from '../run.ts'
import type { Scheduler } from '../scheduler.ts'
import type { Ending } from './control-batch.ts'
import type { Partition, StoredBatch } from './partition.ts'

/** The transaction before has not ended everywhere yet; asking again helps. */
export class ConcurrentTransactionsError extends LogError {
  readonly code = 'concurrent_transactions'
  readonly retriable = true
}

export type ProducerIdentity = { readonly producerId: number; readonly producerEpoch: number }

/** The coordinator of transactions. Every call but `initialise` is refused when the epoch is over. */
export type Transactions = {
  /** Raises the epoch and ends what is under way; refused until that has ended everywhere. */
  readonly initialise: (transactionalId: string) => ProducerIdentity
  /** Where the producer stands without raising its epoch: what nobody should ask for. */
  readonly current: (transactionalId: string) => ProducerIdentity
  /** Appends within the transaction, which begins with its first append. */
  readonly produce: (send: TransactionalSend) => StoredBatch
  readonly end: (producer: ProducerIdentity, ending: Ending) => void
  /** Aborts what is under way, as a coordinator does when it takes too long. */
  readonly abort: (producer: ProducerIdentity) => boolean
}

export type TransactionalSend = ProducerIdentity & {
  readonly partition: Partition
  readonly entries: readonly BatchEntry[]
  readonly sequence: number
  readonly writer: Writer
}

export type TransactionSettings = {
  readonly timeoutMs: number
  /** How long a marker is on its way to a partition. */
  readonly markerDelayMs: (partition: Partition) => number
  /** A marker was written. */
  readonly ended: (partition: Partition, transaction: number, ending: Ending) => void
  readonly fenced: () => void
  /** Something was appended within the producer's transaction. */
  readonly produced: (producer: ProducerIdentity) => void
}

type Producer = {
  readonly producerId: number
  epoch: number
  transaction: number | null
  ending: Ending | null
  lastEnding: Ending | null
  readonly partitions: Set<Partition>
}

export const transactions = (time: Scheduler, settings: TransactionSettings): Transactions => {
  const byId = new Map<string, Producer>()
  const byProducerId = new Map<number, Producer>()
  let transactionCount = 0

  const knownAs = (transactionalId: string): Producer => {
    const known = byId.get(transactionalId)
    if (known !== undefined) return known
    const producerId = 1_000_000 + byId.size
    const made: Producer = {
      ...{ producerId, epoch: -1, transaction: null, ending: null, lastEnding: null },
      partitions: new Set(),
    }
    byId.set(transactionalId, made)
    byProducerId.set(producerId, made)
    return made
  }

  const inEpoch = ({ producerId, producerEpoch }: ProducerIdentity): Producer => {
    const producer = byProducerId.get(producerId)
    if (producer?.epoch === producerEpoch) return producer
    settings.fenced()
    throw new FencedError(
      `producer ${producerId} is in epoch ${producer?.epoch ?? 'none'}, not ${producerEpoch}`,
    )
  }

  const complete = (producer: Producer, ending: Ending): void => {
    const { transaction, producerId, epoch } = producer
    const left = new Set(producer.partitions)
    producer.ending = ending
    const numbers = { producerId, producerEpoch: epoch, sequence: -1 }
    for (const partition of [...left]) {
      const write = (): void => {
        partition.mark(transaction!, ending, numbers, time.moment())
        settings.ended(partition, transaction!, ending)
        left.delete(partition)
        if (left.size > 0) return
        producer.partitions.clear()
        Object.assign(producer, { transaction: null, ending: null, lastEnding: ending })
      }
      const delayMs = settings.markerDelayMs(partition)
      if (delayMs === 0) write()
      else time.at(time.nowMs() + delayMs, write)
    }
  }

  const abort = (producer: Producer): void => {
    producer.epoch++
    complete(producer, 'abort')
  }

  const begin = (producer: Producer): number => {
    const transaction = transactionCount++
    producer.transaction = transaction
    time.at(time.nowMs() + settings.timeoutMs, () => {
      if (producer.transaction === transaction && producer.ending === null) abort(producer)
    })
    return transaction
  }

  return {
    initialise: (transactionalId) => {
      const producer = knownAs(transactionalId)
      if (producer.transaction !== null && producer.ending === null) abort(producer)
      if (producer.transaction !== null)
        throw new ConcurrentTransactionsError(`${transactionalId}: a transaction is about to end`)
      producer.epoch++
      return { producerId: producer.producerId, producerEpoch: producer.epoch }
    },
    current: (transactionalId) => {
      const { producerId, epoch } = knownAs(transactionalId)
      return { producerId, producerEpoch: epoch }
    },
    produce: ({ partition, entries, sequence, writer, ...identity }) => {
      const producer = inEpoch(identity)
      if (producer.ending !== null)
        throw new ConcurrentTransactionsError('produce: the transaction before is about to end')
      const transaction = producer.transaction ?? begin(producer)
      producer.partitions.add(partition)
      const numbers = { ...identity, sequence }
      const at = time.moment()
      settings.produced(identity)
      return partition.append({ entries, stampMs: null, writer, numbers, transaction, at })
    },
    end: (identity, ending) => {
      const producer = inEpoch(identity)
      const already =
        producer.ending ?? (producer.transaction === null ? producer.lastEnding : null)
      if (already === ending) return
      if (producer.transaction === null || producer.ending !== null)
        throw new FencedError(`end: no transaction is under way that could end by ${ending}`)
      complete(producer, ending)
    },
    abort: (identity) => {
      const producer = byProducerId.get(identity.producerId)
      const isUnderWay =
        producer?.epoch === identity.producerEpoch &&
        producer.transaction !== null &&
        producer.ending === null
      if (isUnderWay) abort(producer)
      return isUnderWay
    },
  }
}
