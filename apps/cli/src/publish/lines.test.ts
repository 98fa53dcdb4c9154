import { describe, expect, it } from '@jest/globals'
import { lineBytesMax } from '@tidemark/codec'
import fc from 'fast-check'
import { linesOf, untilAborted, type Line } from './lines.ts'

async function* pieces(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

const collected = async <T>(items: AsyncIterable<T>): Promise<readonly T[]> => {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

const all = async (chunks: AsyncIterable<Uint8Array>): Promise<readonly Line[]> =>
  (await collected(linesOf(chunks))).flat()

const texts = (lines: readonly Line[]) => lines.map((line) => (line.ok ? line.text : line.reason))

describe('lines', () => {
  it('are the same for every cut of the input', async () => {
    const anyText = fc.array(fc.constantFrom('a', 'ä', '\u{1f30a}', '\n', '\r\n', ' '), {
      maxLength: 60,
    })
    await fc.assert(
      fc.asyncProperty(anyText, fc.array(fc.nat({ max: 20 })), async (parts, sizes) => {
        const text = parts.join('')
        const bytes = Buffer.from(text)
        const chunks: Buffer[] = []
        let from = 0
        for (const size of sizes) chunks.push(bytes.subarray(from, (from += size)))
        chunks.push(bytes.subarray(from))
        const expected = text.split('\n').map((line) => line.replace(/\r$/, ''))
        // What follows the last newline is a line only if there is something.
        if (text === '' || text.endsWith('\n')) expected.pop()
        const lines = await all(pieces(...chunks))
        expect(texts(lines)).toEqual(expected)
        expect(lines.map(({ number }) => number)).toEqual(expected.map((_, i) => i + 1))
      }),
    )
  })

  it('take as many bytes as a line may have, and say so of longer ones without keeping them', async () => {
    const chunk = (bytes: number) => Buffer.alloc(bytes, 'x')
    const newline = Buffer.from('\n')
    const lines = await all(
      pieces(
        ...[chunk(lineBytesMax), newline, chunk(lineBytesMax + 1), newline],
        ...[chunk(lineBytesMax), chunk(lineBytesMax), chunk(lineBytesMax), newline],
        Buffer.from('next'),
      ),
    )
    expect(texts(lines)).toEqual([
      'x'.repeat(lineBytesMax),
      `longer than ${lineBytesMax} bytes`,
      `longer than ${lineBytesMax} bytes`,
      'next',
    ])
  })

  it('that are not UTF-8 are none, and the next one is whole again', async () => {
    const lines = await all(pieces(Buffer.from([0x61, 0xff, 0x0a, 0x62, 0x0a, 0xe2, 0x82])))
    expect(texts(lines)).toEqual(['not UTF-8', 'b', 'not UTF-8'])
    expect(lines.map(({ ok }) => ok)).toEqual([false, true, false])
  })

  it('come as soon as they are complete', async () => {
    const open = (async function* () {
      yield Buffer.from('first\nsecond\nthi')
      await new Promise(() => undefined)
    })()
    const { value } = await linesOf(open).next()
    expect(texts(value as Line[])).toEqual(['first', 'second'])
  })
})

describe('chunks', () => {
  it('end when the signal aborts, though none comes', async () => {
    const stop = new AbortController()
    const silent = (async function* () {
      yield Buffer.from('a')
      await new Promise(() => undefined)
    })()
    const chunks = untilAborted(silent, stop.signal)
    expect((await chunks.next()).value).toEqual(Buffer.from('a'))
    const next = chunks.next()
    stop.abort()
    expect((await next).done).toBe(true)
  })

  it('end with the input, and with its error', async () => {
    const { signal } = new AbortController()
    expect(await collected(untilAborted(pieces(Buffer.from('a')), signal))).toHaveLength(1)
    const broken = (async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('a')
      throw new Error('the disk')
    })()
    await expect(collected(untilAborted(broken, signal))).rejects.toThrow('the disk')
  })

  it('are not asked for when the signal has aborted before', async () => {
    const chunks = untilAborted(pieces(Buffer.from('a')), AbortSignal.abort())
    expect((await chunks.next()).done).toBe(true)
  })
})
