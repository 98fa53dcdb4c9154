import type { Chunk } from './chunk.ts'
import type { StepRing } from './step-ring.ts'

/** What changes with every window of a ring; its chunks, of which one changes with every step, stand elsewhere in a checkpoint. */
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
