import { CorruptLogError } from '@tidemark/log'
import {
  attributesAt,
  batchBytesAt,
  batchCrcMatches,
  compressionBits,
  controlBit,
  hideBatch,
  int32At,
  int64At,
  magicAt,
  transactionMarkerAt,
  transactionalBit,
} from '@tidemark/wire'
import { inflateBatch } from './inflate.ts'
import type { AbortedTransaction, FetchedSection } from './fetch-answer.ts'

/** Whole batches without anything that is not committed. */
export type CommittedView = {
  readonly bytes: Uint8Array
  /** Behind the last whole batch; the position asked for when there is none. */
  readonly nextOffset: number
}

/**
 * The committed view of a section: checks every batch, hides the batches of aborted transactions (in place, the section is ours), unpacks
 * compressed ones and leaves out the last batch when it is cut. Works without memory of earlier answers, since a broker repeats
 * the open aborted transactions for whatever position is asked for. Throws CorruptLogError.
 */
export const committedView = (section: FetchedSection, position: number): CommittedView => {
  const { records } = section
  const hiding = abortedProducers(section.aborted)
  const pieces: Uint8Array[] = []
  let nextOffset = position
  let wholeFrom = 0
  let at = 0
  for (;;) {
    const length = batchBytesAt(records, at)
    if (length === 0) break
    checkBatch(section, at, length)
    const lastOffset = int64At(records, at) + int32At(records, at + 23)
    const attributes = records[at + attributesAt + 1]!
    const hidden = hiding.covers(at, records, attributes, lastOffset)
    if (hidden) hideBatch(records, at)
    const unpack = !hidden && (attributes & compressionBits) !== 0
    if (unpack || lastOffset < position) {
      // Batches before the position were asked for by nobody; the ones to unpack are replaced.
      if (at > wholeFrom) pieces.push(records.subarray(wholeFrom, at))
      if (unpack && lastOffset >= position) pieces.push(inflateBatch(section, at, length))
      wholeFrom = at + length
    }
    nextOffset = Math.max(nextOffset, lastOffset + 1)
    at += length
  }
  if (at > wholeFrom) pieces.push(records.subarray(wholeFrom, at))
  return { bytes: pieces.length === 1 ? pieces[0]! : joined(pieces), nextOffset }
}

const joined = (pieces: readonly Uint8Array[]): Uint8Array => {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}

const checkBatch = (
  { topic, partition, records }: FetchedSection,
  at: number,
  length: number,
): void => {
  const magic = records[at + magicAt]!
  if (magic !== 2)
    throw new CorruptLogError(
      `${topic}/${partition}: a batch of format v${magic}; only v2 is read, which brokers write since 0.11`,
    )
  if (!batchCrcMatches(records, at, length))
    throw new CorruptLogError(
      `${topic}/${partition}: the batch at offset ${int64At(records, at)} fails its checksum`,
    )
}

/**
 * Which producers' batches are to be hidden, as the Java client decides it: every transaction that begins at or below a batch counts from
 * there on, until its producer's abort marker. Brokers list transactions in the order of their ends, so they are sorted first.
 */
const abortedProducers = (transactions: readonly AbortedTransaction[]) => {
  const queue = [...transactions].sort((a, b) => a.firstOffset - b.firstOffset)
  const open = new Set<number>()
  let next = 0
  return {
    covers: (at: number, records: Uint8Array, attributes: number, lastOffset: number): boolean => {
      for (; next < queue.length && queue[next]!.firstOffset <= lastOffset; next++)
        open.add(queue[next]!.producerId)
      if ((attributes & transactionalBit) === 0) return false
      const producerId = int64At(records, at + 43)
      if ((attributes & controlBit) !== 0) {
        if (transactionMarkerAt(records, at) === 'abort') open.delete(producerId)
        return false
      }
      return open.has(producerId)
    },
  }
}
