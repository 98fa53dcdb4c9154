import { FencedError, PositionError } from '@tidemark/log'
import type { EpochMs, Offset, RecordBatches, TopicName } from '@tidemark/model'
import { hideBatch, writeRecordBatch, type BatchEntry } from '@tidemark/wire'
import type { Moment, Writer } from '../run.ts'
import { controlBatch, type Ending } from './control-batch.ts'

/** Whom the numbers of a batch belong to, by which the log knows one that it has stored already. */
export type BatchNumbers = {
  readonly producerId: number
  readonly producerEpoch: number
  readonly sequence: number
}

export type StoredBatch = {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly bytes: Uint8Array
  readonly entries: readonly BatchEntry[]
  /** Null: a control batch. */
  readonly writer: Writer | null
  /** Null: outside of any transaction. */
  readonly transaction: number | null
  readonly appended: Moment
  /** Since when readers of the committed view see it. */
  visible: Moment | null
  /** As they see it when its transaction was aborted. */
  hidden: Uint8Array | null
}

/** One partition as a broker stores it: batches of Kafka's format, transactional ones and markers among them. */
export type Partition = {
  readonly topic: TopicName
  readonly partition: number
  readonly batches: readonly StoredBatch[]
  readonly startOffset: () => Offset
  /** Behind the last batch, whatever becomes of it. */
  readonly highWatermark: () => Offset
  /** End of what is decided: the first record of the oldest transaction under way, or the high watermark. */
  readonly stableOffset: () => Offset
  readonly lastTimestampMs: () => EpochMs | null
  readonly append: (batch: NewBatch) => StoredBatch
  /** Ends a transaction in this partition. */
  readonly mark: (transaction: number, ending: Ending, numbers: BatchNumbers, at: Moment) => void
  /** Batches from a position on, at least one where there is one. `everything`: also what is not decided, or was aborted. */
  readonly read: (from: Offset, bytesMax: number, everything?: boolean) => RecordBatches
  readonly trim: (below: Offset) => void
  /** Called once, at the next change of what readers may see. */
  readonly waiting: Set<() => void>
}

export type NewBatch = {
  readonly entries: readonly BatchEntry[]
  /** LogAppendTime; null: the entries say when. */
  readonly stampMs: EpochMs | null
  readonly writer: Writer
  readonly numbers: BatchNumbers | null
  readonly transaction: number | null
  readonly at: Moment
  /** Throws where there is no room for more; one that is stored already needs none. */
  readonly requireRoom?: () => void
}

/** Batches of a producer that a repeat is looked for among, as in Kafka. */
const rememberedMax = 5

type Remembered = { readonly sequence: number; readonly batch: StoredBatch }
type ProducerState = { epoch: number; nextSequence: number; last: Remembered[] }

export const partitionOf = (topic: TopicName, partition: number): Partition => {
  const batches: StoredBatch[] = []
  const producers = new Map<number, ProducerState>()
  /** First offset of each transaction under way. */
  const open = new Map<number, number>()
  const waiting = new Set<() => void>()
  let startOffset = 0
  let endOffset = 0
  let lastTimestampMs: number | null = null
  const stableOffset = (): Offset => {
    let stable = endOffset
    for (const first of open.values()) stable = Math.min(stable, first)
    return stable as Offset
  }
  const wake = (): void => {
    const told = [...waiting]
    waiting.clear()
    for (const tell of told) tell()
  }
  return {
    topic,
    partition,
    batches,
    waiting,
    startOffset: () => startOffset as Offset,
    highWatermark: () => endOffset as Offset,
    stableOffset,
    lastTimestampMs: () => lastTimestampMs as EpochMs | null,
    append: ({ entries, stampMs, writer, numbers, transaction, at, requireRoom }) => {
      const repeated = numbers === null ? null : admit(producers, numbers, `${topic}/${partition}`)
      if (repeated !== null) return repeated
      requireRoom?.()
      const inTransaction = transaction === null ? null : numbers
      const batch: StoredBatch = {
        baseOffset: endOffset,
        lastOffset: endOffset + entries.length - 1,
        bytes: writeRecordBatch(entries, endOffset, stampMs, inTransaction),
        entries:
          stampMs === null ? entries : entries.map((entry) => ({ ...entry, timestampMs: stampMs })),
        writer,
        transaction,
        appended: at,
        visible: transaction === null ? at : null,
        hidden: null,
      }
      batches.push(batch)
      endOffset = batch.lastOffset + 1
      lastTimestampMs = batch.entries.at(-1)!.timestampMs
      if (numbers !== null) remember(producers, numbers, batch)
      if (transaction === null) wake()
      else if (!open.has(transaction)) open.set(transaction, batch.baseOffset)
      return batch
    },
    mark: (transaction, ending, numbers, at) => {
      const first = open.get(transaction)
      if (first === undefined) return
      open.delete(transaction)
      const state = producers.get(numbers.producerId)
      // A marker carries the epoch that ends the transaction: older ones write nothing more here.
      if (state !== undefined && numbers.producerEpoch > state.epoch)
        Object.assign(state, { epoch: numbers.producerEpoch, nextSequence: 0, last: [] })
      for (const batch of batches.slice(indexOf(batches, first))) {
        if (batch.transaction !== transaction) continue
        if (ending === 'commit') batch.visible = at
        else hideBatch((batch.hidden = batch.bytes.slice()), 0)
      }
      batches.push({
        baseOffset: endOffset,
        lastOffset: endOffset,
        bytes: controlBatch(ending, endOffset, lastTimestampMs ?? 0, numbers),
        entries: [],
        writer: null,
        transaction,
        appended: at,
        visible: at,
        hidden: null,
      })
      endOffset++
      wake()
    },
    read: (from, bytesMax, everything = false) => {
      const end = everything ? endOffset : stableOffset()
      if (from < startOffset || from > end)
        throw new PositionError({
          ...{ topic, partition, position: from },
          ...{ startOffset: startOffset as Offset, endOffset: end as Offset },
        })
      const taken = takeBatches(batches, from, end, bytesMax)
      return {
        ...{ topic, partition, fromOffset: from, endOffset: end as Offset },
        bytes: joined(taken.map(({ bytes, hidden }) => (everything ? bytes : (hidden ?? bytes)))),
        nextOffset: (taken.length === 0 ? from : taken.at(-1)!.lastOffset + 1) as Offset,
      }
    },
    trim: (below) => {
      startOffset = Math.max(startOffset, Math.min(below, endOffset))
    },
  }
}

/** What a transaction wrote to a partition, its marker included. */
export const batchesOf = ({ batches }: Partition, transaction: number): readonly StoredBatch[] =>
  batches.filter((batch) => batch.transaction === transaction)

/** The batch that these numbers were stored as before; null: they are new. Throws where they are out of order, or the epoch is over. */
const admit = (
  producers: ReadonlyMap<number, ProducerState>,
  { producerId, producerEpoch, sequence }: BatchNumbers,
  where: string,
): StoredBatch | null => {
  const state = producers.get(producerId)
  if (state !== undefined && producerEpoch < state.epoch)
    throw new FencedError(
      `${where}: producer ${producerId} is in epoch ${state.epoch}, not ${producerEpoch}`,
    )
  const isCurrent = state?.epoch === producerEpoch
  const repeated = isCurrent ? state.last.find((each) => each.sequence === sequence) : undefined
  if (repeated !== undefined) return repeated.batch
  const expected = isCurrent ? state.nextSequence : 0
  if (sequence !== expected)
    throw new FencedError(
      `${where}: producer ${producerId} sends number ${sequence}, ${expected} is next`,
    )
  return null
}

const remember = (
  producers: Map<number, ProducerState>,
  { producerId, producerEpoch, sequence }: BatchNumbers,
  batch: StoredBatch,
): void => {
  const known = producers.get(producerId)
  const last = known?.epoch === producerEpoch ? known.last : []
  last.push({ sequence, batch })
  if (last.length > rememberedMax) last.shift()
  const nextSequence = sequence + batch.entries.length
  producers.set(producerId, { epoch: producerEpoch, nextSequence, last })
}

const takeBatches = (
  batches: readonly StoredBatch[],
  from: number,
  end: number,
  bytesMax: number,
): readonly StoredBatch[] => {
  const taken: StoredBatch[] = []
  let bytes = 0
  for (let i = indexOf(batches, from); i < batches.length; i++) {
    const batch = batches[i]!
    if (batch.baseOffset >= end) break
    bytes += batch.bytes.length
    if (taken.length > 0 && bytes > bytesMax) break
    taken.push(batch)
  }
  return taken
}

/** The first batch that ends at or behind an offset. */
const indexOf = (batches: readonly StoredBatch[], offset: number): number => {
  let low = 0
  let high = batches.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (batches[middle]!.lastOffset < offset) low = middle + 1
    else high = middle
  }
  return low
}

/** A copy: what a reader was given is its own. */
const joined = (pieces: readonly Uint8Array[]): Uint8Array => {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}
