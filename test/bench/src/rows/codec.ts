import { decode, encode, lineOf, parseLine, recordReader } from '@tidemark/codec'
import { eventTypes, randomEvent, randomFrom } from '@tidemark/codec/testing'
import type { TidemarkEvent } from '@tidemark/model'
import { measured } from '../harness/measured.ts'
import { randomOf } from '../harness/random.ts'
import type { Row, Run, Side } from '../harness/row.ts'
import { short } from '../harness/table.ts'
import { batchEvents, eventBatches, singleEvents, type Workload } from '../workload.ts'

// Writing and reading of whole events, as everything but the fold does, in Avro and as lines; beside JSON of the same events. What was read is
// what was written, in every repetition.

const singles = 100_000
const batched = 500_000
const derived = 20_000

type Format<Written extends string | Uint8Array> = {
  readonly write: (event: TidemarkEvent) => Written
  readonly read: (written: Written) => TidemarkEvent
}

const avro: Format<Uint8Array> = {
  write: encode,
  read: (bytes) => {
    const decoded = decode(bytes)
    if (!decoded.ok) throw new Error(decoded.detail)
    return decoded.event
  },
}

const line: Format<string> = {
  write: lineOf,
  read: (text) => {
    const parsed = parseLine(text)
    if (!parsed.ok) throw new Error(parsed.reason)
    return parsed.event
  },
}

const json: Format<string> = {
  write: (event) => JSON.stringify(event),
  read: (text) => JSON.parse(text) as TidemarkEvent,
}

const each = async <From, To>(
  from: readonly From[],
  eventsPerValue: number,
  work: (value: From) => To,
): Promise<readonly [to: readonly To[], run: Run]> => {
  const to: To[] = []
  const took = await measured(() => {
    for (const value of from) to.push(work(value))
  })
  return [to, { events: from.length * eventsPerValue, ...took }]
}

/** Two sides: what the one writes the other one reads. */
const sidesOf = <Written extends string | Uint8Array>(
  of: string,
  { write, read }: Format<Written>,
  events: readonly TidemarkEvent[],
  eventsPerValue = 1,
): readonly Side[] => {
  const written = events.map(write)
  const bytes = written.reduce((sum, value) => sum + Buffer.byteLength(value), 0)
  const bytesPerEvent = bytes / (events.length * eventsPerValue)
  return [
    {
      name: `${of}, written`,
      run: async () => {
        const [values, run] = await each(events, eventsPerValue, write)
        requireEqual(of, values, written)
        return { ...run, bytesPerEvent }
      },
    },
    {
      name: `${of}, read`,
      run: async () => {
        const [values, run] = await each(written, eventsPerValue, read)
        requireEqual(of, values.map(write), written)
        return { ...run, bytesPerEvent }
      },
    },
  ]
}

const requireEqual = (
  of: string,
  values: readonly (string | Uint8Array)[],
  expected: readonly (string | Uint8Array)[],
): void => {
  const at = expected.findIndex(
    (value, i) => Buffer.compare(Buffer.from(value), Buffer.from(values[i] ?? '')) !== 0,
  )
  if (at >= 0 || values.length !== expected.length)
    throw new Error(`${of}: value ${at} of ${expected.length} is ${String(values[at])}`)
}

const eventsIn = ({ pieces }: Workload): readonly TidemarkEvent[] => {
  const reader = recordReader()
  const events: TidemarkEvent[] = []
  for (const piece of pieces) {
    reader.open(piece)
    for (let record = reader.next(); record !== null; record = reader.next()) {
      if (!record.decoded.ok) throw new Error(record.decoded.detail)
      events.push(record.decoded.event)
    }
  }
  return events
}

const compared = [
  ['request', 'request as JSON'],
  ['request as a line', 'request as JSON'],
  ['batch', 'batch as JSON'],
] as const

export const codec: Row = {
  name: 'codec',
  title: 'Writing and reading whole events',
  promises: [
    ...compared.flatMap(([of, peer]) =>
      ['written', 'read'].flatMap((how) => {
        const cost = { side: `${of}, ${how}`, figure: 'cpuNsPerEvent' }
        return [
          { what: 'ns of CPU an event', ...cost },
          { what: 'CPU time', ...cost, against: `${peer}, ${how}` },
        ]
      }),
    ),
    ...['written', 'read'].map((how) => ({
      ...{ what: 'ns of CPU an event', side: `all other types, ${how}`, figure: 'cpuNsPerEvent' },
    })),
    ...compared.map(([of]) => ({
      ...{ what: 'bytes an event', side: `${of}, written`, figure: 'bytesPerEvent' },
    })),
  ],
  open: ({ scale, seed }) => {
    const random = randomOf(seed)
    const shape = { random, services: 50, eventsPerSecond: 50_000 }
    const requests = eventsIn(singleEvents({ ...shape, events: singles * scale }))
    const batches = eventsIn(eventBatches({ ...shape, events: batched * scale }))
    const others = eventTypes.filter((it) => it !== 'RequestObserved' && it !== 'RequestBatch')
    const drawn = randomFrom(seed)
    const rest = Array.from({ length: derived * scale }, (_, i) =>
      randomEvent(others[i % others.length]!, drawn),
    )
    return Promise.resolve({
      conditions: `${short(requests.length)} requests, ${short(batches.length * batchEvents)} in batches of ${batchEvents}, ${short(rest.length)} random events of the ${others.length} other types; checks included, which JSON has none of`,
      sides: [
        ...sidesOf('request', avro, requests),
        ...sidesOf('request as a line', line, requests),
        ...sidesOf('request as JSON', json, requests),
        ...sidesOf('batch', avro, batches, batchEvents),
        ...sidesOf('batch as JSON', json, batches, batchEvents),
        ...sidesOf('all other types', avro, rest),
      ],
    })
  },
}
