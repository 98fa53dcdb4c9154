import type { Offset } from '@tidemark/model'
import type { CauseAt } from './cause.ts'
import type { EmittedRecord } from './tally.ts'

export type CausedRecord = EmittedRecord & { readonly at: CauseAt }

/** Records of one source that wait to be compared. Owned and changed by whoever made it. */
export type RecordQueue = {
  records: CausedRecord[]
  head: number
  bytes: number
  /** What the source wrote below it is in the queue, or was taken. */
  position: Offset
  /** How often retention has removed records in front of it. */
  cuts: number
}

export const recordQueue = (startOffset: Offset): RecordQueue => ({
  ...{ records: [], head: 0, bytes: 0, position: startOffset },
  cuts: startOffset > 0 ? 1 : 0,
})

export const first = ({ records, head }: RecordQueue): CausedRecord | null => records[head] ?? null

export const push = (queue: RecordQueue, record: CausedRecord): void => {
  queue.records.push(record)
  queue.bytes += sizeOf(record)
}

export const take = (queue: RecordQueue): void => {
  queue.bytes -= sizeOf(queue.records[queue.head]!)
  queue.head++
  if (queue.head < queue.records.length) return
  queue.records = []
  queue.head = 0
}

/** Lets the later half of the records go, which are read again when it is their turn. */
export const halve = (queue: RecordQueue): void => {
  const kept = queue.head + ((queue.records.length - queue.head) >> 1)
  queue.position = queue.records[kept]!.offset
  queue.records = queue.records.slice(queue.head, kept)
  queue.head = 0
  queue.bytes = queue.records.reduce((sum, record) => sum + sizeOf(record), 0)
}

/** What an object with its two arrays takes beside their bytes. */
const recordOverheadBytes = 300

const sizeOf = ({ key, value }: EmittedRecord): number =>
  recordOverheadBytes + (key?.length ?? 0) + (value?.length ?? 0)
