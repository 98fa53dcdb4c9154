import type { LogError } from '@tidemark/log'
import type { Offset, RecordBatches, TopicName } from '@tidemark/model'
import { batchBytesAt, int32At, int64At } from '@tidemark/wire'
import type { CommittedView } from './committed-view.ts'

/** Where one reader stands in one partition, and what was fetched there for it. */
export type FetchCursor = {
  readonly topic: TopicName
  /** With the prefix. */
  readonly name: string
  readonly partition: number
  /** Of the next batches to hand out. */
  position: number
  /** Fetched at `position` and not handed out yet: the bound of what is read ahead is one section. */
  ready: CommittedView | null
  /** End of what is committed, as last answered; -1 before. */
  endOffset: number
  /** The broker said that nothing stands at `position` yet. */
  answered: boolean
  /** Goes to the next poll, and is then forgotten: whoever polls again asks again. */
  failure: LogError | null
  /** Not asked for before this time. */
  retryAtMs: number
  /** Failures in a row, and since when. */
  failures: number
  troubleSinceMs: number
}

export const fetchCursor = (
  topic: TopicName,
  name: string,
  partition: number,
  position: number,
): FetchCursor => ({
  topic,
  name,
  partition,
  position,
  ready: null,
  endOffset: -1,
  answered: false,
  failure: null,
  retryAtMs: 0,
  failures: 0,
  troubleSinceMs: 0,
})

/** Goes to another position: what was fetched, and the answer that may be under way, are for the old one. */
export const seek = (cursor: FetchCursor, position: number): void => {
  if (cursor.position === position) return
  cursor.position = position
  cursor.ready = null
  cursor.answered = false
  cursor.failure = null
}

/** Takes an answer to a question for the cursor's position. */
export const place = (cursor: FetchCursor, view: CommittedView, endOffset: number): void => {
  cursor.endOffset = endOffset
  cursor.failures = 0
  if (view.nextOffset === cursor.position) cursor.answered = true
  else cursor.ready = view
}

/** Hands out whole batches, at least one, of about `bytesMax` bytes; the rest stays. */
export const take = (cursor: FetchCursor, bytesMax: number): RecordBatches => {
  const { ready, position, endOffset, topic, partition } = cursor
  if (ready === null) throw new TypeError(`${cursor.name}/${partition}: nothing to take`)
  const part = firstBatches(ready, bytesMax)
  cursor.position = part.nextOffset
  cursor.answered = part.nextOffset >= endOffset
  cursor.ready =
    part.bytes.length === ready.bytes.length
      ? null
      : { bytes: ready.bytes.subarray(part.bytes.length), nextOffset: ready.nextOffset }
  return {
    topic,
    partition,
    bytes: part.bytes,
    fromOffset: position as Offset,
    nextOffset: part.nextOffset as Offset,
    endOffset: endOffset as Offset,
  }
}

const firstBatches = (view: CommittedView, bytesMax: number): CommittedView => {
  const { bytes } = view
  if (bytes.length <= bytesMax) return view
  let end = batchBytesAt(bytes, 0)
  let last = 0
  for (;;) {
    const length = batchBytesAt(bytes, end)
    if (length === 0 || end + length > bytesMax) break
    last = end
    end += length
  }
  if (end === bytes.length) return view
  return {
    bytes: bytes.subarray(0, end),
    nextOffset: int64At(bytes, last) + int32At(bytes, last + 23) + 1,
  }
}

/** What a reader gets where nothing stands yet. */
export const nothingAt = ({
  topic,
  partition,
  position,
  endOffset,
}: FetchCursor): RecordBatches => ({
  topic,
  partition,
  bytes: new Uint8Array(0),
  fromOffset: position as Offset,
  nextOffset: position as Offset,
  endOffset: Math.max(endOffset, 0) as Offset,
})
