import type { PublishableEvent } from '@tidemark/client'
import { decode } from '@tidemark/codec'
import {
  isFact,
  topicOfEvent,
  type Fact,
  type RecordRejected,
  type RequestBatch,
  type TidemarkEvent,
} from '@tidemark/model'
import { repeatableUuid } from '../repeatable-uuid.ts'
import { placeOf } from './choice.ts'
import type { Original } from './original.ts'

/** What can be done about a refused record: publish this event, or nothing, and why. */
export type Redriven =
  | { readonly kind: 'event'; readonly event: PublishableEvent | Fact; readonly events: number }
  | { readonly kind: 'refused'; readonly why: string }

/**
 * The refused events as one event to be published again, read by this version of the program. An event without an id gets one that
 * follows from where it stood, and a part of a batch a batch id of the same kind: whoever sends the same refusal twice sends a
 * repeat, which counts once.
 */
export const redriven = (rejection: RecordRejected, original: Original): Redriven => {
  if (original.kind === 'tombstone') return refused('there was no value')
  if (original.kind === 'gone')
    return refused('only the beginning of its value was kept, and the record itself is no longer')
  const decoded = decode(original.value)
  if (!decoded.ok) return refused(`${decoded.reason}: ${decoded.detail}`)
  const { event } = decoded
  if (!isPublishable(event) && !isFact(event))
    return refused(`${event.type}: only requests, health checks and facts are sent again`)
  if (topicOfEvent[event.type] !== rejection.cause.topic)
    return refused(`${event.type} is not for ${rejection.cause.topic}`)
  // A fact has an id, and says the same however often it is said.
  if (isFact(event)) return { kind: 'event', event, events: 1 }
  const id = repeatableUuid(`redriven ${placeOf(rejection)}`)
  if (event.type !== 'RequestBatch')
    return { kind: 'event', event: { ...event, id: event.id ?? id }, events: 1 }
  const { indexes } = rejection
  const part = indexes.length === 0 ? event : partOf(event, indexes, id)
  return { kind: 'event', event: part, events: part.deltaUs.length }
}

const refused = (why: string): Redriven => ({ kind: 'refused', why })

const isPublishable = (event: TidemarkEvent): event is PublishableEvent =>
  event.type === 'RequestObserved' ||
  event.type === 'RequestBatch' ||
  event.type === 'HealthChecked'

/** Only these events of a batch: the others were counted when it was read. */
const partOf = (batch: RequestBatch, indexes: readonly number[], batchId: string): RequestBatch => {
  const failed = new Set(batch.failures)
  const pick = (column: readonly number[]): number[] => indexes.map((index) => column[index]!)
  return {
    ...batch,
    batchId,
    deltaUs: pick(batch.deltaUs),
    latencyUs: pick(batch.latencyUs),
    status: pick(batch.status),
    operation: pick(batch.operation),
    failures: indexes.flatMap((index, i) => (failed.has(index) ? [i] : [])),
  }
}
