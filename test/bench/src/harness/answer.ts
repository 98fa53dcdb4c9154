import type { Answer, Kept, Opened, Promised, Row, Run, Setting, Spread } from './row.ts'
import { spread } from './spread.ts'

export type Runs = ReadonlyMap<string, readonly Run[]>

/** Runs every side of an opened row in turn, so that what disturbs the machine disturbs all of them. */
export const runsOf = async (
  { sides, warmUps = 1 }: Opened,
  repetitions: number,
  { note }: Pick<Setting, 'note'>,
): Promise<Runs> => {
  const runs = new Map<string, Run[]>(sides.map(({ name }) => [name, []]))
  for (let i = -warmUps; i < repetitions; i++)
    for (const { name, run, repetitionsMax = repetitions } of sides) {
      if (i >= repetitionsMax) continue
      const figures = await run(i)
      note(`${i < 0 ? 'warm-up' : `repetition ${i + 1}`}, ${name}: ${JSON.stringify(figures)}`)
      if (i >= 0) runs.get(name)!.push(withRates(figures))
    }
  return runs
}

/** Rates follow from what was counted and how long it took. */
const withRates = (run: Run): Run => ({
  ...run,
  ...(run.events !== undefined && {
    ...(run.wallMs !== undefined && { eventsPerSecond: (1000 * run.events) / run.wallMs }),
    ...(run.cpuMs !== undefined && {
      eventsPerCpuSecond: (1000 * run.events) / run.cpuMs,
      cpuNsPerEvent: (1_000_000 * run.cpuMs) / run.events,
    }),
  }),
})

export const answerOf = (
  { name, title, promises }: Row,
  { conditions }: Opened,
  runs: Runs,
  about: Pick<Answer, 'seed' | 'scale' | 'machine' | 'commit' | 'date'>,
): Answer => ({
  row: name,
  title,
  conditions,
  repetitions: Math.max(...[...runs.values()].map((of) => of.length)),
  ...about,
  sides: Object.fromEntries([...runs].map(([side, of]) => [side, spreadsOf(of)])),
  promises: promises.map((promised) => kept(promised, runs)),
})

const spreadsOf = (runs: readonly Run[]): Readonly<Record<string, Spread>> =>
  Object.fromEntries(
    Object.keys(runs[0]!).map((figure) => [figure, spread(runs.map((run) => run[figure]!))]),
  )

const kept = (promised: Promised, runs: Runs): Kept => {
  const of = (side: string): readonly number[] => {
    const figures = runs.get(side)?.map((run) => run[promised.figure])
    if (figures === undefined || figures.some((figure) => figure === undefined))
      throw new Error(
        `${promised.what}: no figure ${promised.figure} of side ${side}; sides are ${[...runs.keys()].join(', ')}`,
      )
    return figures as number[]
  }
  const own = of(promised.side)
  const others =
    promised.above !== undefined
      ? of(promised.above)
      : promised.against === undefined
        ? null
        : leastOf([promised.against].flat().map(of))
  const compared = (value: number, other: number): number =>
    promised.above === undefined ? value / other : value - other
  const pairs = Math.min(own.length, others?.length ?? own.length)
  const values = spread(
    own.slice(0, pairs).map((value, i) => (others === null ? value : compared(value, others[i]!))),
  )
  return { ...promised, values, isReached: isReached(promised.goal, values.median) }
}

/** Repetition by repetition. */
const leastOf = (sides: readonly (readonly number[])[]): readonly number[] =>
  Array.from({ length: Math.min(...sides.map((values) => values.length)) }, (_, i) =>
    Math.min(...sides.map((values) => values[i]!)),
  )

const isReached = (goal: Promised['goal'], median: number): boolean | null => {
  if (goal === undefined) return null
  return 'atLeast' in goal ? median >= goal.atLeast : median <= goal.atMost
}
