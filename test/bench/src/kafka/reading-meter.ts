import type { Run } from '../harness/row.ts'

/** What a process that reads a topic to its end is told. */
export type Reading = {
  readonly brokers: readonly string[]
  readonly prefix: string
  readonly partitions: number
  readonly records: number
  /** A group of its own begins at the beginning. */
  readonly processor: string
}

/** From what came first, which is not counted any more, to the last record. */
export const readingMeter = (records: number) => {
  let first: { readonly count: number; readonly ms: number; readonly cpu: NodeJS.CpuUsage } | null =
    null
  let [seen, valueBytes] = [0, 0]
  let run: Run | null = null
  return {
    isDone: () => run !== null,
    read: (count: number, bytes: number): void => {
      seen += count
      valueBytes += bytes
      first ??= { count, ms: performance.now(), cpu: process.cpuUsage() }
      if (seen < records) return
      const { user, system } = process.cpuUsage(first.cpu)
      run = {
        ...{ events: seen - first.count, seen, valueBytes },
        ...{ wallMs: performance.now() - first.ms, cpuMs: (user + system) / 1000 },
        residentBytesMax: process.resourceUsage().maxRSS * 1024,
      }
    },
    run: (): Run => {
      if (run === null) throw new Error(`${seen} of ${records} records were read`)
      return run
    },
  }
}
