import { lineBytesMax } from '@tidemark/codec'

/** A line of input, without its end; `tooLong` lines are cut and lost. */
export type Line = { readonly number: number; readonly text: string; readonly tooLong: boolean }

const newline = 0x0a

/** Splits bytes into lines; memory is bounded by one chunk and one line. Invalid UTF-8 comes out as U+FFFD, which no name may hold. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line[]> {
  let number = 0
  let held: Buffer[] = []
  let heldBytes = 0
  const take = (end: Buffer): Line => {
    held.push(end)
    const tooLong = heldBytes + end.length > lineBytesMax
    const bytes = held.length === 1 ? end : Buffer.concat(held)
    held = []
    heldBytes = 0
    number++
    const text = tooLong ? '' : bytes.toString('utf8')
    return { number, tooLong, text: text.endsWith('\r') ? text.slice(0, -1) : text }
  }
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const lines: Line[] = []
    let from = 0
    for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, from)) {
      lines.push(take(bytes.subarray(from, at)))
      from = at + 1
    }
    const rest = bytes.subarray(from)
    heldBytes += rest.length
    // A line that is too long already is refused whatever follows; it need not be kept.
    if (rest.length > 0 && heldBytes <= lineBytesMax) held.push(Buffer.from(rest))
    yield lines
  }
  if (heldBytes > 0) yield [take(Buffer.alloc(0))]
}

/** Chunks until the signal aborts, also while waiting for one: a silent pipe must not hold up the end. */
export async function* untilAborted(
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]()
  const aborted = new Promise<{ done: true }>((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve({ done: true })
      },
      { once: true },
    )
  })
  try {
    while (!signal.aborted) {
      const next = await Promise.race([iterator.next(), aborted])
      if (next.done === true) return
      yield next.value
    }
  } finally {
    void iterator.return?.()
  }
}
