import { createHash } from 'node:crypto'
import { Writable } from 'node:stream'
import { describe, expect, it } from '@jest/globals'
import { parseLine } from '@tidemark/codec'
import { capstone, faultByName, live, trafficOf, virtualStartUs } from '@tidemark/traffic'
import fc from 'fast-check'
import { eventLines, truthLines, writeLines } from './lines.ts'

/** Takes what it is given in its own time, and holds no more than it says. */
const slowSink = (
  highWaterMark: number,
): { readonly out: Writable; readonly text: () => string } => {
  const chunks: Buffer[] = []
  const out = new Writable({
    highWaterMark,
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk)
      setImmediate(done)
    },
  })
  return { out, text: () => Buffer.concat(chunks).toString('utf8') }
}

describe('eventLines', () => {
  it('has the same bytes for a seed for ever', () => {
    const digest = createHash('sha256')
    for (const line of eventLines(trafficOf(capstone(), { seed: 42 }))) digest.update(line)
    expect(digest.digest('hex')).toBe(
      'a9d8f49b328b14cefc546b30e9d4ceb72a7f80a7998afc72e28e6fbe09b43d9d',
    )
  })

  it('writes lines that are read back as the same events', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const traffic = trafficOf(capstone({ requests: 20 }), { seed })
        expect([...eventLines(traffic)].map((line) => parseLine(line.trimEnd()))).toEqual(
          [...traffic.events()].map(({ event }) => ({ ok: true, event })),
        )
      }),
      { numRuns: 20 },
    )
  })
})

describe('truthLines', () => {
  it('says what was wrong, with whom, from when to when', () => {
    const fault = faultByName('down', 'api-gateway', virtualStartUs, virtualStartUs + 1_500_000)
    const scenario = live({ durationUs: 5_000_000, rhythm: null })
    expect([...truthLines(trafficOf(scenario, { faults: [fault] }))]).toEqual([
      '{"service":"api-gateway","fault":"down","from":"2026-01-01T00:00:00Z","to":"2026-01-01T00:00:01.500Z","detect":"page"}\n',
    ])
  })
})

describe('writeLines', () => {
  it('writes the same bytes however fast they are taken', async () => {
    const traffic = trafficOf(capstone())
    const expected = [...eventLines(traffic)].join('')
    for (const highWaterMark of [1, 1000, 10_000_000]) {
      const { out, text } = slowSink(highWaterMark)
      await writeLines(eventLines(traffic), out)
      expect(text()).toBe(expected)
    }
  })

  it('stops an endless traffic when it is told to', async () => {
    const stop = new AbortController()
    const { out } = slowSink(1)
    out.once('drain', () => {
      stop.abort()
    })
    await expect(writeLines(eventLines(trafficOf(live())), out, stop.signal)).rejects.toThrow(
      /abort/,
    )
  })
})
