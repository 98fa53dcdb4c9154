import { invariant } from '@tidemark/model'

/** Bytes in the making, which grow as needed. */
export type ByteOutput = {
  /** Seven bits a byte, the lowest first; from 0 to 2^53 - 1. */
  readonly integer: (value: number) => void
  /** Length and content. */
  readonly bytes: (value: Uint8Array) => void
  readonly toBytes: () => Uint8Array
}

export const byteOutput = (): ByteOutput => {
  let buffer = new Uint8Array(1024)
  let at = 0
  const reserve = (count: number): void => {
    if (at + count <= buffer.length) return
    const larger = new Uint8Array(Math.max(at + count, 2 * buffer.length))
    larger.set(buffer)
    buffer = larger
  }
  const integer = (value: number): void => {
    invariant(Number.isSafeInteger(value) && value >= 0, 'saved integer: not in 0 to 2^53 - 1')
    reserve(8)
    let rest = value
    for (; rest >= 128; rest = Math.floor(rest / 128)) buffer[at++] = (rest % 128) | 128
    buffer[at++] = rest
  }
  return {
    integer,
    bytes: (value) => {
      integer(value.length)
      reserve(value.length)
      buffer.set(value, at)
      at += value.length
    },
    toBytes: () => buffer.slice(0, at),
  }
}
