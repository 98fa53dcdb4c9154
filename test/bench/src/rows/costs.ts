import { aggregatorFold, ledgerOf } from '@tidemark/aggregation'
import { inputSchemas } from '@tidemark/codec'
import { defaultLayout, type Layout } from '@tidemark/model'
import {
  addBatchEvents,
  addIdentity,
  batchBytesAt,
  batchCrcMatches,
  idMix,
  openBatchMix,
  sum64,
} from '@tidemark/wire'
import { measured } from '../harness/measured.ts'
import { randomOf } from '../harness/random.ts'
import type { Promised, Row, Run } from '../harness/row.ts'
import { short } from '../harness/table.ts'
import { batchEvents, eventBatches, singleEvents, type Workload } from '../workload.ts'

// What each thing costs that the fold does beyond counting, in CPU time an event: by leaving it out of the data, or by doing it alone over
// the same bytes. Where it is left out, the difference to the whole is its cost.

const layout: Layout = {
  ...defaultLayout,
  limits: { ...defaultLayout.limits, identitiesPerWindow: 4_000_000 },
}

const fold = async ({ events, pieces }: Workload): Promise<Run> => {
  const task = aggregatorFold({ layout, partition: 0, schemas: inputSchemas, checkpoint: null })
  const took = await measured(() => {
    for (const piece of pieces) {
      task.feed(piece)
      while (task.work(512, () => undefined));
    }
  })
  const { ledger } = ledgerOf(task.checkpoint())[0]!
  if (ledger.aggregated !== events) throw new Error(`${events} events: ${JSON.stringify(ledger)}`)
  return { events, ...took }
}

/** Checks every batch, as a reader checks what a broker sent. */
const checksum = async ({ events, pieces }: Workload): Promise<Run> => {
  let bad = 0
  let checked = 0
  const took = await measured(() => {
    for (const { bytes } of pieces)
      for (let at = 0, length; (length = batchBytesAt(bytes, at)) !== 0; at += length) {
        if (!batchCrcMatches(bytes, at, length)) bad++
        checked += length
      }
  })
  if (bad > 0) throw new Error(`${bad} batches fail their checksums`)
  return { events, ...took, bytesPerEvent: checked / events }
}

/** The digests of so many identities, wherever in the bytes they stand. */
const digest = async (
  { events, pieces }: Workload,
  records: 'single' | 'batched',
): Promise<Run> => {
  const sum = sum64()
  const mix = idMix()
  const { bytes } = pieces[0]!
  const idsEnd = bytes.length - 16
  const took = await measured(() => {
    if (records === 'single')
      for (let i = 0; i < events; i++) addIdentity(sum, bytes, (i * 110) % idsEnd)
    else
      for (let i = 0; i < events; i += batchEvents) {
        openBatchMix(mix, bytes, i % idsEnd)
        addBatchEvents(sum, mix, 0, batchEvents)
      }
  })
  if (sum.low === 0 && sum.high === 0) throw new Error('a digest of nothing')
  return { events, ...took }
}

const sides = [
  'single',
  'single without ids',
  'single of one operation',
  'single, checksum alone',
  'single, digest alone',
  'batched',
  'batched of one operation',
  'batched, checksum alone',
  'batched, digest alone',
]

export const costs: Row = {
  name: 'costs',
  title: 'What identity, operations, evidence and checksum cost',
  promises: sides.map((side): Promised => ({
    ...{ what: 'ns of CPU an event', side, figure: 'cpuNsPerEvent' },
  })),
  open: async ({ scale, seed }) => {
    const random = randomOf(seed)
    const events = 500_000 * scale
    const shape = { random, events, services: 50, eventsPerSecond: 50_000 }
    const operations = ['GET /cart']
    const single = singleEvents(shape)
    const unnamed = singleEvents({ ...shape, ids: false })
    const plain = singleEvents({ ...shape, operations })
    const batches = { ...shape, events: 4 * events, eventsPerSecond: 200_000 }
    const batched = eventBatches(batches)
    const plainBatched = eventBatches({ ...batches, operations })
    const runs: readonly (() => Promise<Run>)[] = [
      () => fold(single),
      () => fold(unnamed),
      () => fold(plain),
      () => checksum(single),
      () => digest(single, 'single'),
      () => fold(batched),
      () => fold(plainBatched),
      () => checksum(batched),
      () => digest(batched, 'batched'),
    ]
    return {
      conditions: `${short(events)} single events of 50 services and three operations, ${short(4 * events)} in batches of 1000`,
      sides: sides.map((name, i) => ({ name, run: runs[i]! })),
    }
  },
}
