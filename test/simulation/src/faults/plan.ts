import { defaultLayout, type Configuration, type Layout } from '@tidemark/model'
import { configurationsOf } from './configurations.ts'
import { faultClasses, type FaultClass } from './fault-classes.ts'
import { draws, type Draws } from './random.ts'

/** What a seed stands for: which faults there are, how often they strike, and how everything else is set. */
export type Plan = {
  readonly seed: number
  readonly layout: Layout
  /** What operators put in force while it runs; the layout's own among them. */
  readonly configurations: readonly Configuration[]
  /** How long services stay ill or well. */
  readonly moodMs: number
  /** Where simulated time begins. */
  readonly startMs: number
  readonly faultsFromMs: number
  readonly faultsUntilMs: number
  readonly loadUntilMs: number
  /** How often the fault strikes, from 0 (never) to 1; what 1 means differs by class. */
  readonly rates: Readonly<Record<FaultClass, number>>
  readonly replicas: Readonly<Record<'aggregator' | 'evaluator' | 'reporter' | 'sink', number>>
  readonly commitIntervalMs: number
  readonly pendingOutputsMax: number
  readonly snapshotEveryWindows: number
  /** Time that work takes by the clock of a process, every time that it looks at it. */
  readonly workMs: number
  readonly fencesItself: boolean
  readonly sessionMs: number
  readonly rebalanceMs: number
  readonly transactionMs: number
  /** How far the clocks of machines are off in the beginning. */
  readonly skewMs: number
}

const second = 1_000_000
const startMs = 1_760_000_000_000

/** One run in so many has no faults at all. */
const withoutFaults = 25
const classShare = 0.45

export const planOf = (seed: number): Plan => {
  const draw = draws(seed, 'plan')
  const isQuiet = draw.chance(1 / withoutFaults)
  const rateOf = (): number => (!isQuiet && draw.chance(classShare) ? 0.15 + 0.85 * draw.unit() : 0)
  const offsetMs = draw.between(0, 40_000)
  const loadMs = draw.between(36_000, 52_000)
  const more = draws(seed, 'configurations')
  // Small windows give alerts the time to flap in.
  const windowUs = more.pick([10, 10, 10, 5, 2]) * second
  const configurations = configurationsOf(more, startMs + offsetMs, windowUs)
  return {
    seed,
    layout: layoutOf(draw, draws(seed, 'operations per window'), windowUs, configurations[0]),
    configurations,
    moodMs: windowUs < 10 * second && more.chance(0.7) ? windowUs / 1000 : 25_000,
    startMs: startMs + offsetMs,
    faultsFromMs: startMs + offsetMs + 3000,
    faultsUntilMs: startMs + offsetMs + loadMs - 5000,
    loadUntilMs: startMs + offsetMs + loadMs,
    rates: Object.fromEntries(faultClasses.map((name) => [name, rateOf()])) as Plan['rates'],
    replicas: {
      aggregator: draw.between(1, 3),
      evaluator: draw.between(1, 2),
      reporter: draw.between(1, 2),
      sink: draw.between(1, 2),
    },
    commitIntervalMs: draw.pick([200, 500, 1000, 3000]),
    pendingOutputsMax: draw.pick([20_000, 3]),
    snapshotEveryWindows: draw.pick([1, 3, 60]),
    workMs: draw.chance(0.2) ? draw.between(1, 12) : 0,
    fencesItself: draw.chance(0.5),
    sessionMs: 9000,
    rebalanceMs: 6000,
    transactionMs: 8000,
    skewMs: draw.chance(0.3) ? draw.between(-7_200_000, 7_200_000) : 0,
  }
}

/** Small thresholds and, now and then, small limits, so that a run of a minute raises and resolves alerts, and overflows. */
const layoutOf = (
  draw: Draws,
  crowd: Draws,
  windowUs: number,
  configuration: Configuration,
): Layout => ({
  ...defaultLayout,
  partitions: 2,
  windowUs,
  graceUs: draw.pick([0, 2, 5]) * second,
  tickIntervalMs: draw.pick([1000, 2000, 4000]),
  limits: {
    ...defaultLayout.limits,
    servicesPerWindow: draw.chance(0.2) ? 2 : defaultLayout.limits.servicesPerWindow,
    operationsPerServiceWindow: draw.chance(0.2) ? 1 : 200,
    operationsPerWindow: crowd.chance(0.2) ? 3 : defaultLayout.limits.operationsPerWindow,
    identitiesPerWindow: draw.chance(0.2) ? 20 : defaultLayout.limits.identitiesPerWindow,
    restoreBudgetEvents: draw.pick([defaultLayout.limits.restoreBudgetEvents, 40]),
    maxAheadMs: draw.pick([defaultLayout.limits.maxAheadMs, 8000]),
    rejectedBytes: draw.pick([4096, 16]),
  },
  configuration,
})
