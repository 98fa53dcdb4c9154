import type { Severity } from '@tidemark/model'

/** Something that goes wrong with one service for a while, `[fromUs, toUs)` in the time of its producer. */
export type Fault = {
  readonly service: string
  readonly fromUs: number
  readonly toUs: number
  /** The least severity by which it should be detected; null: it is no outage, and an alert about it would be a false one. */
  readonly detect: Severity | null
} & FaultKind

export type FaultKind =
  /** Latencies are so many times as long. */
  | { readonly fault: 'latency'; readonly times: number }
  /** Latencies grow evenly, up to so many times as long at the end. */
  | { readonly fault: 'latency-creep'; readonly times: number }
  /** So many more requests fail, close together. */
  | { readonly fault: 'error-burst'; readonly errorPpm: number }
  /** Every request and every health check fails. */
  | { readonly fault: 'down' }
  /** The same for the first part of every period. */
  | { readonly fault: 'flapping'; readonly periodUs: number; readonly downUs: number }
  | RetryStorm
  | NoisyNeighbour
  /** Nothing is sent. */
  | { readonly fault: 'silent-producer' }
  /** The producer's clock is ahead (or behind, when negative). */
  | { readonly fault: 'clock-skew'; readonly skewUs: number }
  /** A share of the events is sent again, with the same id. */
  | { readonly fault: 'duplicates'; readonly sharePpm: number; readonly againAfterUs: number }
  /** A share of the events is sent long after it happened. */
  | { readonly fault: 'late-events'; readonly sharePpm: number; readonly delayUs: number }

/**
 * A share of the requests fails, and each that does is made again, up to so many times, each try failing like the first: at 80 % and
 * 5 retries the load is 3.7 times what it was. The pause before a retry doubles each time, and is up to twice as long by chance.
 */
export type RetryStorm = {
  readonly fault: 'retry-storm'
  readonly errorPpm: number
  readonly retriesMax: number
  readonly backoffUs: number
}

/**
 * A neighbour gets so many times the requests that it has otherwise, and what both use slows the service down: on average its
 * latencies are so many times as long, from second to second in proportion to what the neighbour gets in addition.
 */
export type NoisyNeighbour = {
  readonly fault: 'noisy-neighbour'
  readonly neighbour: string
  readonly surgeTimes: number
  readonly times: number
}

export type FaultName = FaultKind['fault']
/** What a fault is called that needs no other service. */
export type LoneFaultName = Exclude<FaultName, NoisyNeighbour['fault']>

export const loneFaultNames = [
  'latency',
  'latency-creep',
  'error-burst',
  'down',
  'flapping',
  'retry-storm',
  'silent-producer',
  'clock-skew',
  'duplicates',
  'late-events',
] as const satisfies readonly LoneFaultName[]

export const faultNames = [
  ...loneFaultNames,
  'noisy-neighbour',
] as const satisfies readonly FaultName[]

/** One line of the truth track: what was wrong, with whom, from when to when, and how it should be told. The platform never reads it. */
export type Truth = Pick<Fault, 'service' | 'fault' | 'fromUs' | 'toUs' | 'detect'>

export const truthOf = ({ service, fault, fromUs, toUs, detect }: Fault): Truth => ({
  service,
  fault,
  fromUs,
  toUs,
  detect,
})

/** A fault by name, as strong as it must be to be noticed under the default layout: one window of 10 s and 5 s of grace. */
export const faultByName = (
  fault: LoneFaultName,
  service: string,
  fromUs: number,
  toUs: number,
): Fault => ({ service, fromUs, toUs, detect: detectedAs[fault], ...usualFaults[fault] })

/** The severity by which each fault should be told unless somebody says otherwise: what it does to users, not what rules can see. */
export const detectedAs: { readonly [N in FaultName]: Severity | null } = {
  latency: 'warning',
  'latency-creep': 'warning',
  'error-burst': 'critical',
  down: 'page',
  flapping: 'page',
  'retry-storm': 'critical',
  'noisy-neighbour': 'warning',
  'silent-producer': 'critical',
  'clock-skew': null,
  duplicates: null,
  'late-events': null,
}

const second = 1_000_000

/** How strong each fault is unless somebody says otherwise. */
export const usualFaults = {
  latency: { fault: 'latency', times: 8 },
  'latency-creep': { fault: 'latency-creep', times: 20 },
  'error-burst': { fault: 'error-burst', errorPpm: 400_000 },
  down: { fault: 'down' },
  flapping: { fault: 'flapping', periodUs: 180 * second, downUs: 40 * second },
  'retry-storm': {
    ...{ fault: 'retry-storm', errorPpm: 800_000 },
    ...{ retriesMax: 5, backoffUs: second / 5 },
  },
  'noisy-neighbour': { fault: 'noisy-neighbour', surgeTimes: 10, times: 8 },
  'silent-producer': { fault: 'silent-producer' },
  'clock-skew': { fault: 'clock-skew', skewUs: 90 * second },
  duplicates: { fault: 'duplicates', sharePpm: 200_000, againAfterUs: second / 4 },
  'late-events': { fault: 'late-events', sharePpm: 100_000, delayUs: 20 * second },
} as const satisfies UsualFaults

type UsualFaults = {
  readonly [N in FaultName]: Omit<Extract<FaultKind, { readonly fault: N }>, 'neighbour'>
}
