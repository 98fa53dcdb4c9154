import { exp, ln } from './logarithm.ts'
import type { RandomStream } from './random.ts'

/** A standard normal variate, by Marsaglia's polar method (the second variate of the pair is not kept). */
export const drawNormal = (stream: RandomStream): number => {
  // Accepts 79 of 100 pairs.
  for (;;) {
    const x = 2 * stream.unit() - 1
    const y = 2 * stream.unit() - 1
    const square = x * x + y * y
    if (square > 0 && square < 1) return x * Math.sqrt((-2 * ln(square)) / square)
  }
}

/** A log-normal variate: its median, and the standard deviation of its logarithm. */
export const drawLogNormal = (stream: RandomStream, median: number, sigma: number): number =>
  median * exp(sigma * drawNormal(stream))

/** An exponential variate: the gap between two arrivals of a Poisson process. */
export const drawExponential = (stream: RandomStream, mean: number): number =>
  -mean * ln(1 - stream.unit())
