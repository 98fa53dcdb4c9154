import type { HealthChecked, RequestObserved } from '@tidemark/model'
import { drawLogNormal } from './distribution.ts'
import { failures, type ServiceProfile } from './profile.ts'
import { drawChance, drawUuid, drawWeighted, randomStream, type RandomStream } from './random.ts'

/** What producers send in simulated traffic. */
export type TrafficEvent = RequestObserved | HealthChecked

/** What the events of one service are drawn from. */
export type EventSource = {
  readonly seed: number
  /** Part of what ids are drawn from: two runs of one seed that overlap in a window must not look like repeats of each other. */
  readonly startUs: number
  readonly profile: ServiceProfile
}

/** Draws one latency of a service, in microseconds. */
export type LatencyModel = (stream: RandomStream, profile: ServiceProfile) => number

/** The requests of a service that nothing is wrong with, one at each of `timesUs`; `name` says which, and names their streams. */
export function* requestsAt(
  timesUs: Iterable<number>,
  name: string,
  { seed, startUs, profile }: EventSource,
  drawLatency: LatencyModel,
): Generator<RequestObserved> {
  const { service, operations, errorPpm } = profile
  const ids = randomStream(seed, service, `${name} ids from ${startUs}`)
  const latencies = randomStream(seed, service, `${name} latencies`)
  const outcomes = randomStream(seed, service, `${name} outcomes`)
  const choices = randomStream(seed, service, `${name} operations`)
  for (const atUs of timesUs) {
    const { operation, status } = drawWeighted(choices, operations)
    const success = !drawChance(outcomes, errorPpm)
    yield {
      type: 'RequestObserved',
      id: drawUuid(ids),
      service,
      operation,
      atUs,
      latencyUs: drawLatency(latencies, profile),
      status: success ? status : drawWeighted(outcomes, failures).status,
      success,
    }
  }
}

/** The health checks of a service, one at each of `timesUs`. */
export function* checksAt(
  timesUs: Iterable<number>,
  { seed, startUs, profile: { service, downPpm } }: EventSource,
): Generator<HealthChecked> {
  const ids = randomStream(seed, service, `check ids from ${startUs}`)
  const latencies = randomStream(seed, service, 'check latencies')
  const outcomes = randomStream(seed, service, 'check outcomes')
  for (const atUs of timesUs) {
    const passed = !drawChance(outcomes, downPpm)
    const latencyUs = Math.round(drawLogNormal(latencies, 3000, 0.3))
    yield {
      type: 'HealthChecked',
      id: drawUuid(ids),
      service,
      check: 'http',
      atUs,
      passed,
      latencyUs: passed ? latencyUs : null,
      reason: passed ? null : 'timeout',
    }
  }
}
