import { aggregatorFold, ledgerOf } from '@tidemark/aggregation'
import { inputSchemas } from '@tidemark/codec'
import { defaultLayout, type Layout } from '@tidemark/model'
import { bareFold } from '../baselines/bare-fold.ts'
import { measured } from '../harness/measured.ts'
import { randomOf } from '../harness/random.ts'
import type { Row, Run } from '../harness/row.ts'
import { eventBatches, singleEvents, type Workload } from '../workload.ts'

// The fold alone, from memory, without a log: cursor, frame, reader, names, identities, digest, histogram, closing of windows.

const layout: Layout = {
  ...defaultLayout,
  limits: { ...defaultLayout.limits, identitiesPerWindow: 4_000_000 },
}

const fold = async ({ events, pieces }: Workload, rowsMin: number): Promise<Run> => {
  let rows = 0
  const task = aggregatorFold({ layout, partition: 0, schemas: inputSchemas, checkpoint: null })
  const took = await measured(() => {
    for (const piece of pieces) {
      task.feed(piece)
      while (task.work(512, ({ topic }) => void (rows += topic === 'aggregates' ? 1 : 0)));
    }
  })
  const { ledger, open } = ledgerOf(task.checkpoint())[0]!
  if (ledger.aggregated !== events || open > events || rows < rowsMin)
    throw new Error(`${events} events, ${rows} rows: ${JSON.stringify(ledger)}`)
  return { events, ...took, rows }
}

const bare = async (
  records: 'single' | 'batched',
  { events, pieces }: Workload,
  rowsMin: number,
): Promise<Run> => {
  const loop = bareFold(records)
  const took = await measured(() => pieces.forEach(loop.feed))
  const counted = loop.counted()
  if (counted.events !== events || counted.rows < rowsMin)
    throw new Error(`baseline: ${counted.events} of ${events} events, ${counted.rows} rows`)
  return { events, ...took, rows: counted.rows }
}

export const folding: Row = {
  name: 'folding',
  title: 'Fold alone, from memory',
  promises: [
    ...['single', 'single, 10,000 services', 'batched'].flatMap((side) => [
      { what: 'events per CPU-second', side, figure: 'eventsPerCpuSecond' },
      {
        ...{ what: 'events per CPU-second', side, figure: 'eventsPerCpuSecond' },
        against: `bare loop, ${side}`,
      },
    ]),
  ],
  open: async ({ scale, seed }) => {
    const random = randomOf(seed)
    const events = 1_000_000 * scale
    const rowsMin = Math.min(100, events / 10_000)
    const single = singleEvents({ random, events, services: 50, eventsPerSecond: 50_000 })
    const many = singleEvents({ random, events, services: 10_000, eventsPerSecond: 20_000 })
    const batched = eventBatches({
      ...{ random, events: 5 * events, services: 50, eventsPerSecond: 200_000 },
    })
    return {
      conditions: `${events} single events of 50 and of 10,000 services, ${5 * events} in batches of 1000`,
      sides: [
        { name: 'single', run: () => fold(single, rowsMin) },
        { name: 'bare loop, single', run: () => bare('single', single, rowsMin) },
        { name: 'single, 10,000 services', run: () => fold(many, rowsMin) },
        { name: 'bare loop, single, 10,000 services', run: () => bare('single', many, rowsMin) },
        { name: 'batched', run: () => fold(batched, rowsMin) },
        { name: 'bare loop, batched', run: () => bare('batched', batched, rowsMin) },
      ],
    }
  },
}
