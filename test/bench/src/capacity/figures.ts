/** What one event costs, and what a service costs in a window. */
export type Figures = {
  readonly kinds: readonly KindFigures[]
  /** Bytes on derived topics for a service and a window, and of the evaluator's saved state for a service. */
  readonly derivedBytesPerServiceWindow: number
  readonly evaluatorStateBytesPerService: number
  readonly evaluatorCpuUsPerServiceWindow: Measured
  /** Of the sink, for a service and a window. */
  readonly storeRowsPerServiceWindow: number
}

export type KindFigures = {
  readonly kind: 'single' | 'batched'
  /** CPU of an aggregator process, from a fetched byte to a committed window. */
  readonly aggregatorCpuNsPerEvent: Measured
  /** As it stands on the log, uncompressed, with its share of what is around it. */
  readonly logBytesPerEvent: number
  /** A batch has one id for all of its events. */
  readonly idsPerEvent: number
}

/** `isInReadme` false: the table there has no such line yet, and the value is what short runs on a busy machine gave. */
export type Measured = {
  readonly value: number
  readonly row: string
  readonly isInReadme: boolean
}

/** What stands in the README's table, and in short runs where nothing stands there. */
export const figuresIn = (readme: string): Figures => {
  const measured = (
    { row, figure }: Cell,
    fallback: number,
    of: (cell: number) => number,
  ): Measured => {
    const cell = cellIn(readme, row, figure)
    return { value: of(cell ?? fallback), row, isInReadme: cell !== null }
  }
  const nsOf = (perCpuSecond: number): number => 1e9 / perCpuSecond
  return {
    kinds: [
      {
        kind: 'single',
        aggregatorCpuNsPerEvent: measured(cells.single, 700_000, nsOf),
        ...{ logBytesPerEvent: 83, idsPerEvent: 1 },
      },
      {
        kind: 'batched',
        aggregatorCpuNsPerEvent: measured(cells.batched, 3_900_000, nsOf),
        ...{ logBytesPerEvent: 9.1, idsPerEvent: 0.001 },
      },
    ],
    // 445 of aggregates, 936 of assessments, 512 of fleet; 3,423 of state: test/bench/src/counts/outputs.test.ts.
    derivedBytesPerServiceWindow: 445 + 936 + 512,
    evaluatorStateBytesPerService: 3423,
    evaluatorCpuUsPerServiceWindow: measured(cells.evaluator, 100, (us) => us),
    // Two windows, three operations, an assessment.
    storeRowsPerServiceWindow: 2 + 3 + 1,
  }
}

type Cell = { readonly row: string; readonly figure: string }

/** Where the figures stand in the README: the row, and its figure as the table calls it. */
export const cells = {
  single: { row: 'kafka-single', figure: 'tidemark: events per CPU-second' },
  batched: { row: 'kafka-batched', figure: 'tidemark: events per CPU-second' },
  evaluator: { row: 'evaluator', figure: 'one SLO each: CPU-us a service' },
} as const satisfies Record<string, Cell>

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
