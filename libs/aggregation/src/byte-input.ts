import { invariant } from '@tidemark/model'
import { decodeUtf8 } from '@tidemark/wire'

/** Reads what `ByteOutput` wrote, in the same order. Anything else is a programmer's mistake. */
export type ByteInput = {
  readonly integer: () => number
  readonly bytes: () => Uint8Array
  readonly text: () => string
  readonly atEnd: () => boolean
}

export const byteInput = (buffer: Uint8Array): ByteInput => {
  let at = 0
  const integer = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      invariant(at < buffer.length && scale < 2 ** 53, 'saved integer: does not end')
      const byte = buffer[at++]!
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }
  const bytes = (): Uint8Array => {
    const length = integer()
    invariant(length <= buffer.length - at, 'saved bytes: cut')
    at += length
    return buffer.subarray(at - length, at)
  }
  return {
    integer,
    bytes,
    text: () => {
      const value = bytes()
      const text = decodeUtf8(value, 0, value.length)
      invariant(text !== null, 'saved text: not UTF-8')
      return text
    },
    atEnd: () => at === buffer.length,
  }
}
