import { defaultConfiguration, type Slo } from '@tidemark/model'
import { boundYoungGeneration } from '@tidemark/runtime'
import { judging, judgingPlainly, restored } from '../evaluator/judging.ts'
import { partitionOf, type Partition } from '../evaluator/partition.ts'
import { measured } from '../harness/measured.ts'
import { randomOf } from '../harness/random.ts'
import type { Row, Run, Side } from '../harness/row.ts'

// One partition of an evaluator: what a window takes, from the aggregates' bytes to the bytes of what is said of every service; and what taking
// the task over takes, which is to restore the state.

const [availability] = defaultConfiguration.slos as readonly [Slo]
/** More of them where they are small, for one alone would be over before it can be measured. */
const windowsOf = (services: number): number =>
  Math.max(3, Math.min(300, Math.round(30_000 / services)))

const restoring = async (partition: Partition): Promise<Run> => {
  const took = await measured(() => void restored(partition))
  const fold = restored(partition)
  const save = await measured(() => {
    fold.snapshotNext()
    fold.checkpoint()
  })
  const bytes = [...fold.checkpoint().values()].reduce((sum, { length }) => sum + length, 0)
  return { ...took, saveCpuMs: save.cpuMs, checkpointMb: bytes / 1e6 }
}

const shapes = [
  { name: 'one SLO each', services: 10_000, slos: [availability] },
  { name: 'default rules alone', services: 10_000, slos: [] },
  { name: '1,000 services', services: 1000, slos: [availability] },
  { name: '10 services', services: 10, slos: [availability] },
] as const

export const evaluator: Row = {
  name: 'evaluator',
  title: 'Evaluator, a window of 10,000 services',
  promises: [
    { what: 'CPU-ms a window', side: 'one SLO each', figure: 'cpuMs', goal: { atMost: 1000 } },
    { what: 'CPU-ms a window', side: 'default rules alone', figure: 'cpuMs' },
    { what: 'CPU-ms a window', side: 'one SLO each', figure: 'cpuMs', against: 'plain loop' },
    { what: 'CPU-us a service', side: 'one SLO each', figure: 'cpuUsPerService' },
    { what: 'CPU-us a service', side: '1,000 services', figure: 'cpuUsPerService' },
    { what: 'CPU-us a service', side: '10 services', figure: 'cpuUsPerService' },
    { what: 'CPU-ms', side: 'restore', figure: 'cpuMs', goal: { atMost: 2000 } },
    { what: 'ms', side: 'restore', figure: 'wallMs', goal: { atMost: 2000 } },
    { what: 'CPU-ms to save all of it', side: 'restore', figure: 'saveCpuMs' },
    { what: 'MB of checkpoint', side: 'restore', figure: 'checkpointMb' },
  ],
  open: async ({ scale, seed, note }) => {
    // As in every process that is operated.
    const unbound = boundYoungGeneration()
    const random = randomOf(seed)
    const partitions = shapes.map(({ name, services, slos }) => {
      note(`a month of ${name}`)
      const count = Math.max(1, Math.round(services * Math.min(1, scale)))
      return partitionOf({ random, services: count, slos, windows: windowsOf(count) + 1 })
    })
    const sides = shapes.map(({ name }, n): Side => ({ name, run: () => judging(partitions[n]!) }))
    return {
      conditions: `a month of counts behind each, 10 to 30 requests of 3 operations a service and window, horizon of 6 windows; decoded, judged, encoded`,
      sides: [
        ...sides,
        { name: 'plain loop', run: () => judgingPlainly(partitions[0]!) },
        { name: 'restore', run: () => restoring(partitions[0]!) },
      ],
      close: async () => unbound(),
    }
  },
}
