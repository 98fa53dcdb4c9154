import { compareUtf8, serviceNameFault } from '@tidemark/model'
import { afflict, type SentEvent } from './afflict.ts'
import { occasionalFaults, type Fault } from './fault.ts'
import { mergeSorted } from './merge.ts'
import { services as defaultServices, type ServiceProfile } from './profile.ts'
import { checkTimes, endOf, latencyModelOf, requestTimes, type Scenario } from './scenario.ts'
import { checksAt, requestsAt } from './service-events.ts'

/** Simulated traffic: the same for the same arguments, as often as it is walked, wherever it runs. */
export type Traffic = {
  readonly startUs: number
  /** Null: it never ends. Events that a fault delays are sent after it. */
  readonly endUs: number | null
  /** Sorted by `sentUs`, then by service. Drawn as they are taken; nothing is kept but what a fault delays. */
  readonly events: () => Iterable<SentEvent>
  /** What was wrong, sorted by its beginning: the truth track is made of it. Without an end where the traffic has none. */
  readonly faults: () => Iterable<Fault>
}

export type TrafficOptions = {
  readonly seed?: number
  readonly services?: readonly ServiceProfile[]
  /** In addition to those of the scenario. */
  readonly faults?: readonly Fault[]
}

export const defaultSeed = 42

/**
 * The traffic of a scenario. Every service draws from its own streams: services and faults that are added or left out change
 * nothing of the others.
 */
export const trafficOf = (scenario: Scenario, options: TrafficOptions = {}): Traffic => {
  const { seed = defaultSeed, services = defaultServices, faults = [] } = options
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new RangeError(`traffic: seed ${seed} is not an integer of 0 to 2^53 - 1`)
  const profiles = [...services].sort((a, b) => compareUtf8(a.service, b.service))
  requireServices(profiles, faults)
  const faultsOf = ({ service }: ServiceProfile): Iterable<Fault> =>
    faultTrack(scenario, seed, service, faults)
  return {
    startUs: scenario.startUs,
    endUs: endOf(scenario),
    events: () =>
      mergeSorted(
        profiles.flatMap((profile) => sourcesOf(scenario, seed, profile, faultsOf)),
        ({ sentUs }) => sentUs,
      ),
    faults: () => mergeSorted(profiles.map(faultsOf), ({ fromUs }) => fromUs),
  }
}

const requireServices = (profiles: readonly ServiceProfile[], faults: readonly Fault[]): void => {
  const names = new Set<string>()
  for (const { service } of profiles) {
    const fault = serviceNameFault(service)
    if (fault !== null) throw new RangeError(`traffic: ${fault}`)
    if (names.has(service)) throw new RangeError(`traffic: ${service} is there twice`)
    names.add(service)
  }
  for (const { service, fault, fromUs, toUs } of faults) {
    if (!names.has(service))
      throw new RangeError(`traffic: fault ${fault} names ${service}, which is not simulated`)
    if (!(fromUs < toUs))
      throw new RangeError(`traffic: fault ${fault} of ${service} ends before it begins`)
  }
}

const sourcesOf = (
  scenario: Scenario,
  seed: number,
  profile: ServiceProfile,
  faultsOf: (profile: ServiceProfile) => Iterable<Fault>,
): readonly Iterable<SentEvent>[] => {
  const { startUs } = scenario
  const source = { seed, startUs, profile }
  const times = requestTimes(scenario, seed, profile)
  const requests = requestsAt(times, source, latencyModelOf(scenario))
  const checks = checksAt(checkTimes(scenario, seed, profile), source)
  return [
    afflict(requests, faultsOf(profile), { seed, startUs, purpose: 'requests' }),
    afflict(checks, faultsOf(profile), { seed, startUs, purpose: 'checks' }),
  ]
}

function* faultTrack(
  scenario: Scenario,
  seed: number,
  service: string,
  faults: readonly Fault[],
): Generator<Fault> {
  const asked = faults
    .filter((fault) => fault.service === service)
    .sort((a, b) => a.fromUs - b.fromUs)
  const drawn =
    scenario.scenario === 'live' && scenario.rhythm !== null
      ? occasionalFaults(seed, service, scenario.startUs, scenario.rhythm)
      : []
  const endUs = endOf(scenario)
  for (const fault of mergeSorted<Fault>([asked, drawn], ({ fromUs }) => fromUs)) {
    if (endUs !== null && fault.fromUs >= endUs) return
    yield fault
  }
}
