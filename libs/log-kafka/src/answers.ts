import { int32At } from '@tidemark/wire'
import { recycledBytesMin, type Buffers } from './buffers.ts'

/**
 * Cuts what a connection receives into whole answers. kafkajs would join each from the pieces that it came in, every piece and every answer in
 * memory of its own; here the bytes of a large answer are received where they stay.
 */
export type Answers = {
  /** Where the next bytes are to be put; never empty. */
  readonly room: () => Uint8Array
  /** So many were put there. */
  readonly received: (bytes: number) => void
}

/** No answer of a Kafka broker comes near it: what is asked for is bounded by 8 MiB, or one batch where that is larger. */
const answerBytesMax = 256 * 1024 * 1024
const lengthBytes = 4

/**
 * `take` gets each answer with the four bytes of its length in front. The memory of a large one comes from `buffers`, and goes back there when
 * whoever asked for it says so. A length that no broker would announce goes to `refuse`, and everything after it is ignored.
 */
export const answersOf = (
  buffers: Buffers,
  take: (answer: Buffer) => void,
  refuse: (bytes: number) => void,
): Answers => {
  const head = new Uint8Array(recycledBytesMin)
  /** Bytes of an answer that is not whole yet, at the beginning of `head`. */
  let kept = 0
  let large: Uint8Array<ArrayBuffer> | null = null
  let filled = 0
  let isRefused = false

  const cut = (end: number): void => {
    let at = 0
    while (end - at >= lengthBytes) {
      const bytes = int32At(head, at)
      if (bytes < 0 || bytes > answerBytesMax) {
        isRefused = true
        refuse(bytes)
        return
      }
      const next = at + lengthBytes + bytes
      if (next <= end) {
        take(Buffer.from(head.subarray(at, next)))
        at = next
        continue
      }
      if (next - at > head.length) {
        large = buffers.take(next - at)
        large.set(head.subarray(at, end))
        filled = end - at
        at = end
      }
      break
    }
    if (at > 0 && at < end) head.copyWithin(0, at, end)
    kept = end - at
  }

  return {
    room: () => {
      if (isRefused) return head
      return large === null ? head.subarray(kept) : large.subarray(filled)
    },
    received: (bytes) => {
      if (isRefused) return
      if (large === null) {
        cut(kept + bytes)
        return
      }
      filled += bytes
      if (filled < large.length) return
      const whole = large
      large = null
      take(Buffer.from(whole.buffer, 0, whole.length))
    },
  }
}
