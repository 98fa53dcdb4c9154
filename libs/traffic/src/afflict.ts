import { invariant, unreachable, type RequestObserved } from '@tidemark/model'
import type { Fault, RetryStorm } from './fault.ts'
import { failures } from './profile.ts'
import { drawChance, drawUuid, drawWeighted, randomStream, type RandomStream } from './random.ts'
import type { TrafficEvent } from './service-events.ts'
import { slowdownBy, type NeighbourFault, type Surge } from './surge.ts'

/** An event, and when its producer sends it: the moment that it happens, unless a fault says otherwise. */
export type SentEvent = { readonly sentUs: number; readonly event: TrafficEvent }

export type AfflictOptions = {
  readonly seed: number
  /** Random streams of faults are named by the time since here, so that traffic moved in time draws the same. */
  readonly startUs: number
  /** Names the events: requests or checks. */
  readonly purpose: string
  /** What a neighbour gets in addition. */
  readonly surge: (fault: NeighbourFault) => Surge
}

/** Events that are sent later than they happened, or happen later, and wait for their turn, per service and kind. */
const delayedMax = 100_000

/**
 * Applies the faults (of the events' service, sorted by their beginning) to events sorted by their time; the result is sorted by
 * `sentUs`. Each fault draws from streams of its own, so events outside of it stay what they were.
 */
export function* afflict(
  events: Iterable<TrafficEvent>,
  faults: Iterable<Fault>,
  options: AfflictOptions,
): Generator<SentEvent> {
  const activeAt = activeFaults(faults, options)
  const delayed: SentEvent[] = []
  for (const event of events) {
    while (delayed.length > 0 && delayed[0]!.sentUs <= event.atUs) yield delayed.shift()!
    for (const sent of suffered(event, activeAt(event.atUs)))
      if (sent.sentUs <= event.atUs) yield sent
      else insertSorted(delayed, sent)
  }
  yield* delayed
}

/** What one fault makes of an event. */
type Affliction = { readonly toUs: number; readonly suffer: Suffer }
/** `atUs` is the moment that it happened, whatever other faults made of it; it never goes back. */
type Suffer = (sent: SentEvent, atUs: number) => readonly SentEvent[]

const activeFaults = (
  faults: Iterable<Fault>,
  options: AfflictOptions,
): ((atUs: number) => readonly Affliction[]) => {
  const upcoming = faults[Symbol.iterator]()
  let next = upcoming.next()
  let active: readonly Affliction[] = []
  return (atUs) => {
    if (active.some(({ toUs }) => toUs <= atUs)) active = active.filter(({ toUs }) => toUs > atUs)
    for (; next.done !== true && next.value.fromUs <= atUs; next = upcoming.next()) {
      const fault = next.value
      if (fault.toUs > atUs)
        active = [...active, { toUs: fault.toUs, suffer: sufferOf(fault, options) }]
    }
    return active
  }
}

const suffered = (event: TrafficEvent, active: readonly Affliction[]): readonly SentEvent[] => {
  let sent: readonly SentEvent[] = [{ sentUs: event.atUs, event }]
  for (const { suffer } of active) sent = sent.flatMap((one) => suffer(one, event.atUs))
  return sent
}

const sufferOf = (fault: Fault, { seed, startUs, purpose, surge }: AfflictOptions): Suffer => {
  const name = `${purpose} under ${fault.fault} from ${fault.fromUs - startUs}`
  const stream = randomStream(seed, fault.service, name)
  const changing =
    (change: (event: TrafficEvent, atUs: number) => TrafficEvent): Suffer =>
    ({ sentUs, event }, atUs) => [{ sentUs, event: change(event, atUs) }]
  switch (fault.fault) {
    case 'latency':
      return changing((event) => slowed(event, fault.times))
    case 'latency-creep': {
      const { fromUs, toUs, times } = fault
      const timesAt = (atUs: number): number =>
        1 + ((times - 1) * (atUs - fromUs)) / (toUs - fromUs)
      return changing((event, atUs) => slowed(event, timesAt(atUs)))
    }
    case 'error-burst':
      return changing((event) =>
        event.type === 'RequestObserved' && event.success && drawChance(stream, fault.errorPpm)
          ? failed(event, drawWeighted(stream, failures).status)
          : event,
      )
    case 'down':
      return changing((event) => failed(event, 504))
    case 'flapping': {
      const isDown = (atUs: number): boolean =>
        (atUs - fault.fromUs) % fault.periodUs < fault.downUs
      return changing((event, atUs) => (isDown(atUs) ? failed(event, 504) : event))
    }
    case 'retry-storm': {
      const ids = randomStream(seed, fault.service, `${name}: ids since ${startUs}`)
      return (sent) => retried(sent, fault, stream, ids)
    }
    case 'noisy-neighbour': {
      const timesAt = slowdownBy(surge(fault), fault.times)
      return changing((event, atUs) => slowed(event, timesAt(atUs)))
    }
    case 'silent-producer':
      return () => []
    case 'clock-skew':
      return changing((event) => ({ ...event, atUs: Math.max(0, event.atUs + fault.skewUs) }))
    case 'duplicates':
      return (sent) =>
        drawChance(stream, fault.sharePpm)
          ? [sent, { ...sent, sentUs: sent.sentUs + fault.againAfterUs }]
          : [sent]
    case 'late-events':
      return (sent) =>
        drawChance(stream, fault.sharePpm)
          ? [{ ...sent, sentUs: sent.sentUs + fault.delayUs }]
          : [sent]
    default:
      return unreachable(fault)
  }
}

/** A request and its retries, until one succeeds or nobody tries any more. A retry after the end of the fault succeeds. */
const retried = (
  sent: SentEvent,
  { toUs, errorPpm, retriesMax, backoffUs }: RetryStorm & { readonly toUs: number },
  stream: RandomStream,
  ids: RandomStream,
): readonly SentEvent[] => {
  const { event } = sent
  if (event.type !== 'RequestObserved' || !event.success) return [sent]
  const tries: SentEvent[] = []
  let waitedUs = 0
  for (let retries = 0; ; retries++) {
    const again = later(event, waitedUs, retries === 0 ? event.id : drawUuid(ids))
    const fails = again.atUs < toUs && drawChance(stream, errorPpm)
    tries.push({
      sentUs: sent.sentUs + waitedUs,
      event: fails ? failed(again, drawWeighted(stream, failures).status) : again,
    })
    if (!fails || retries === retriesMax) return tries
    waitedUs += Math.round(backoffUs * 2 ** retries * (1 + stream.unit()))
  }
}

const later = (
  event: RequestObserved,
  byUs: number,
  id: RequestObserved['id'],
): RequestObserved => ({
  ...event,
  id,
  atUs: event.atUs + byUs,
})

const slowed = (event: TrafficEvent, times: number): TrafficEvent => {
  switch (event.type) {
    case 'RequestObserved':
      return { ...event, latencyUs: Math.round(event.latencyUs * times) }
    case 'HealthChecked':
      return event.latencyUs === null
        ? event
        : { ...event, latencyUs: Math.round(event.latencyUs * times) }
    default:
      return unreachable(event)
  }
}

const failed = (event: TrafficEvent, status: number): TrafficEvent => {
  switch (event.type) {
    case 'RequestObserved':
      return { ...event, status, success: false }
    case 'HealthChecked':
      return { ...event, passed: false, latencyUs: null, reason: 'connection refused' }
    default:
      return unreachable(event)
  }
}

/** Behind everything that is sent at the same time or before. */
const insertSorted = (delayed: SentEvent[], sent: SentEvent): void => {
  invariant(
    delayed.length < delayedMax,
    `traffic: over ${delayedMax} events of ${sent.event.service} are delayed at once`,
  )
  let at = delayed.length
  while (at > 0 && delayed[at - 1]!.sentUs > sent.sentUs) at--
  delayed.splice(at, 0, sent)
}
