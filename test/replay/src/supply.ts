import type { InMemoryEntry } from '@tidemark/assembly'
import type { EmbeddedLog } from '@tidemark/log-embedded'
import type { Offset } from '@tidemark/model'
import { writeRecordBatch } from '@tidemark/wire'
import type { Random } from './random.ts'

/** Appends inputs as they are, in pieces of chance size, so that whoever reads meanwhile meets them half arrived. */
export const supply = async (
  log: EmbeddedLog,
  inputs: readonly InMemoryEntry[],
  random: Random,
): Promise<void> => {
  const ends = new Map<string, Offset>()
  for (let from = 0; from < inputs.length;) {
    const piece = inputs.slice(from, from + random.integer(1, 400))
    from += piece.length
    const places = Map.groupBy(piece, ({ topic, partition }) => `${topic}/${partition}`)
    for (const [place, inputsThere] of places) {
      const { topic, partition } = inputsThere[0]!
      const fromOffset = ends.get(place) ?? (0 as Offset)
      const endOffset = (fromOffset + inputsThere.length) as Offset
      const entries = inputsThere.map(({ entry }) => entry)
      await log.importBatches({
        ...{ topic, partition, bytes: writeRecordBatch(entries, fromOffset) },
        ...{ fromOffset, nextOffset: endOffset, endOffset },
      })
      ends.set(place, endOffset)
    }
  }
}
