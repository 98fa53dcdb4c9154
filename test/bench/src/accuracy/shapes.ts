import type { Random } from '../harness/random.ts'

/** Latencies as services have them: how one is drawn, in whole microseconds. */
export type LatencyShape = {
  readonly name: string
  /** As the table has it. */
  readonly words: string
  readonly drawUs: (random: Random) => number
}

/** The last one is where bounds of buckets and straight lines between them are at their best. */
export const latencyShapes: readonly LatencyShape[] = [
  {
    name: 'sub-millisecond',
    words: 'sub-millisecond: log-normal, median 180 us',
    drawUs: (random) => logNormalUs(random, 180, 0.5),
  },
  {
    name: 'log-normal',
    words: 'log-normal, median 20 ms',
    drawUs: (random) => logNormalUs(random, 20_000, 0.8),
  },
  {
    name: 'bimodal',
    words: 'bimodal: 95 % hits around 3 ms, 5 % misses around 700 ms',
    drawUs: (random) =>
      random() < 0.95 ? logNormalUs(random, 3000, 0.3) : logNormalUs(random, 700_000, 0.2),
  },
  {
    name: 'heavy-tail',
    words: 'heavy tail: Pareto from 10 ms, exponent 1.1',
    drawUs: (random) => Math.round(10_000 * random() ** (-1 / 1.1)),
  },
  {
    name: 'timeouts',
    words: 'time-outs: 3 % end at 30 s, the others around 50 ms',
    drawUs: (random) =>
      random() < 0.03 ? 30_000_000 + Math.round(5000 * random()) : logNormalUs(random, 50_000, 0.6),
  },
  { name: 'constant', words: 'constant, 120 ms', drawUs: () => 120_000 },
  {
    name: 'uniform',
    words: 'uniform, 0 to 1 s',
    drawUs: (random) => Math.round(1_000_000 * random()),
  },
]

const logNormalUs = (random: Random, medianUs: number, sigma: number): number => {
  const normal = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
  return Math.max(1, Math.round(medianUs * Math.exp(sigma * normal)))
}

export const drawnUs = (
  { drawUs }: LatencyShape,
  count: number,
  random: Random,
): Float64Array<ArrayBuffer> => Float64Array.from({ length: count }, () => drawUs(random))
