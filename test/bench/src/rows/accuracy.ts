import { latencyShapes, drawnUs } from '../accuracy/shapes.ts'
import {
  brokenPromise,
  cellsOf,
  errorPercent,
  errorPercentMax,
  quantiles,
  type Cell,
} from '../accuracy/quantiles.ts'
import { randomOf } from '../harness/random.ts'
import type { Answer, Row, Run, Spread } from '../harness/row.ts'
import { short } from '../harness/table.ts'

// How far off a percentile is: the same latencies in Tidemark's histogram, in Prometheus's, and sorted. Each repetition draws anew.

const exact = 'exact sort'
const contenders: readonly { readonly name: string; readonly saidUs: (cell: Cell) => number }[] = [
  { name: 'Tidemark', saidUs: ({ tidemark }) => tidemark.valueUs },
  { name: 'Prometheus, default buckets', saidUs: ({ classicUs }) => classicUs },
  { name: 'Prometheus, native, schema 3', saidUs: ({ nativeUs }) => nativeUs },
]

const largest = 'largest error, %'
type Drawn = readonly (readonly [key: string, cell: Cell])[]
const keyOf = (shape: string, quantile: string): string => `${shape} ${quantile}`

export const accuracy: Row = {
  name: 'accuracy',
  title: 'Percentiles',
  promises: [
    {
      ...{ what: largest, side: 'Tidemark', figure: largest },
      goal: { atMost: errorPercentMax },
    },
    ...contenders.slice(1).map(({ name }) => ({ what: largest, side: name, figure: largest })),
  ],
  table: (answer) => accuracyTable(answer),
  open: async ({ scale, seed }) => {
    const count = Math.ceil(1_000_000 * scale)
    const drawn = oncePerRepetition((repetition) =>
      latencyShapes.flatMap((shape) =>
        cellsOf(drawnUs(shape, count, randomOf(seed + repetition))).map((cell): Drawn[number] => [
          keyOf(shape.name, cell.quantile),
          cell,
        ]),
      ),
    )
    return {
      conditions: `${latencyShapes.length} shapes of ${short(count)} latencies, ${quantiles.map(({ name }) => name).join(', ')} of each, drawn anew in each repetition`,
      warmUps: 0,
      sides: [
        {
          name: exact,
          run: async (repetition) =>
            Object.fromEntries(drawn(repetition).map(([key, { exactUs }]) => [key, exactUs])),
        },
        ...contenders.map(({ name, saidUs }) => ({
          name,
          run: async (repetition: number) => errorsIn(drawn(repetition), saidUs),
        })),
      ],
    }
  },
}

const errorsIn = (drawn: Drawn, saidUs: (cell: Cell) => number): Run => {
  for (const [key, cell] of drawn) {
    const broken = brokenPromise(cell)
    if (broken !== null) throw new Error(`${key}: ${broken}`)
  }
  const errors = drawn.map(
    ([key, cell]) => [key, errorPercent(saidUs(cell), cell.exactUs)] as const,
  )
  const absolute = errors.map(([, percent]) => Math.abs(percent))
  return { ...Object.fromEntries(errors), [largest]: Math.max(...absolute) }
}

/** All sides look at the same latencies; those of one repetition are held at a time. */
const oncePerRepetition = <T>(draw: (repetition: number) => T): ((repetition: number) => T) => {
  let last: { readonly repetition: number; readonly drawn: T } | null = null
  return (repetition) => {
    if (last?.repetition !== repetition) last = { repetition, drawn: draw(repetition) }
    return last.drawn
  }
}

/** A line for every percentile of every shape: the exact value (median of the repetitions) and the largest error of each histogram. */
const accuracyTable = ({ sides }: Answer): readonly string[] => [
  lineOf(['latencies', 'percentile', 'exact', ...contenders.map(({ name }) => name)]),
  lineOf(['---', '---', '--:', ...contenders.map(() => '--:')]),
  ...latencyShapes.flatMap(({ name, words }) =>
    quantiles.map(({ name: quantile }, i) => {
      const key = keyOf(name, quantile)
      const errors = contenders.map((contender) => percent(sides[contender.name]![key]!))
      return lineOf([i === 0 ? words : '', quantile, time(sides[exact]![key]!.median), ...errors])
    }),
  ),
]

const lineOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const percent = ({ min, max }: Spread): string => {
  const worst = Math.abs(min) > Math.abs(max) ? min : max
  // Without a sign where nothing is left of it.
  const digits = Math.abs(worst).toFixed(Math.abs(worst) < 10 ? 2 : 0)
  return `${Number(digits) === 0 ? '' : worst < 0 ? '-' : '+'}${digits} %`
}

const time = (us: number): string => {
  const [divisor, unit] = us >= 1e6 ? [1e6, 's'] : us >= 1e3 ? [1e3, 'ms'] : [1, 'us']
  return `${Number((us / divisor).toPrecision(4))} ${unit}`
}
