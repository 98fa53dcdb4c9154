import { encodeOutput } from '@tidemark/codec'
import { evaluatorFold, type EvaluatorFold } from '@tidemark/evaluation'
import { emptyHistogram, encodeV2, record } from '@tidemark/histogram'
import {
  canonicalJson,
  configurationId,
  contentId,
  defaultConfiguration,
  defaultLayout,
  defaultServiceFields,
  digestOf,
  emptyLedger,
  inputTopics,
  offset,
  type AggregateEvent,
  type Checkpoint,
  type InputTopic,
  type Layout,
  type Output,
  type RequestCounts,
  type Slo,
} from '@tidemark/model'
import { spread } from './spread.ts'

// What an evaluator partition takes for one window when every service has a month behind it: judging, encoding what it says, and restoring
// its state. The state is that of one service which was led through a month, copied to all. Each shape has a baseline of its own in the
// same run, the same services without objectives. Prints one line of JSON, then rows of a table.
// Run: node test/bench/src/objectives.bench.ts [rounds]

const rounds = Number(process.argv[2] ?? 5)
const windowUs = defaultLayout.windowUs
const hourUs = 3_600_000_000
/** A first of March; the month before is what every service has behind it. */
const startUs = Date.UTC(2026, 2, 1) * 1000

/** Lehmer's generator: the same data every time. */
const random = (() => {
  let state = 42
  return (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
})()

const latencyUs = (): number => {
  const normal = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
  return Math.round(60_000 * Math.exp(0.9 * normal))
}

const countsOf = (requests: number): RequestCounts => {
  const histogram = emptyHistogram(defaultLayout.histogram)
  for (let i = 0; i < requests; i++) record(histogram, latencyUs())
  const failed = Math.floor(requests * random() * 0.01)
  const statuses = [
    { status: 200, events: requests - failed },
    { status: 500, events: failed },
  ].filter(({ events }) => events > 0)
  const { overRange, maxUs } = histogram
  return {
    ...{ total: requests, failed, statuses, overRange, latencyUsMax: maxUs },
    histogram: encodeV2(histogram),
  }
}
const variants = Array.from({ length: 97 }, () => ({
  ...countsOf(10 + Math.floor(random() * 21)),
  operations: ['GET /cart', 'POST /order', 'job:nightly'].map((operation) => ({
    ...countsOf(7),
    ...{ operation, overflow: false },
  })),
}))

const layoutOf = (services: readonly string[], slos: readonly Slo[]): Layout => ({
  ...defaultLayout,
  partitions: 1,
  configuration: {
    ...defaultConfiguration,
    slos,
    services: services.map((service) => ({ ...defaultServiceFields, service, owner: 'crew' })),
  },
})

/** Events of a partition, one after the other, without bytes. */
const events: AggregateEvent[] = []
let nextOffset = 0
let nextEvent = 0
const openFold = (layout: Layout, checkpoint: Checkpoint | null): EvaluatorFold =>
  evaluatorFold(
    {
      ...{ layout, partition: 0, partitionOf: () => 0, snapshotEveryWindows: 1_000_000 },
      reader: {
        open: () => undefined,
        next: () => {
          const event = events[nextEvent]
          return event === undefined ? null : { offset: nextOffset + nextEvent++, event }
        },
      },
    },
    checkpoint,
  )

const advanced = (topic: InputTopic, endUs: number, sinceUs: number): AggregateEvent => ({
  type: 'PartitionAdvanced',
  cause: { topic, partition: 0, offset: endUs / windowUs, index: 1_000_000 },
  ...{
    id: contentId('advanced'),
    topic,
    partition: 0,
    clockMs: (endUs + defaultLayout.graceUs) / 1000,
    position: 0,
  },
  ...{ ledger: emptyLedger, late: [] },
  // Nobody watched between two windows of the month that every service has behind it.
  unwatched:
    sinceUs === endUs - windowUs
      ? null
      : { fromMs: sinceUs / 1000, toMs: (endUs - windowUs) / 1000 },
})

/** What all services send in a window, and the clocks that close it; the window before it ended at `sinceUs`. */
const window = (services: readonly string[], endUs: number, sinceUs = endUs - windowUs): void => {
  nextOffset += nextEvent
  nextEvent = 0
  events.length = 0
  services.forEach((service, index) => {
    const cause = { topic: 'requests' as const, partition: 0, offset: endUs / windowUs, index }
    const counts = variants[(index + endUs / windowUs) % variants.length]!
    events.push({
      ...{ type: 'RequestWindowClosed', cause, id: contentId('window'), service, overflow: false },
      ...{ windowStartUs: endUs - windowUs, windowEndUs: endUs, identityChecked: true },
      ...{ incomplete: false, ...counts },
      input: {
        ...{ topic: 'requests', partition: 0, firstOffset: 0, lastOffset: 1, records: 1 },
        ...{ events: counts.total, digest: digestOf(0, 7) },
      },
    })
  })
  for (const topic of inputTopics) events.push(advanced(topic, endUs, sinceUs))
}

const run = (fold: EvaluatorFold): readonly Output[] => {
  const outputs: Output[] = []
  fold.feed({
    ...{ topic: 'aggregates', partition: 0, bytes: new Uint8Array(0) },
    fromOffset: offset(nextOffset),
    nextOffset: offset(nextOffset + events.length),
    endOffset: offset(nextOffset + events.length),
  })
  while (fold.work(1_000_000, (output) => outputs.push(output)));
  return outputs
}

const text = new TextDecoder()
const pieceBytes = 800_000

/** The checkpoint of a service that has a month behind it, its hours and the minutes of the last six of them in use. */
const monthBehind = (service: string, slos: readonly Slo[]): Checkpoint => {
  const fold = openFold(layoutOf([service], slos), null)
  for (let atUs = startUs - 30 * 24 * hourUs; atUs < startUs - 6 * hourUs; atUs += hourUs) {
    window([service], atUs, atUs - hourUs)
    run(fold)
  }
  for (let atUs = startUs - 6 * hourUs; atUs <= startUs; atUs += 60_000_000) {
    window([service], atUs, atUs - 60_000_000)
    run(fold)
  }
  fold.snapshotNext()
  return fold.checkpoint()
}

type SavedService = {
  readonly slos: { readonly counters: readonly object[] }
}

/** The same with the service's part written out for all of a layout, in 64 documents as the evaluator writes them. */
const copied = (checkpoint: Checkpoint, { configuration }: Layout): Checkpoint => {
  const parts = new Map<string, Uint8Array>()
  const counts: Record<string, number> = {}
  const put = (name: string, json: string): void => {
    const bytes = Buffer.from(json)
    for (let at = 0, index = 0; at < bytes.length; at += pieceBytes, index++) {
      parts.set(`${name}.${index}`, new Uint8Array(bytes.subarray(at, at + pieceBytes)))
      counts[name] = index + 1
    }
  }
  const id = configurationId(configuration)
  const copyOf = (of: SavedService, service: string): object => ({
    ...{ ...of, service },
    slos: {
      configurationId: id,
      counters: of.slos.counters.map((counter, n) => {
        const { indicator, period } = configuration.slos[n]!
        return { ...counter, objectiveId: contentId(canonicalJson([service, indicator, period])) }
      }),
    },
  })
  for (const [key, part] of checkpoint)
    if (key.startsWith('services.')) {
      const [one] = JSON.parse(text.decode(part)) as readonly [SavedService]
      for (let shard = 0; shard < 64; shard++) {
        const services = configuration.services.filter((_, n) => n % 64 === shard)
        const copies = services.map(({ service }) => copyOf(one, service))
        put(`services.${String(shard).padStart(2, '0')}`, JSON.stringify(copies))
      }
    } else if (key.startsWith('head.')) {
      const head = JSON.parse(text.decode(part)) as object
      put('head', JSON.stringify({ ...head, configurationId: id }))
    }
  const manifest = JSON.parse(text.decode(checkpoint.get('manifest'))) as object
  const saying = { ...manifest, parts: counts, days: [], configurationId: id }
  parts.set('manifest', Buffer.from(canonicalJson(saying)))
  return parts
}

const cpuMs = (work: () => void): number => {
  const begun = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(begun)
  return (user + system) / 1000
}

type Shape = { readonly services: number; readonly slos: readonly Slo[] }

const measure = ({ services: count, slos }: Shape) => {
  const services = Array.from({ length: count }, (_, n) => `service-${String(n).padStart(5, '0')}`)
  const layout = layoutOf(services, slos)
  const checkpoint = copied(monthBehind('template', slos), layout)
  const bytes = [...checkpoint.values()].reduce((sum, { length }) => sum + length, 0)
  const restore = Array.from({ length: Math.min(rounds, 3) }, () =>
    cpuMs(() => openFold(layout, checkpoint)),
  )
  const fold = openFold(layout, checkpoint)
  const judge: number[] = []
  const encode: number[] = []
  for (let round = 1; round <= rounds + 7; round++) {
    window(services, startUs + round * windowUs)
    let outputs: readonly Output[] = []
    const judged = cpuMs(() => (outputs = run(fold)))
    const encoded = cpuMs(() => outputs.forEach((output) => encodeOutput(output.event)))
    // The horizon fills in the first six windows.
    if (round <= 7) continue
    judge.push(judged)
    encode.push(encoded)
  }
  const save = cpuMs(() => {
    fold.snapshotNext()
    fold.checkpoint()
  })
  return {
    ...{ services: count, slos: count * slos.length, judgeMs: spread(judge) },
    ...{ encodeMs: spread(encode), restoreMs: spread(restore), saveMs: Math.round(save) },
    checkpointMb: Math.round(bytes / 1e5) / 10,
    heapMb: Math.round(process.memoryUsage().heapUsed / 1e6),
  }
}

const [availability, latency, jobs] = defaultConfiguration.slos as readonly [Slo, Slo, Slo]
const shapes: Readonly<Record<string, Shape>> = {
  '10,000 services, no objectives': { services: 10_000, slos: [] },
  '10,000 services, one each': { services: 10_000, slos: [availability] },
  '667 services, no objectives': { services: 667, slos: [] },
  '667 services, three each': { services: 667, slos: [availability, latency, jobs] },
}
const results = Object.entries(shapes).map(([shape, of]) => ({ shape, ...measure(of) }))
console.log(JSON.stringify({ bench: 'objectives', rounds, results }))
console.log('| shape | judge a window | per baseline | encode | restore | save | checkpoint |')
console.log('| ----- | -------------- | ------------ | ------ | ------- | ---- | ---------- |')
results.forEach(({ shape, judgeMs, encodeMs, restoreMs, saveMs, checkpointMb }, at) => {
  const ratio = judgeMs.median / results[at - (at % 2)]!.judgeMs.median
  console.log(
    `| ${shape} | ${judgeMs.median} ms (${judgeMs.min} to ${judgeMs.max}) | ${ratio.toFixed(2)} | ${encodeMs.median} ms | ${restoreMs.median} ms | ${saveMs} ms | ${checkpointMb} MB |`,
  )
})
