import { lineBytesMax } from '@tidemark/codec'

/** A line of input, without its end; or why it is none that could be read. */
export type Line = { readonly number: number } & (
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string }
)

const newline = 0x0a

/** Splits bytes into lines; memory is bounded by one chunk and one line. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line[]> {
  let number = 0
  let held: Buffer[] = []
  let heldBytes = 0
  const take = (end: Buffer): Line => {
    held.push(end)
    const line = lineIn(held, heldBytes + end.length)
    held = []
    heldBytes = 0
    number++
    return { number, ...line }
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

// Fatal: a replacement mark in a name would make two names of broken bytes one.
const utf8 = new TextDecoder('utf-8', { fatal: true })

const lineIn = (
  pieces: readonly Buffer[],
  length: number,
):
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string } => {
  if (length > lineBytesMax) return { ok: false, reason: `longer than ${lineBytesMax} bytes` }
  try {
    const text = utf8.decode(pieces.length === 1 ? pieces[0] : Buffer.concat(pieces))
    return { ok: true, text: text.endsWith('\r') ? text.slice(0, -1) : text }
  } catch {
    return { ok: false, reason: 'not UTF-8' }
  }
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
    // Waits for the chunk that is asked for, which may never come; and nobody is left to be told of an error.
    iterator.return?.().catch(() => undefined)
  }
}
