import { decode, encode, lineOf, parseLine } from '@tidemark/codec'
import { eventTypes, randomEvent, randomFrom } from '@tidemark/codec/testing'
import type { RequestBatch, TidemarkEvent } from '@tidemark/model'

// Encodes and decodes events of every type, and lines of requests. Prints one line of JSON: nanoseconds an event, best of several
// rounds, and the bytes it takes; for comparison `JSON.stringify` and `JSON.parse` of the same requests in the same run.

const events = 2000
const rounds = 15

const batchEvents = 500
const batch: RequestBatch = {
  type: 'RequestBatch',
  batchId: '00000000-0000-4000-8000-000000000001',
  service: 'checkout',
  baseUs: 1_795_230_000_000_000,
  operations: ['GET /cart', 'POST /order'],
  deltaUs: Array.from({ length: batchEvents }, (_, i) => i * 1357),
  latencyUs: Array.from({ length: batchEvents }, (_, i) => 20_000 + ((i * 9973) % 50_000)),
  status: Array.from({ length: batchEvents }, (_, i) => (i % 50 === 0 ? 503 : 200)),
  operation: Array.from({ length: batchEvents }, (_, i) => i % 2),
  failures: Array.from({ length: batchEvents / 50 }, (_, i) => i * 50),
}

const random = randomFrom(1)
const samples = new Map<string, readonly TidemarkEvent[]>(
  eventTypes.map((type) => [type, Array.from({ length: events }, () => randomEvent(type, random))]),
)

const nsPer = (count: number, work: () => void): number => {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const start = process.hrtime.bigint()
    work()
    best = Math.min(best, Number(process.hrtime.bigint() - start) / count)
  }
  return Math.round(best)
}

const each =
  <T>(values: readonly T[], work: (value: T) => unknown) =>
  (): void => {
    for (const value of values) work(value)
  }

const measured = (of: readonly TidemarkEvent[]) => {
  const frames = of.map(encode)
  for (const frame of frames) if (!decode(frame).ok) throw new Error('an event that is not read')
  return {
    bytes: Math.round(frames.reduce((sum, { length }) => sum + length, 0) / frames.length),
    encodeNs: nsPer(of.length, each(of, encode)),
    decodeNs: nsPer(of.length, each(frames, decode)),
  }
}

const requests = samples.get('RequestObserved') ?? []
const lines = requests.map(lineOf)
const json = requests.map((event) => JSON.stringify(event))
const { bytes, encodeNs, decodeNs } = measured(Array.from({ length: 20 }, () => batch))
console.log(
  JSON.stringify({
    events: Object.fromEntries([...samples].map(([type, of]) => [type, measured(of)])),
    batchPerEvent: {
      events: batchEvents,
      bytes: bytes / batchEvents,
      encodeNs: encodeNs / batchEvents,
      decodeNs: decodeNs / batchEvents,
    },
    lines: {
      lineOfNs: nsPer(events, each(requests, lineOf)),
      parseLineNs: nsPer(
        events,
        each(lines, (line) => parseLine(line)),
      ),
    },
    json: {
      stringifyNs: nsPer(
        events,
        each(requests, (event) => JSON.stringify(event)),
      ),
      parseNs: nsPer(
        events,
        each(json, (text) => JSON.parse(text) as unknown),
      ),
    },
  }),
)
