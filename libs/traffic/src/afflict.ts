import { invariant, unreachable } from '@tidemark/model'
import type { Fault } from './fault.ts'
import { failures } from './profile.ts'
import { drawChance, drawWeighted, randomStream, type RandomStream } from './random.ts'
import type { TrafficEvent } from './service-events.ts'

/** An event, and when its producer sends it: the moment that it happens, unless a fault says otherwise. */
export type SentEvent = { readonly sentUs: number; readonly event: TrafficEvent }

export type AfflictOptions = {
  readonly seed: number
  /** Random streams of faults are named by the time since here, so that traffic moved in time draws the same. */
  readonly startUs: number
  /** Names the events: requests or checks. */
  readonly purpose: string
}

/** Events that are sent later than they happened and wait for their turn, per service and kind. */
const delayedMax = 100_000

/**
 * Applies the faults (of the events' service, sorted by their beginning) to events sorted by their time; the result is sorted by
 * `sentUs`. Each fault draws from a stream of its own, so events outside of it stay what they were.
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

type ActiveFault = { readonly fault: Fault; readonly stream: RandomStream }

const activeFaults = (
  faults: Iterable<Fault>,
  { seed, startUs, purpose }: AfflictOptions,
): ((atUs: number) => readonly ActiveFault[]) => {
  const upcoming = faults[Symbol.iterator]()
  let next = upcoming.next()
  let active: readonly ActiveFault[] = []
  return (atUs) => {
    if (active.some(({ fault }) => fault.toUs <= atUs))
      active = active.filter(({ fault }) => fault.toUs > atUs)
    for (; next.done !== true && next.value.fromUs <= atUs; next = upcoming.next()) {
      const fault = next.value
      const name = `${purpose} under ${fault.fault} from ${fault.fromUs - startUs}`
      if (fault.toUs > atUs)
        active = [...active, { fault, stream: randomStream(seed, fault.service, name) }]
    }
    return active
  }
}

const suffered = (event: TrafficEvent, active: readonly ActiveFault[]): readonly SentEvent[] => {
  let sent: readonly SentEvent[] = [{ sentUs: event.atUs, event }]
  for (const one of active) sent = sent.flatMap((item) => suffer(item, one))
  return sent
}

const suffer = (sent: SentEvent, { fault, stream }: ActiveFault): readonly SentEvent[] => {
  const { event, sentUs } = sent
  switch (fault.fault) {
    case 'latency':
      return [{ sentUs, event: slowed(event, fault.times) }]
    case 'error-burst': {
      if (event.type !== 'RequestObserved' || !event.success) return [sent]
      return drawChance(stream, fault.errorPpm)
        ? [{ sentUs, event: failed(event, drawWeighted(stream, failures).status) }]
        : [sent]
    }
    case 'down':
      return [{ sentUs, event: failed(event, 504) }]
    case 'silent-producer':
      return []
    case 'clock-skew':
      return [{ sentUs, event: { ...event, atUs: Math.max(0, event.atUs + fault.skewUs) } }]
    case 'duplicates':
      return drawChance(stream, fault.sharePpm)
        ? [sent, { sentUs: sentUs + fault.againAfterUs, event }]
        : [sent]
    case 'late-events':
      return drawChance(stream, fault.sharePpm)
        ? [{ sentUs: sentUs + fault.delayUs, event }]
        : [sent]
    default:
      return unreachable(fault)
  }
}

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
