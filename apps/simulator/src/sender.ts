import type { Entry, LogPublisher } from '@tidemark/log'
import { sendBytesMax, type TopicName } from '@tidemark/model'

/** Collects entries by partition and appends them in pieces. */
export type Sender = {
  readonly add: (topic: TopicName, partition: number, entry: Entry) => void
  /** Entries that wait. */
  readonly waiting: () => number
  /** Appends what waits, all partitions at once, each in its order; resolves when everything is durable. */
  readonly flush: () => Promise<void>
}

/** Entries of one append, beside the log's limit of bytes. */
const appendEntriesMax = 2000

/** `append` is the publisher's, or does more when that fails. */
export const senderOf = (append: LogPublisher['append']): Sender => {
  const lanes = new Map<string, Lane>()
  let waiting = 0
  return {
    add: (topic, partition, entry) => {
      const name = `${topic}/${partition}`
      const lane = lanes.get(name) ?? { topic, partition, entries: [] }
      lane.entries.push(entry)
      lanes.set(name, lane)
      waiting++
    },
    waiting: () => waiting,
    flush: async () => {
      const taken = [...lanes.values()]
      lanes.clear()
      waiting = 0
      await Promise.all(taken.map((lane) => appendAll(lane, append)))
    },
  }
}

type Lane = { readonly topic: TopicName; readonly partition: number; readonly entries: Entry[] }

const appendAll = async (
  { topic, partition, entries }: Lane,
  append: LogPublisher['append'],
): Promise<void> => {
  for (let from = 0; from < entries.length;) {
    const length = pieceLength(entries, from)
    await append(topic, partition, entries.slice(from, from + length))
    from += length
  }
}

/** Entries from `from` on that one append takes; at least one. */
const pieceLength = (entries: readonly Entry[], from: number): number => {
  let bytes = 0
  let length = 0
  for (; from + length < entries.length && length < appendEntriesMax; length++) {
    const { key, value } = entries[from + length]!
    bytes += value.length + (key?.length ?? 0)
    if (length > 0 && bytes > sendBytesMax / 2) break
  }
  return length
}
