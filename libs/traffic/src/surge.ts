import { drawExponential } from './distribution.ts'
import type { Fault, NoisyNeighbour } from './fault.ts'
import { randomStream } from './random.ts'

/** What a noisy neighbour gets in addition, and how it weighs on the service beside it. */
export type Surge = {
  /** Times of the neighbour's additional requests, ascending: a Poisson process. */
  readonly timesUs: () => Iterable<number>
  /** How many of them there are in a second, on average. */
  readonly perSecond: number
}

export type NeighbourFault = Extract<Fault, NoisyNeighbour>

const second = 1_000_000

/** `perSecond` is what the neighbour gets otherwise. The surge draws from a stream of its own, so the neighbour's other requests stay what they are. */
export const surgeOf = (
  fault: NeighbourFault,
  { seed, startUs, perSecond }: { seed: number; startUs: number; perSecond: number },
): Surge => {
  const { service, neighbour, fromUs, toUs, surgeTimes } = fault
  const more = perSecond * (surgeTimes - 1)
  const name = `surge beside ${service} from ${fromUs - startUs}`
  return {
    perSecond: more,
    *timesUs() {
      const stream = randomStream(seed, neighbour, name)
      let elapsedUs = 0
      for (;;) {
        elapsedUs += drawExponential(stream, second / more)
        if (elapsedUs >= toUs - fromUs) return
        yield fromUs + Math.floor(elapsedUs)
      }
    },
  }
}

/** So many times as long are the latencies at a moment; moments are asked for in ascending order. Holds one second of the surge. */
export const slowdownBy = (
  { timesUs, perSecond }: Surge,
  times: number,
): ((atUs: number) => number) => {
  const upcoming = timesUs()[Symbol.iterator]()
  let next = upcoming.next()
  const recent: number[] = []
  return (atUs) => {
    for (; next.done !== true && next.value <= atUs; next = upcoming.next()) recent.push(next.value)
    while (recent[0]! <= atUs - second) recent.shift()
    return 1 + ((times - 1) * recent.length) / perSecond
  }
}
