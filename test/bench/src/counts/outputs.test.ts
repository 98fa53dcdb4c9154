import { beforeAll, describe, expect, it } from '@jest/globals'
import { aggregator } from '@tidemark/aggregator'
import { runInMemory, type App, type InMemoryEntry, type InMemoryTopics } from '@tidemark/assembly'
import { encode, tick } from '@tidemark/codec'
import { evaluator } from '@tidemark/evaluator'
import {
  defaultConfiguration,
  defaultLayout,
  defaultServiceFields,
  type Checkpoint,
  type Layout,
  type Processor,
  type TopicName,
} from '@tidemark/model'
import { encodeUtf8 } from '@tidemark/wire'
import { randomOf, uuid } from '../harness/random.ts'
import { startMs } from '../workload.ts'

// What registered services with default objectives and rules make processors write: outputs and their bytes for a service and a window, and
// bytes of a state for a service. Nothing here depends on a clock, so a figure changes with the code only.

const services = Array.from({ length: 100 }, (_, i) => `service-${i}`)
/** Two states of the evaluator, which it saves every 60 windows. */
const windows = 125
const eventsPerWindow = 20
const operations = ['GET /cart', 'POST /order', 'GET /health']
const windowMs = defaultLayout.windowUs / 1000

const layout: Layout = {
  ...defaultLayout,
  ...{ partitions: 1, timestamps: 'producer' },
  configuration: {
    ...defaultConfiguration,
    services: services.map((service) => ({ ...defaultServiceFields, service, owner: 'crew' })),
  },
}

const random = randomOf(42)
const batchOf = (service: string, window: number): InMemoryEntry => {
  const column = <T>(of: (i: number) => T): T[] =>
    Array.from({ length: eventsPerWindow }, (_, i) => of(i))
  const baseMs = startMs + window * windowMs
  const value = encode({
    ...{ type: 'RequestBatch', batchId: uuid(random), service, baseUs: baseMs * 1000, operations },
    deltaUs: column((i) => i * 1000),
    latencyUs: column(() => 5000 + Math.floor(50_000 * random())),
    status: column(() => 200),
    operation: column((i) => i % operations.length),
    failures: [],
  })
  const entry = { key: encodeUtf8(service), value, timestampMs: baseMs + 1000 }
  return { topic: 'requests', partition: 0, entry }
}
const tickOf = (topic: TopicName, window: number): InMemoryEntry => ({
  ...{ topic, partition: 0 },
  entry: { key: null, value: tick, timestampMs: startMs + window * windowMs + 9000 },
})
const inputs = Array.from({ length: windows }, (_, window) => [
  ...services.map((service) => batchOf(service, window)),
  ...(['requests', 'health-checks', 'facts'] as const).map((topic) => tickOf(topic, window)),
]).flat()

/** Runs a processor, and tells the state that it stands at in the end. */
const opened = async (app: App, of: Layout, saved: (checkpoint: Checkpoint) => void) => {
  const { processor } = await app.open({ layout: of, store: '' })
  const watched: Processor = {
    ...processor,
    open: async (task, checkpoint) => {
      const fold = await processor.open(task, checkpoint)
      const watchedCheckpoint = (): Checkpoint => {
        const at = fold.checkpoint()
        saved(at)
        return at
      }
      return { ...fold, checkpoint: watchedCheckpoint }
    },
  }
  return watched
}

const bytesOf = (checkpoint: Checkpoint): number =>
  [...checkpoint.values()].reduce((sum, part) => sum + part.length, 0)

let topics: InMemoryTopics
let evaluatorBytes = 0
beforeAll(async () => {
  const saved = (checkpoint: Checkpoint): void => {
    evaluatorBytes = Math.max(evaluatorBytes, bytesOf(checkpoint))
  }
  topics = await runInMemory({
    ...{ layout, inputs },
    schedule: { batchRecords: () => 1000, source: () => 0, after: () => 'commit' },
    processors: [
      await opened(aggregator, layout, () => undefined),
      await opened(evaluator, layout, saved),
    ],
  })
})

/** Records of a topic, and their bytes, for a service and a judged window. */
const perServiceWindow = (topic: TopicName) => {
  const records = topics.records(topic, 0)
  const bytes = records.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + value!.length, 0)
  const judged = services.length * (windows - 1)
  return { records: records.length / judged, bytes: bytes / judged }
}

describe('a service in a window', () => {
  it('is one row of the aggregator', () => {
    const { records, bytes } = perServiceWindow('aggregates')
    // The advances of the three sources are the rest.
    expect(records).toBeGreaterThanOrEqual(1)
    expect(records).toBeLessThan(1.04)
    // Today 445 with three operations, whose histograms hold 7 values each.
    expect(bytes).toBeLessThan(500)
  })

  it('is one assessment of the evaluator, one row of a slice, and no alert', () => {
    const assessments = perServiceWindow('assessments')
    expect(assessments.records).toBe(1)
    // Today 936, with two objectives and the scorecards.
    expect(assessments.bytes).toBeLessThan(1100)
    const fleet = perServiceWindow('fleet')
    // One slice a window; and the empty one that a partition opens with.
    expect(fleet.records).toBe(windows / (windows - 1) / services.length)
    // Today 512.
    expect(fleet.bytes).toBeLessThan(600)
    expect(topics.records('alerts', 0)).toEqual([])
    expect(topics.records('rejected', 0)).toEqual([])
  })
})

describe('a saved state', () => {
  it('of the evaluator is small for a service', () => {
    // Today 3,423: its last windows, two objectives, and what was told of it.
    expect(evaluatorBytes / services.length).toBeGreaterThan(100)
    expect(evaluatorBytes / services.length).toBeLessThan(3800)
  })

  it('of the aggregator is small for a row of an open window', async () => {
    let bytes = 0
    const saving: Layout = { ...layout, limits: { ...layout.limits, restoreBudgetEvents: 0 } }
    const saved = (checkpoint: Checkpoint): void => void (bytes = bytesOf(checkpoint))
    const processors = [await opened(aggregator, saving, saved)]
    await runInMemory({ layout: saving, inputs, processors })
    // The last window is open, that of each service. Today 298, with three operations and 20 ids.
    expect(bytes / services.length).toBeGreaterThan(100)
    expect(bytes / services.length).toBeLessThan(340)
  })
})
