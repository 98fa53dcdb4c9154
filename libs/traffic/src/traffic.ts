import { compareUtf8, serviceNameFault } from '@tidemark/model'
import { afflict, type SentEvent } from './afflict.ts'
import type { Fault } from './fault.ts'
import { mergeSorted } from './merge.ts'
import { occasionalFaults } from './occasional-faults.ts'
import { services as defaultServices, type ServiceProfile } from './profile.ts'
import { checkTimes, endOf, latencyModelOf, requestTimes, type Scenario } from './scenario.ts'
import { checksAt, requestsAt, type TrafficEvent } from './service-events.ts'
import { surgeOf, type NeighbourFault, type Surge } from './surge.ts'

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
  requireServices(profiles)
  for (const fault of faults) requireFault(fault, profiles)
  const drawing: Drawing = { scenario, seed, profiles, faults }
  return {
    startUs: scenario.startUs,
    endUs: endOf(scenario),
    events: () =>
      mergeSorted(
        profiles.flatMap((profile) => sourcesOf(profile, drawing)),
        ({ sentUs }) => sentUs,
      ),
    faults: () =>
      mergeSorted(
        profiles.map((profile) => faultTrack(profile, drawing)),
        ({ fromUs }) => fromUs,
      ),
  }
}

/** What the traffic is drawn from. */
type Drawing = {
  readonly scenario: Scenario
  readonly seed: number
  readonly profiles: readonly ServiceProfile[]
  readonly faults: readonly Fault[]
}

const requireServices = (profiles: readonly ServiceProfile[]): void => {
  const names = new Set<string>()
  for (const { service } of profiles) {
    const fault = serviceNameFault(service)
    if (fault !== null) throw new RangeError(`traffic: ${fault}`)
    if (names.has(service)) throw new RangeError(`traffic: ${service} is there twice`)
    names.add(service)
  }
}

const requireFault = (fault: Fault, profiles: readonly ServiceProfile[]): void => {
  const named = `fault ${fault.fault} of ${fault.service}`
  const isSimulated = (name: string): boolean => profiles.some(({ service }) => service === name)
  if (!isSimulated(fault.service))
    throw new RangeError(
      `traffic: fault ${fault.fault} names ${fault.service}, which is not simulated`,
    )
  if (!(fault.fromUs < fault.toUs)) throw new RangeError(`traffic: ${named} ends before it begins`)
  if (fault.fault === 'flapping' && !(fault.periodUs > 0))
    throw new RangeError(`traffic: ${named}: a period of ${fault.periodUs} us is not above 0`)
  if (fault.fault !== 'noisy-neighbour') return
  const { neighbour, surgeTimes } = fault
  if (!isSimulated(neighbour) || neighbour === fault.service)
    throw new RangeError(`traffic: ${named}: neighbour ${neighbour} is no other simulated service`)
  if (!(surgeTimes > 1))
    throw new RangeError(`traffic: ${named}: a surge of ${surgeTimes} times is not above 1`)
}

const sourcesOf = (profile: ServiceProfile, drawing: Drawing): readonly Iterable<SentEvent>[] => {
  const { scenario, seed } = drawing
  const { startUs } = scenario
  const source = { seed, startUs, profile }
  const drawLatency = latencyModelOf(scenario)
  const surge = (fault: NeighbourFault): Surge => surgeBeside(fault, drawing)
  const afflicted = (events: Iterable<TrafficEvent>, purpose: string): Iterable<SentEvent> =>
    afflict(events, faultTrack(profile, drawing), { seed, startUs, purpose, surge })
  const requests = requestsAt(requestTimes(scenario, seed, profile), 'request', source, drawLatency)
  const checks = checksAt(checkTimes(scenario, seed, profile), source)
  const surges = surgesOf(profile, drawing).map((fault) => {
    const name = `request beside ${fault.service} from ${fault.fromUs - startUs}`
    const more = requestsAt(surge(fault).timesUs(), name, source, drawLatency)
    return afflicted(more, name)
  })
  return [afflicted(requests, 'requests'), afflicted(checks, 'checks'), ...surges]
}

/** The faults in which the service is the noisy neighbour. */
const surgesOf = (
  { service }: ServiceProfile,
  { scenario, faults }: Drawing,
): readonly NeighbourFault[] => {
  const endUs = endOf(scenario) ?? Infinity
  return faults.filter(
    (fault): fault is NeighbourFault =>
      fault.fault === 'noisy-neighbour' && fault.neighbour === service && fault.fromUs < endUs,
  )
}

const surgeBeside = (fault: NeighbourFault, { scenario, seed, profiles }: Drawing): Surge => {
  const neighbour = profiles.find(({ service }) => service === fault.neighbour)!
  const rate = scenario.scenario === 'live' ? scenario.rate : 1
  const toUs = Math.min(fault.toUs, endOf(scenario) ?? Infinity)
  const perSecond = neighbour.requestsPerSecond * rate
  return surgeOf({ ...fault, toUs }, { seed, startUs: scenario.startUs, perSecond })
}

function* faultTrack(
  { service }: ServiceProfile,
  { scenario, seed, faults }: Drawing,
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
