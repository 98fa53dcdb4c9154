import { unreachable } from '@tidemark/model'
import { drawExponential } from './distribution.ts'
import { drawBelow, randomStream } from './random.ts'

/** Something that goes wrong with one service for a while, `[fromUs, toUs)` in the time of its producer. */
export type Fault = {
  readonly service: string
  readonly fromUs: number
  readonly toUs: number
} & FaultKind

export type FaultKind =
  /** Latencies are so many times as long. */
  | { readonly fault: 'latency'; readonly times: number }
  /** So many more requests fail, close together. */
  | { readonly fault: 'error-burst'; readonly errorPpm: number }
  /** Every request and every health check fails. */
  | { readonly fault: 'down' }
  /** Nothing is sent. */
  | { readonly fault: 'silent-producer' }
  /** The producer's clock is ahead (or behind, when negative). */
  | { readonly fault: 'clock-skew'; readonly skewUs: number }
  /** A share of the events is sent again, with the same id. */
  | { readonly fault: 'duplicates'; readonly sharePpm: number; readonly againAfterUs: number }
  /** A share of the events is sent long after it happened. */
  | { readonly fault: 'late-events'; readonly sharePpm: number; readonly delayUs: number }

export type FaultName = FaultKind['fault']

export const faultNames = [
  'latency',
  'error-burst',
  'down',
  'silent-producer',
  'clock-skew',
  'duplicates',
  'late-events',
] as const satisfies readonly FaultName[]

/** One line of the truth track: what was wrong, with whom, from when to when. The platform never reads it. */
export type Truth = {
  readonly service: string
  readonly fault: FaultName
  readonly fromUs: number
  readonly toUs: number
}

export const truthOf = ({ service, fault, fromUs, toUs }: Fault): Truth => ({
  service,
  fault,
  fromUs,
  toUs,
})

const second = 1_000_000

/** A fault by name, as strong as it must be to be noticed under the default layout: one window of 10 s and 5 s of grace. */
export const faultByName = (
  fault: FaultName,
  service: string,
  fromUs: number,
  toUs: number,
): Fault => ({ service, fromUs, toUs, ...kindOf(fault) })

const kindOf = (fault: FaultName): FaultKind => {
  switch (fault) {
    case 'latency':
      return { fault, times: 8 }
    case 'error-burst':
      return { fault, errorPpm: 400_000 }
    case 'down':
    case 'silent-producer':
      return { fault }
    case 'clock-skew':
      return { fault, skewUs: 90 * second }
    case 'duplicates':
      return { fault, sharePpm: 200_000, againAfterUs: second / 4 }
    case 'late-events':
      return { fault, sharePpm: 100_000, delayUs: 20 * second }
    default:
      return unreachable(fault)
  }
}

/** How often faults of one service begin in open-ended traffic, and how long they last. */
export type FaultRhythm = {
  /** No fault begins before this much of the traffic is over. */
  readonly calmUs: number
  /** Mean length of the time between two faults. */
  readonly gapUs: number
  readonly lengthUsMin: number
  readonly lengthUsMax: number
}

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
    const name = faultNames[drawBelow(stream, faultNames.length)]!
    yield faultByName(name, service, startUs + elapsedUs, startUs + elapsedUs + lengthUs)
    elapsedUs += lengthUs
  }
}
