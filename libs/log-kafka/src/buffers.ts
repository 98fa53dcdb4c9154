/**
 * Memory for what is fetched, which is used again. V8 collects the whole heap, marking on all cores, whenever some tens of megabytes of
 * buffers were made since the last time: with new memory for every answer that took a third of the CPU time of an aggregator that catches up.
 */
export type Buffers = {
  /** Room of exactly `bytes` bytes, with whatever stood there before; small room is new every time. */
  readonly take: (bytes: number) => Uint8Array<ArrayBuffer>
  /** Nobody may read or write it from now on. What was not taken here, or is here again already, is left alone. */
  readonly giveBack: (buffer: ArrayBufferLike) => void
}

/** Smaller ones cost less than to remember them. */
export const recycledBytesMin = 64 * 1024
/** What lies here unused at most. */
const keptBytesMax = 32 * 1024 * 1024

export const openBuffers = (): Buffers => {
  /** From the smallest to the largest. */
  let kept: ArrayBuffer[] = []
  let keptBytes = 0
  const lent = new WeakSet<ArrayBufferLike>()
  const roomFor = (bytes: number): ArrayBuffer => {
    const found = kept.find(({ byteLength }) => byteLength >= bytes)
    // One that is much larger serves whoever needs it.
    if (found === undefined || found.byteLength > 4 * bytes) return new ArrayBuffer(sizeFor(bytes))
    kept = kept.filter((buffer) => buffer !== found)
    keptBytes -= found.byteLength
    return found
  }
  return {
    take: (bytes) => {
      if (bytes < recycledBytesMin) return new Uint8Array(bytes)
      const buffer = roomFor(bytes)
      lent.add(buffer)
      return new Uint8Array(buffer, 0, bytes)
    },
    giveBack: (buffer) => {
      if (!lent.delete(buffer) || keptBytes + buffer.byteLength > keptBytesMax) return
      kept = [...kept, buffer as ArrayBuffer].sort((a, b) => a.byteLength - b.byteLength)
      keptBytes += buffer.byteLength
    },
  }
}

/** Powers of two, so that answers of about the same size find each other's room. What is never written takes no memory. */
const sizeFor = (bytes: number): number => 2 ** Math.ceil(Math.log2(bytes))
