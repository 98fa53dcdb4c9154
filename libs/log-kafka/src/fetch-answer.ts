import { int32At, int64At } from '@tidemark/wire'

/** What a Fetch v11 answer holds for one partition. `records` is a view of the answer; its last batch may be cut. */
export type FetchedSection = {
  readonly topic: string
  readonly partition: number
  readonly errorCode: number
  /** End of what is committed (the last stable offset); -1 with an error. */
  readonly endOffset: number
  readonly aborted: readonly AbortedTransaction[]
  readonly records: Uint8Array
}

export type AbortedTransaction = { readonly producerId: number; readonly firstOffset: number }

export type FetchAnswer = {
  /** How long the broker wants to hear nothing more. */
  readonly throttleMs: number
  readonly errorCode: number
  readonly sections: readonly FetchedSection[]
}

/**
 * Reads a Fetch v11 answer from behind its correlation id: throttle time 4, error 2, session 4, topics [name, partitions [partition 4,
 * error 2, high watermark 8, last stable offset 8, log start 8, aborted [producer id 8, first offset 8], preferred replica 4, records]].
 */
export const readFetchAnswer = (raw: Uint8Array): FetchAnswer => {
  const sections: FetchedSection[] = []
  let at = 10
  const topics = int32At(raw, at)
  at += 4
  for (let t = 0; t < topics; t++) {
    const nameBytes = int16At(raw, at)
    const topic = utf8.decode(raw.subarray(at + 2, at + 2 + nameBytes))
    at += 2 + nameBytes
    const partitions = int32At(raw, at)
    at += 4
    for (let p = 0; p < partitions; p++) {
      const read = readSection(raw, at, topic)
      sections.push(read.section)
      at = read.end
    }
  }
  if (at !== raw.length) throw cutAnswer(at, raw.length)
  return { throttleMs: int32At(raw, 0), errorCode: int16At(raw, 4), sections }
}

const readSection = (
  raw: Uint8Array,
  start: number,
  topic: string,
): { readonly section: FetchedSection; readonly end: number } => {
  // -1: null, which is empty too.
  const abortedCount = Math.max(0, int32At(raw, start + 30))
  const recordsAt = start + 34 + abortedCount * 16 + 4 + 4
  if (recordsAt > raw.length) throw cutAnswer(recordsAt, raw.length)
  const aborted: AbortedTransaction[] = []
  for (let i = 0; i < abortedCount; i++) {
    const at = start + 34 + i * 16
    aborted.push({ producerId: int64At(raw, at), firstOffset: int64At(raw, at + 8) })
  }
  const end = recordsAt + Math.max(0, int32At(raw, recordsAt - 4))
  if (end > raw.length) throw cutAnswer(end, raw.length)
  const section = {
    topic,
    partition: int32At(raw, start),
    errorCode: int16At(raw, start + 4),
    endOffset: int64At(raw, start + 14),
    aborted,
    records: raw.subarray(recordsAt, end),
  }
  return { section, end }
}

const utf8 = new TextDecoder()

const int16At = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16)) >> 16

const cutAnswer = (wanted: number, length: number): RangeError =>
  new RangeError(`fetch answer: ${length} bytes, ${wanted} expected`)
