import { GCProfiler } from 'node:v8'
import { aggregatorFold } from '@tidemark/aggregation'
import { inputSchemas } from '@tidemark/codec'
import { defaultLayout, type Layout } from '@tidemark/model'
import { randomOf } from '../harness/random.ts'
import { eventBatches, singleEvents, type Workload } from '../workload.ts'

// What the fold allocates: growth of the heap and of the memory beside it (typed arrays) over warm records of one open window, without a
// collection in between. A process of its own with a young generation that holds all of it. Prints one line of JSON.

const layout: Layout = {
  ...defaultLayout,
  limits: { ...defaultLayout.limits, identitiesPerWindow: 4_000_000 },
}

/** Feeds two thirds of the pieces, and measures the others. */
const allocated = ({ events, pieces }: Workload) => {
  const task = aggregatorFold({ layout, partition: 0, schemas: inputSchemas, checkpoint: null })
  const feed = (of: Workload['pieces']): void => {
    for (const piece of of) {
      task.feed(piece)
      while (task.work(512, () => undefined));
    }
  }
  const warmUp = Math.floor((2 * pieces.length) / 3)
  const measuredFrom = Number(pieces[warmUp]!.fromOffset)
  const all = Number(pieces.at(-1)!.nextOffset)
  feed(pieces.slice(0, warmUp))
  // From here on so much may come beside the heap as well before anything is collected.
  globalThis.gc!()
  const profiler = new GCProfiler()
  profiler.start()
  const before = process.memoryUsage()
  feed(pieces.slice(warmUp))
  const after = process.memoryUsage()
  const collections = profiler.stop()?.statistics.length ?? 0
  if (collections > 0) throw new Error(`${collections} collections while it was measured`)
  const records = all - measuredFrom
  return {
    records,
    heapBytesPerRecord: (after.heapUsed - before.heapUsed) / records,
    besideBytesPerRecord: (after.arrayBuffers - before.arrayBuffers) / records,
    eventsPerRecord: events / all,
  }
}

const random = randomOf(42)
// Fast enough to stay within one window; ids are spread over the two seconds that events may be late by.
const eventsPerSecond = 1_000_000
const singles = singleEvents({ random, events: 400_000, services: 50, eventsPerSecond })
const batches = eventBatches({ random, events: 2_000_000, services: 50, eventsPerSecond })
const single = allocated(singles)
const batched = allocated(batches)
console.log(
  JSON.stringify({
    singleRecords: single.records,
    singleHeapBytesPerRecord: single.heapBytesPerRecord,
    singleBesideBytesPerRecord: single.besideBytesPerRecord,
    batchedRecords: batched.records,
    batchedEvents: batched.records * batched.eventsPerRecord,
    batchedHeapBytesPerRecord: batched.heapBytesPerRecord,
    batchedBesideBytesPerRecord: batched.besideBytesPerRecord,
  }),
)
