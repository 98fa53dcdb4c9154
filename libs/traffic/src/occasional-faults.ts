import { drawExponential } from './distribution.ts'
import { faultByName, type Fault, type LoneFaultName } from './fault.ts'
import { drawBelow, randomStream } from './random.ts'

/** How often faults of one service begin in open-ended traffic, and how long they last. */
export type FaultRhythm = {
  /** No fault begins before this much of the traffic is over. */
  readonly calmUs: number
  /** Mean length of the time between two faults. */
  readonly gapUs: number
  readonly lengthUsMin: number
  readonly lengthUsMax: number
}

/** One of these is drawn by its number, so this list never changes: what a seed means would. */
export const occasionalFaultNames = [
  'latency',
  'error-burst',
  'down',
  'silent-producer',
  'clock-skew',
  'duplicates',
  'late-events',
] as const satisfies readonly LoneFaultName[]

/** Faults of one service, one after the other, for ever: drawn from the service's own stream. */
export function* occasionalFaults(
  seed: number,
  service: string,
  startUs: number,
  rhythm: FaultRhythm,
): Generator<Fault> {
  const stream = randomStream(seed, service, 'faults')
  let elapsedUs = rhythm.calmUs
  for (;;) {
    elapsedUs += Math.ceil(drawExponential(stream, rhythm.gapUs))
    const lengthUs =
      rhythm.lengthUsMin + drawBelow(stream, rhythm.lengthUsMax - rhythm.lengthUsMin + 1)
    const name = occasionalFaultNames[drawBelow(stream, occasionalFaultNames.length)]!
    yield faultByName(name, service, startUs + elapsedUs, startUs + elapsedUs + lengthUs)
    elapsedUs += lengthUs
  }
}
