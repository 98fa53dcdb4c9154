import { join } from 'node:path'
import { aggregator } from '@tidemark/aggregator'
import { openLog, provision, runApp } from '@tidemark/assembly'
import type { Log } from '@tidemark/log'
import { openEmbeddedLog } from '@tidemark/log-embedded'
import { defaultLayout, type Layout, type Offset } from '@tidemark/model'
import { measured } from '../harness/measured.ts'
import { randomOf } from '../harness/random.ts'
import type { Row, Run, Side } from '../harness/row.ts'
import { short } from '../harness/table.ts'
import { singleEvents } from '../workload.ts'

// How long an aggregator task takes to stand where its predecessor stood, with 10,000 service-windows open: once by reading the open windows'
// events again, once from saved windows, as it is where that reading would exceed the restore budget. Beside it the same stretch of the log is
// only read.

const services = 5000
const eventsPerSecond = 100_000
const seconds = 25
/** At 25 s the windows from 10 s on are open. */
const openFromSecond = 10

const layoutWith = (restoreBudgetEvents: number): Layout => ({
  ...defaultLayout,
  partitions: 1,
  timestamps: 'producer',
  limits: { ...defaultLayout.limits, restoreBudgetEvents },
})

const caughtUp = async (log: Log, layout: Layout): Promise<void> => {
  const context = { log, layout, store: '' }
  await runApp(aggregator, context, { untilCaughtUp: true }, new AbortController().signal)
}

const read = async (log: Log, from: number, to: number): Promise<void> => {
  for (let position = from; position < to;)
    position = (await log.read({ topic: 'requests', partition: 0, fromOffset: position as Offset }))
      .nextOffset
}

export const restore: Row = {
  name: 'restore',
  title: 'Restoring an aggregator',
  promises: ['by reading again', 'from saved windows'].flatMap((side) => [
    { what: 'ms', side, figure: 'wallMs' },
    { what: 'CPU-ms', side, figure: 'cpuMs' },
    { what: 'CPU-ms', side, figure: 'cpuMs', against: 'bare read' },
  ]),
  open: async ({ folder, scale, seed, note }) => {
    const perSecond = Math.round(eventsPerSecond * scale)
    const events = perSecond * seconds
    const logs: Log[] = []
    const sides: Side[] = []
    const kinds = [
      ['by reading again', defaultLayout.limits.restoreBudgetEvents],
      ['from saved windows', 0],
    ] as const
    for (const [name, budget] of kinds) {
      note(`filling and folding a log: ${name}`)
      const layout = layoutWith(budget)
      const at = join(folder, String(budget))
      const filling = await openEmbeddedLog({ folder: at })
      await provision(filling, layout)
      const random = randomOf(seed)
      const { pieces } = singleEvents({ random, events, services, eventsPerSecond: perSecond })
      for (const piece of pieces) await filling.importBatches(piece)
      await filling.close()
      const log = await openLog({ kind: 'embedded', folder: at })
      await caughtUp(log, layout)
      logs.push(log)
      const run = async (): Promise<Run> => ({ ...(await measured(() => caughtUp(log, layout))) })
      sides.push({ name, run })
    }
    const from = perSecond * openFromSecond
    const run = async (): Promise<Run> => ({
      ...(await measured(() => read(logs[0]!, from, events))),
    })
    return {
      conditions: `${short(2 * services)} service-windows open at ${short(perSecond)} events/s, ${short(events - from)} events to read again`,
      sides: [...sides, { name: 'bare read', run }],
      close: async () => {
        for (const log of logs) await log.close()
      },
    }
  },
}
