import { takeInteger, takeSigned, type ByteReader } from '../byte-reader.ts'
import { putInteger, putSigned, type ByteWriter } from '../byte-writer.ts'
import {
  chunkLength,
  chunkSlots,
  emptyChunk,
  sumAt,
  summed,
  type Chunk,
  type StepRing,
} from './step-ring.ts'

// How a ring stands in a checkpoint: what changes with every window, and its chunks, of which one changes with every step. A chunk that holds
// nothing is a zero. Any other is a one and its steps in runs of equal ones: how much more are valid than in the step before, doubled, odd
// where the run is longer than one; the bad ones; and the length of such a run less two. Checks that come every ten seconds are one run; a
// steady service takes some three bytes a step.

export type RingHead = Pick<StepRing, 'newest' | 'valid' | 'bad'> & { readonly chunks: number }

export const headOf = ({ newest, valid, bad, chunks }: StepRing): RingHead => ({
  ...{ newest, valid, bad, chunks: chunks.length },
})

const chunksMax = 20

/** The ring of this head; of each place `chunkAt` gives the chunk, in their order. */
export const ringOf = (
  { newest, valid, bad, chunks }: RingHead,
  chunkAt: (place: number) => Chunk,
): StepRing => {
  if (chunks > chunksMax) throw new RangeError(`counts: ${chunks} chunks, at most ${chunksMax}`)
  return { newest, valid, bad, chunks: Array.from({ length: chunks }, (_, at) => chunkAt(at)) }
}

export const putChunk = (writer: ByteWriter, chunk: Chunk): void => {
  putInteger(writer, chunk === emptyChunk ? 0 : 1)
  if (chunk === emptyChunk) return
  let before = 0
  for (let i = 0; i < sumAt;) {
    const valid = chunk[i]!
    const bad = chunk[i + 1]!
    let next = i + 2
    while (next < sumAt && chunk[next] === valid && chunk[next + 1] === bad) next += 2
    const run = (next - i) / 2
    const more = valid - before
    putInteger(writer, 2 * (more < 0 ? -2 * more - 1 : 2 * more) + (run > 1 ? 1 : 0))
    putSigned(writer, bad)
    if (run > 1) putInteger(writer, run - 2)
    before = valid
    i = next
  }
}

/** The chunk that `putChunk` wrote; anything else is a RangeError. */
export const takeChunk = (reader: ByteReader): Chunk => {
  const isFilled = takeInteger(reader)
  if (isFilled === 0) return emptyChunk
  if (isFilled !== 1) throw new RangeError(`counts: ${isFilled} is no beginning of a chunk`)
  const chunk = new Array<number>(chunkLength)
  let valid = 0
  for (let i = 0; i < sumAt;) {
    const head = takeInteger(reader)
    const more = Math.floor(head / 2)
    valid += more % 2 === 1 ? -(more + 1) / 2 : more / 2
    const bad = takeSigned(reader)
    const end = i + 2 * (head % 2 === 1 ? takeInteger(reader) + 2 : 1)
    if (end > sumAt) throw new RangeError(`counts: a run up to step ${end / 2} of ${chunkSlots}`)
    for (; i < end; i += 2) {
      chunk[i] = valid
      chunk[i + 1] = bad
    }
  }
  return summed(chunk)
}
