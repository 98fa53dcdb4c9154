import { windowStartOf } from '@tidemark/model'
import { drawExponential, drawLogNormal, drawNormal } from './distribution.ts'
import type { FaultRhythm } from './occasional-faults.ts'
import type { ServiceProfile } from './profile.ts'
import { drawBelow, randomStream } from './random.ts'
import type { LatencyModel } from './service-events.ts'

/** When things happen, and how latencies are distributed. */
export type Scenario = Capstone | Live

/**
 * So many requests and health checks of each service, all within one window, in virtual time. Latencies are normal with a standard
 * deviation of 0.3 x the base, at least 1 ms.
 */
export type Capstone = {
  readonly scenario: 'capstone'
  readonly startUs: number
  readonly windowUs: number
  readonly requests: number
  readonly checks: number
}

/** Requests as Poisson processes, health checks at even distances, now and then a fault. Latencies are log-normal. */
export type Live = {
  readonly scenario: 'live'
  readonly startUs: number
  /** Null: without an end. */
  readonly durationUs: number | null
  /** Multiplies the rate of every service. */
  readonly rate: number
  /** Null: no faults but those that are asked for. */
  readonly rhythm: FaultRhythm | null
}

export type ScenarioName = Scenario['scenario']
export const scenarioNames = ['capstone', 'live'] as const satisfies readonly ScenarioName[]

const second = 1_000_000
/** 2026-01-01T00:00:00Z: where virtual time begins when nothing else is said. */
export const virtualStartUs = 1_767_225_600 * second
export const eventsMax = 1_000_000

/** Some fault every two minutes or so among five services, the first after two minutes. */
const occasionally: FaultRhythm = {
  calmUs: 120 * second,
  gapUs: 600 * second,
  lengthUsMin: 30 * second,
  lengthUsMax: 90 * second,
}

export const capstone = (options: Partial<Omit<Capstone, 'scenario'>> = {}): Capstone => {
  const requests = options.requests ?? 200
  const scenario: Capstone = {
    scenario: 'capstone',
    startUs: options.startUs ?? virtualStartUs,
    windowUs: options.windowUs ?? 10 * second,
    requests,
    checks: options.checks ?? requests,
  }
  for (const [name, count] of [
    ['requests', scenario.requests],
    ['checks', scenario.checks],
  ] as const)
    if (!Number.isInteger(count) || count < 0 || count > eventsMax)
      throw new RangeError(`capstone: ${name} ${count} is not an integer of 0 to ${eventsMax}`)
  if (windowStartOf(scenario.startUs, scenario.windowUs) !== scenario.startUs)
    throw new RangeError(
      `capstone: ${scenario.startUs} us is not the start of a window of ${scenario.windowUs} us`,
    )
  return scenario
}

export const live = (options: Partial<Omit<Live, 'scenario'>> = {}): Live => {
  const scenario: Live = {
    scenario: 'live',
    startUs: options.startUs ?? virtualStartUs,
    durationUs: options.durationUs ?? null,
    rate: options.rate ?? 1,
    rhythm: options.rhythm === undefined ? occasionally : options.rhythm,
  }
  if (!(scenario.rate > 0 && scenario.rate <= 10_000))
    throw new RangeError(`live: rate ${scenario.rate} is not above 0 and up to 10000`)
  return scenario
}

/** First moment after the last event may happen; null: there is none. */
export const endOf = (scenario: Scenario): number | null =>
  scenario.scenario === 'capstone'
    ? scenario.startUs + scenario.windowUs
    : scenario.durationUs === null
      ? null
      : scenario.startUs + scenario.durationUs

export const latencyModelOf = (scenario: Scenario): LatencyModel =>
  scenario.scenario === 'capstone' ? normalLatency : logNormalLatency

const normalLatency: LatencyModel = (stream, { latencyUs }) =>
  Math.max(1000, Math.round(latencyUs * (1 + 0.3 * drawNormal(stream))))

const logNormalLatency: LatencyModel = (stream, { latencyUs, latencySigma }) =>
  Math.max(1, Math.round(drawLogNormal(stream, latencyUs, latencySigma)))

/** Times of a service's requests, ascending. */
export const requestTimes = (
  scenario: Scenario,
  seed: number,
  profile: ServiceProfile,
): Iterable<number> =>
  scenario.scenario === 'capstone'
    ? timesWithin(scenario, scenario.requests, seed, profile.service, 'request times')
    : poissonTimes(scenario, seed, profile)

/** Times of a service's health checks, ascending. */
export const checkTimes = (
  scenario: Scenario,
  seed: number,
  profile: ServiceProfile,
): Iterable<number> =>
  scenario.scenario === 'capstone'
    ? timesWithin(scenario, scenario.checks, seed, profile.service, 'check times')
    : evenTimes(scenario, seed, profile)

/** A Poisson process of which the number of arrivals is known: uniform and independent. */
const timesWithin = (
  { startUs, windowUs }: Capstone,
  count: number,
  seed: number,
  service: string,
  purpose: string,
): Iterable<number> => {
  const stream = randomStream(seed, service, purpose)
  return Float64Array.from({ length: count }, () => startUs + drawBelow(stream, windowUs)).sort()
}

function* poissonTimes(
  scenario: Live,
  seed: number,
  { service, requestsPerSecond }: ServiceProfile,
): Generator<number> {
  const stream = randomStream(seed, service, 'request times')
  const { startUs, durationUs, rate } = scenario
  const gapUs = second / (requestsPerSecond * rate)
  for (let elapsedUs = 0; ;) {
    elapsedUs += drawExponential(stream, gapUs)
    if (durationUs !== null && elapsedUs >= durationUs) return
    yield startUs + Math.floor(elapsedUs)
  }
}

function* evenTimes(
  { startUs, durationUs }: Live,
  seed: number,
  { service, checkEveryUs }: ServiceProfile,
): Generator<number> {
  if (checkEveryUs === null) return
  const phaseUs = drawBelow(randomStream(seed, service, 'check times'), checkEveryUs)
  for (
    let elapsedUs = phaseUs;
    durationUs === null || elapsedUs < durationUs;
    elapsedUs += checkEveryUs
  )
    yield startUs + elapsedUs
}
