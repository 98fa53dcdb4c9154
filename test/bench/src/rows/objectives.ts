import { defaultConfiguration } from '@tidemark/model'
import { judging } from '../evaluator/judging.ts'
import { partitionOf, windowUs } from '../evaluator/partition.ts'
import { randomOf } from '../harness/random.ts'
import type { Row } from '../harness/row.ts'

// What objectives add: the same services with three each and with none.

const services = 667
const windows = 20

export const objectives: Row = {
  name: 'objectives',
  title: '2,000 objectives',
  promises: [
    {
      ...{ what: 'ms a window', side: 'three each', figure: 'wallMs' },
      goal: { atMost: windowUs / 1000 },
    },
    { what: 'CPU-ms a window', side: 'three each', figure: 'cpuMs' },
    { what: 'CPU-ms a window', side: 'three each', figure: 'cpuMs', against: 'none' },
  ],
  open: async ({ scale, seed }) => {
    const random = randomOf(seed)
    const count = Math.max(1, Math.round(services * scale))
    const { slos } = defaultConfiguration
    const one = { random, services: count, windows: windows + 1 }
    const withThem = partitionOf({ ...one, slos })
    const without = partitionOf({ ...one, slos: [] })
    return {
      conditions: `${count} services with ${slos.length} objectives each, availability, latency and jobs, a month of counts behind them`,
      sides: [
        { name: 'three each', run: () => judging(withThem) },
        { name: 'none', run: () => judging(without) },
      ],
    }
  },
}
