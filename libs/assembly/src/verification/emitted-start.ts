import { recordReader } from '@tidemark/codec'
import type { PartitionBounds } from '@tidemark/log'
import type { DerivedTopic, Offset } from '@tidemark/model'
import { causeOf, isAfter, type CauseAt } from './cause.ts'
import { readOn } from './read-on.ts'
import type { ReadableLog } from './topic-digest.ts'

/** How far a look at one place goes for a record of the source. */
const lookBytes = 256 * 1024

/**
 * A position that all of a source's records behind `after` are at or above, so that a range need not be looked for from the beginning. Causes rise
 * within a source, so it is searched by halves; where no record of the source is near, the search goes on in front of that.
 */
export const emittedStart = async (
  log: ReadableLog,
  topic: DerivedTopic,
  { partition, startOffset, endOffset }: PartitionBounds,
  source: string,
  after: CauseAt,
): Promise<Offset> => {
  let low: number = startOffset
  let high: number = endOffset
  if (after[0] === -Infinity) return startOffset
  const reader = recordReader()
  const lookAt = async (
    fromOffset: Offset,
  ): Promise<{ readonly offset: number; readonly at: CauseAt } | null> => {
    reader.open(await readOn(log, { topic, partition, fromOffset, bytesMax: lookBytes }))
    for (let record = reader.next(); record !== null; record = reader.next()) {
      const cause = record.decoded.ok ? causeOf(record.decoded.event) : null
      if (cause?.source === source) return { offset: record.offset, at: cause.at }
    }
    return null
  }
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const found = await lookAt(middle as Offset)
    if (found === null || found.offset >= endOffset || isAfter(found.at, after)) high = middle
    else low = found.offset + 1
  }
  return low as Offset
}
