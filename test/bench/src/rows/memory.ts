import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fillingText, fillLog, type Filling } from '../filled-log.ts'
import { ownProcess } from '../harness/own-process.ts'
import type { Row, Run } from '../harness/row.ts'

// What a whole aggregator process takes, log and commits included, while it folds a dozen windows of many services with few requests.

const services = 10_000
const requestsPerWindow = 20
const windows = 12
/** Of the default layout. */
const partitions = 4

export const memory: Row = {
  name: 'memory',
  title: 'Memory of one aggregator, 10,000 services with 20 requests a window each',
  promises: [
    {
      ...{ what: 'resident MB at most', side: 'aggregator', figure: 'residentMbMax' },
      goal: { atMost: 400 },
    },
    { what: 'MB held behind a collection', side: 'aggregator', figure: 'heldMb' },
    {
      what: 'us of CPU a row of a service and a window',
      side: 'aggregator',
      figure: 'cpuUsPerRow',
    },
  ],
  open: async ({ folder, scale, seed, note }) => {
    const filling: Filling = {
      ...{ kind: 'single', seed, servicesPerPartition: services / partitions },
      events: Math.ceil(services * requestsPerWindow * windows * scale),
    }
    note(`filling a log with ${fillingText(filling)}`)
    await fillLog(join(folder, 'log'), filling)
    const run = async (): Promise<Run> => {
      const copy = join(folder, 'copy')
      cpSync(join(folder, 'log'), copy, { recursive: true })
      try {
        const { residentBytesMax, heldBytes, cpuMs, rows, ...others } = await ownProcess({
          ...{ script: '../processes/replaying.ts', args: [copy, String(filling.events)] },
          nodeOptions: ['--expose-gc'],
        })
        return {
          ...{ ...others, rows: rows!, cpuMs: cpuMs! },
          ...{ residentMbMax: residentBytesMax! / 1e6, heldMb: heldBytes! / 1e6 },
          cpuUsPerRow: (1000 * cpuMs!) / rows!,
        }
      } finally {
        rmSync(copy, { recursive: true })
      }
    }
    return {
      conditions: `${fillingText(filling)}, exactly once, read as fast as it goes`,
      sides: [{ name: 'aggregator', run }],
      warmUps: 0,
    }
  },
}
