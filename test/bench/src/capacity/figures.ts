/** What one event costs, and what a service costs in a window. */
export type Figures = {
  readonly kinds: readonly KindFigures[]
  /** Bytes on derived topics for a service and a window, and of the evaluator's saved state for a service. */
  readonly derivedBytesPerServiceWindow: number
  readonly evaluatorStateBytesPerService: number
  readonly evaluatorCpuUsPerServiceWindow: number
}

export type KindFigures = {
  readonly kind: 'single' | 'batched'
  /** CPU of an aggregator process, from a fetched byte to a committed window. */
  readonly aggregatorCpuNsPerEvent: number
  /** As it stands on the log, uncompressed. */
  readonly logBytesPerEvent: number
  /** A batch has one id for all of its events. */
  readonly idsPerEvent: number
}

/**
 * From the table in the README, where the rows `kafka-single`, `kafka-batched` and `evaluator` stand. What stands there not yet is taken from
 * short runs of the same rows on a busy machine.
 */
export const figuresIn = (readme: string): Figures => ({
  kinds: [
    {
      kind: 'single',
      aggregatorCpuNsPerEvent: 1e9 / (cellIn(readme, 'kafka-single', perCpuSecond) ?? 700_000),
      ...{ logBytesPerEvent: 76, idsPerEvent: 1 },
    },
    {
      kind: 'batched',
      aggregatorCpuNsPerEvent: 1e9 / (cellIn(readme, 'kafka-batched', perCpuSecond) ?? 3_900_000),
      ...{ logBytesPerEvent: 9.3, idsPerEvent: 0.001 },
    },
  ],
  // 445 of aggregates, 936 of assessments, 512 of fleet; 3,423 of state: test/bench/src/counts/outputs.test.ts.
  derivedBytesPerServiceWindow: 445 + 936 + 512,
  evaluatorStateBytesPerService: 3423,
  evaluatorCpuUsPerServiceWindow:
    cellIn(readme, 'evaluator', 'one SLO each: CPU-us a service') ?? 100,
})

const perCpuSecond = 'tidemark: events per CPU-second'

/** The median in a row's line of the table, null where there is none: `| ... | tidemark: events per CPU-second | 2.31 M (2.2 M to 2.4 M) |`. */
export const cellIn = (readme: string, row: string, figure: string): number | null => {
  let current = ''
  for (const line of readme.split('\n')) {
    const named = /\(`([a-z0-9-]+)`,/.exec(line)?.[1]
    if (named !== undefined) current = named
    else if (!line.startsWith('|  |')) current = ''
    const [, cell, values = ''] = line.split(' | ')
    const found = /^([\d.]+)( [kM])?/.exec(values)
    if (current === row && cell === figure && found !== null)
      return Number(found[1]) * (found[2] === ' M' ? 1e6 : found[2] === ' k' ? 1e3 : 1)
  }
  return null
}
