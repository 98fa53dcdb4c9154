import { aggregator } from '@tidemark/aggregator'
import { openLog, provision, systemClock, type Address } from '@tidemark/assembly'
import { encode, encodeOutput } from '@tidemark/codec'
import { runProcessor, type EngineClock } from '@tidemark/engine'
import type { Entry } from '@tidemark/log'
import { defaultLayout, epochMs, type Layout, type Processor } from '@tidemark/model'
import { latencyUs, randomOf, uuid } from '../harness/random.ts'
import { startMs } from '../workload.ts'
import { countCopies } from './copies.ts'
import { countRequests } from './requests.ts'

// What lies between a log and the fold: the aggregator works off single events of one partition, and what is copied and asked meanwhile is
// counted, from the first commit to the last. Prints one line of JSON.
// Run: node processing.ts embedded FOLDER | kafka BROKER...

const [kind, ...places] = process.argv.slice(2)
const prefix = `counts-${Date.now()}.`
const address: Address =
  kind === 'kafka' ? { kind, brokers: places, prefix } : { kind: 'embedded', folder: places[0]! }

const events = 200_000
const batchRecords = 2000
const eventsPerSecond = 20_000
const lookMs = 2
const layout: Layout = {
  ...defaultLayout,
  ...{ prefix: kind === 'kafka' ? prefix : '', partitions: 1, timestamps: 'producer' },
}

const random = randomOf(42)
const entryAt = (i: number): Entry => {
  const atMs = startMs + Math.floor((i * 1000) / eventsPerSecond)
  const service = `service-${i % 50}`
  const value = encode({
    ...{ type: 'RequestObserved', id: uuid(random), service, operation: 'GET /cart' },
    ...{ atUs: atMs * 1000, latencyUs: latencyUs(random), status: 200, success: true },
  })
  return { key: Buffer.from(service), value, timestampMs: epochMs(atMs) }
}

type Seen = {
  readonly requests: ReadonlyMap<string, number>
  readonly fedBytes: number
  readonly copiedBytes: number
  readonly commits: number
  /** Of these, how many had outputs beside the checkpoint. */
  readonly withOutputs: number
}

const log = await openLog(address)
await provision(log, layout)
const publisher = await log.publisher()
for (let i = 0; i < events; i += batchRecords)
  await publisher.append(
    'requests',
    0,
    Array.from({ length: batchRecords }, (_, k) => entryAt(i + k)),
  )
await publisher.close()

const requests = kind === 'kafka' ? countRequests(`${prefix}requests`) : new Map<string, number>()
const copied = countCopies()
let fedBytes = 0
let commits = 0
let withOutputs = 0
const seen: Seen[] = []
const { processor, close } = await aggregator.open({ layout, store: '' })
const counted: Processor = {
  ...processor,
  open: async (task, checkpoint) => {
    const fold = await processor.open(task, checkpoint)
    return {
      ...fold,
      feed: (batches) => {
        fedBytes += batches.bytes.length
        fold.feed(batches)
      },
    }
  },
}
// Time passes with every look at the clock, so that a slow machine and a fast one commit equally often.
let nowMs = 0
const clock: EngineClock = { ...systemClock, nowMs: () => (nowMs += lookMs) }
const done = new AbortController()
await runProcessor(
  log,
  counted,
  {
    ...{ encode: encodeOutput, partitions: 1, ticks: null, commitIntervalMs: 100 },
    clock,
    observe: (event) => {
      if (event.kind !== 'committed') return
      commits++
      if (event.outputs > 0) withOutputs++
      const asked = new Map(requests)
      seen.push({ requests: asked, fedBytes, copiedBytes: copied(), commits, withOutputs })
      if (event.sources.some(({ position }) => position === events)) done.abort()
    },
  },
  done.signal,
)
await close()
await log.close()

const [first, last] = [seen[0]!, seen.at(-1)!]
const between = (of: (at: Seen) => number): number => of(last) - of(first)
const counts = {
  commits: between((at) => at.commits),
  withOutputs: between((at) => at.withOutputs),
  // From the beginning: what was fetched before the first commit was copied before it, too.
  fedBytes: last.fedBytes,
  copiedBytes: last.copiedBytes,
}
const asked = [...last.requests].map(([name]) => [
  name,
  between((at) => at.requests.get(name) ?? 0),
])
console.log(JSON.stringify({ ...counts, ...(Object.fromEntries(asked) as object) }))
